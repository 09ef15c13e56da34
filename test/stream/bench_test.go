package stream_test

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// All of these run against a real server in this process, over the loopback
// interface, with every write synced (CAPACITY apart). One operation is one message.

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		for _, flying := range []int{1, 4} {
			b.Run(fmt.Sprintf("batch=%d/flying=%d", size, flying), func(b *testing.B) { benchAppend(b, size, flying) })
		}
	}
}

func benchAppend(b *testing.B, size, flying int) {
	l := open(b, startBroker(b).ClientURL(), stream.Options{InFlight: flying})
	ctx := b.Context()
	a := l.Appender(0)
	at, _, err := a.Append(ctx, []*nats.Msg{message(epochSubject, "bench")}).Wait(ctx)
	must(b, err)
	a.Fence(epochSubject, at)
	batch := benchBatch(size)
	b.ResetTimer()
	var last *stream.Pending
	for sent := 0; sent < b.N; sent += size {
		last = a.Append(ctx, batch)
	}
	_, _, err = last.Wait(ctx)
	must(b, err)
	perSecond(b)
}

// benchBatch has messages of 256 bytes, about the size of a command.
func benchBatch(size int) []*nats.Msg {
	var batch []*nats.Msg
	for range size {
		batch = append(batch, message("fairlead.placements.cluster.eu-1.command.place", string(make([]byte, 256))))
	}
	return batch
}

func perSecond(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkLibraryBatch is the library's own way, for comparison: one batch at a
// time, its first message answered too.
func BenchmarkLibraryBatch(b *testing.B) {
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			broker := startBroker(b)
			open(b, broker.ClientURL(), stream.Options{})
			js := jetStream(b, connect(b, broker.ClientURL()))
			batch := benchBatch(size)
			b.ResetTimer()
			for sent := 0; sent < b.N; sent += size {
				for _, m := range batch {
					m.Reply = ""
				}
				_, err := jetstreamext.PublishMsgBatch(b.Context(), js, batch)
				must(b, err)
			}
			perSecond(b)
		})
	}
}

// BenchmarkPublishAll is what many submit together.
func BenchmarkPublishAll(b *testing.B) {
	for _, size := range []int{10, 100, 500, 2000} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			l := open(b, startBroker(b).ClientURL(), stream.Options{})
			sent := 0
			b.ResetTimer()
			for ; sent < b.N; sent += size {
				_, err := l.PublishAll(b.Context(), cordons(fmt.Sprint(sent, "-"), size))
				must(b, err)
			}
			b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func BenchmarkPublish(b *testing.B) {
	l := open(b, startBroker(b).ClientURL(), stream.Options{})
	for i := 0; b.Loop(); i++ {
		_, err := l.Publish(b.Context(), cordon(fmt.Sprint(i)))
		must(b, err)
	}
	perSecond(b)
}

func BenchmarkPublishAsync(b *testing.B) {
	capacity := func(i int) event.Event {
		e := event.New("/clusters/eu-1/agent", &event.ClusterCapacityReported{
			Cluster: "eu-1", Incarnation: 1, Report: uint64(i) + 1, Orchestrator: "sim", Kinds: []event.Kind{"service"},
			Shapes: []event.NodeShape{},
		})
		e.ID = fmt.Sprint(i)
		return e
	}
	for name, make := range map[string]func(int) event.Event{
		"INTENTS": func(i int) event.Event { return cordon(fmt.Sprint(i)) }, "CAPACITY": capacity,
	} {
		b.Run(name, func(b *testing.B) {
			l := open(b, startBroker(b).ClientURL(), stream.Options{})
			var all []*stream.Pending
			for i := 0; b.Loop(); i++ {
				p, err := l.PublishAsync(b.Context(), make(i))
				must(b, err)
				all = append(all, p)
			}
			for _, p := range all {
				_, _, err := p.Wait(b.Context())
				must(b, err)
			}
			perSecond(b)
		})
	}
}

// BenchmarkRead reads 100 000 records of 256 bytes.
func BenchmarkRead(b *testing.B) {
	const records = 100_000
	l := open(b, startBroker(b).ClientURL(), stream.Options{})
	a := l.Appender(0)
	for range records / 1000 {
		_, _, err := a.Append(b.Context(), benchBatch(1000)).Wait(b.Context())
		must(b, err)
	}
	for b.Loop() {
		r, err := l.Read(b.Context(), event.Placements, 1)
		must(b, err)
		for read := 0; read < records; {
			batch, err := r.Next(b.Context())
			must(b, err)
			read += len(batch)
		}
		r.Close()
	}
	b.ReportMetric(float64(b.N)*records/b.Elapsed().Seconds(), "messages/s")
}

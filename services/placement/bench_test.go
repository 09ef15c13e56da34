package placement

import (
	"fmt"
	"io"
	"log/slog"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// BenchmarkWorkload takes one workload from its message in INTENTS to its decision and
// commands as messages, as the leader does, without the log.
func BenchmarkWorkload(b *testing.B) {
	for _, clusters := range []int{32, 1000} {
		b.Run(fmt.Sprintf("clusters=%d", clusters), func(b *testing.B) { benchmarkWorkload(b, clusters) })
	}
}

func benchmarkWorkload(b *testing.B, clusters int) {
	l := benchmarkLoop(b, clusters)
	intents := l.read[event.Intents]
	b.ReportAllocs()
	for b.Loop() {
		intents++
		got, dead := sift(event.Intents, hear([]stream.Message{submission(b, intents)}, nil))
		if len(dead) > 0 {
			b.Fatal(dead[0].why)
		}
		drain(b, l, got)
	}
	if want := intents - uint64(clusters); l.notes.decided != want {
		b.Errorf("%d decisions, want %d", l.notes.decided, want)
	}
}

// drain steps, encodes what is to be appended, and says that it is in the log.
func drain(b *testing.B, l *loop, in input) {
	var orders []*batch
	for {
		out := l.step(in)
		orders = append(orders, out.appends...)
		switch {
		case out.more:
			in = goOn{}
		case len(orders) == 0:
			return
		default:
			if _, err := orders[0].messages(); err != nil {
				b.Fatal(err)
			}
			in, orders = appended{batch: orders[0]}, orders[1:]
		}
	}
}

// benchmarkLoop is a leader over clusters that were answered and have room.
func benchmarkLoop(b *testing.B, clusters int) *loop {
	cfg := Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}.Defaults()
	mem := stream.NewMemory(stream.MemoryConfig{})
	h, me := elect(b, mem, cfg)
	l := newLoop(cfg, h, me, nil)
	for i := range clusters {
		at := event.At{Stream: event.Intents, Sequence: uint64(i) + 1}
		hello := event.Event{ID: "hello", Data: &event.AgentStarted{Cluster: benchmarkCluster(i), Instance: "b"}, At: at}
		drain(b, l, facts{stream: event.Intents, events: []fact{{Event: hello}}, through: at.Sequence})
	}
	for i := range clusters {
		at := event.At{Stream: event.Capacity, Sequence: uint64(i) + 1}
		report := event.Event{ID: "report", Data: benchmarkReport(i), At: at}
		drain(b, l, facts{stream: event.Capacity, events: []fact{{Event: report}}, through: at.Sequence})
	}
	return l
}

func benchmarkCluster(i int) event.ClusterID { return event.ClusterID(fmt.Sprintf("c%d", i)) }

func benchmarkReport(i int) *event.ClusterCapacityReported {
	d := &event.ClusterCapacityReported{
		Cluster: benchmarkCluster(i), Incarnation: uint64(i) + 1, Report: 1, Orchestrator: "b",
		Kinds: []event.Kind{event.KindService},
	}
	for s := range 4 {
		nodes, cpu, memory := 100_000+1000*((i+s)%7), int64(16_000)<<(s%2), int64(64<<30)<<(s%2)
		d.Shapes = append(d.Shapes, event.NodeShape{
			Name: fmt.Sprintf("shape-%d", s), Arch: "amd64", Nodes: nodes, CPUMilli: cpu, MemoryBytes: memory,
			Free: []event.FreeNodes{{Nodes: nodes, CPUMilli: cpu, MemoryBytes: memory}},
		})
	}
	return d
}

// submission is a message of INTENTS.
func submission(b testing.TB, sequence uint64) stream.Message {
	class := int64(sequence % 16)
	e := event.New(event.SubmitterSource("shop", "bench"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: event.WorkloadName(fmt.Sprintf("w%d", sequence)), Kind: event.KindService, Replicas: 1 + int(sequence%3),
		Template: event.Template{
			Image: "registry.example/shop/web:1.4.2", Architectures: []string{"amd64"},
			Resources: event.Resources{CPUMilli: 100 + 50*class, MemoryBytes: 128<<20 + class*(32<<20)},
		},
	})
	e.ID = submissionID(sequence)
	msg, err := event.Encode(e)
	if err != nil {
		b.Fatal(err)
	}
	return stream.Message{Subject: msg.Subject, Header: msg.Header, Data: msg.Data, At: event.At{Stream: event.Intents, Sequence: sequence}}
}

func submissionID(sequence uint64) string { return fmt.Sprintf("submit-%d", sequence) }

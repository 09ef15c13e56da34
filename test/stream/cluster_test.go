package stream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/pkg/stream/streamtest"
	"fairlead.dev/test/harness"
)

// startCluster runs three servers that know each other.
func startCluster(t *testing.T) []*server.Server {
	t.Helper()
	all, err := harness.ServeCluster(t.TempDir(), t.TempDir(), t.TempDir())
	for _, s := range all {
		t.Cleanup(func() { harness.End(s) })
	}
	must(t, err)
	return all
}

func clusterURL(all []*server.Server) string {
	var urls []string
	for _, s := range all {
		urls = append(urls, s.ClientURL())
	}
	return strings.Join(urls, ",")
}

// TestReplicatedLogKeepsTheContract holds a log of three replicas to the contract,
// and in the end takes the server away that leads the placements.
func TestReplicatedLogKeepsTheContract(t *testing.T) {
	all := startCluster(t)
	o := contractOptions
	o.Replicas, o.Agree = 3, time.Second
	js := jetStream(t, connect(t, clusterURL(all)))
	fresh := func(t *testing.T) streamtest.Subject {
		h := hands{t, js}
		eventually(t, "the streams are made anew", func() error { return anew(t, js, o) })
		l, err := stream.Open(t.Context(), connect(t, clusterURL(all)), o)
		must(t, err)
		return streamtest.Subject{Log: l, Purge: h.purge, Damage: h.damage, Store: h.store,
			Deaf: func(answers int) streamtest.Log { return deaf(t, all[0].Addr().String(), answers) },
			Recreate: func(s event.Stream) {
				must(t, js.DeleteStream(t.Context(), string(s)))
				_, err := stream.Setup(t.Context(), js, o)
				must(t, err)
			}}
	}
	streamtest.Run(t, fresh)
	t.Run("a leader is lost", func(t *testing.T) { loseLeader(t, all, js, fresh(t)) })
}

func anew(t *testing.T, js jetstream.JetStream, o stream.Options) error {
	names := js.StreamNames(t.Context())
	for name := range names.Name() {
		if err := js.DeleteStream(t.Context(), name); err != nil {
			return err
		}
	}
	if err := names.Err(); err != nil {
		return err
	}
	_, err := stream.Setup(t.Context(), js, o)
	return err
}

// loseLeader stops the server that leads PLACEMENTS while a writer appends. The
// writer reads the tail and goes on; every batch is there once and whole.
func loseLeader(t *testing.T, all []*server.Server, js jetstream.JetStream, s streamtest.Subject) {
	ctx := soon(t)
	found, err := js.Stream(ctx, string(event.Placements))
	must(t, err)
	leader := found.CachedInfo().Cluster.Leader
	a, last := s.Appender(0), uint64(0)
	for i := 0; i < 40; {
		if i == 20 {
			stopNamed(all, leader)
			leader = ""
		}
		_, end, err := a.Append(ctx, namedBatch(fmt.Sprint("b", i), 10)).Wait(ctx)
		if err == nil {
			last = end
			i++
			continue
		}
		if errors.As(err, new(*stream.Refused)) {
			t.Logf("refused while there is no leader: %v", err)
		}
		var tail []stream.Message
		eventually(t, "the tail is read", func() error {
			tail, err = s.Tail(ctx, event.Placements, last+1)
			return err
		})
		if len(tail) > 0 { // our own batch, whose answer was lost
			last += uint64(len(tail))
			i++
		}
		a = s.Appender(last)
	}
	k := &killing{}
	k.checkAll(t, mustTail(t, s))
	if k.stored != 40 {
		t.Fatalf("%d batches are stored, want 40", k.stored)
	}
}

func stopNamed(all []*server.Server, name string) {
	for _, s := range all {
		if s.Name() == name {
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
}

func mustTail(t *testing.T, s streamtest.Subject) []stream.Message {
	t.Helper()
	tail, err := s.Tail(soon(t), event.Placements, 1)
	must(t, err)
	return tail
}

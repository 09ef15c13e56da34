package logtail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"github.com/nats-io/nats.go"
)

// begin is the time at which the first record of a test is stored.
var begin = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// recording is a log whose records are stored a second apart.
type recording struct {
	*stream.Memory
	t   *testing.T
	now time.Time
}

func record(t *testing.T) *recording {
	r := &recording{t: t, now: begin}
	r.Memory = stream.NewMemory(stream.MemoryConfig{Now: func() time.Time { return r.now }})
	return r
}

func (r *recording) add(p event.Payload, source string) {
	r.t.Helper()
	e := event.New(source, p)
	e.ID = fmt.Sprint(r.now.Unix())
	if _, err := r.Publish(r.t.Context(), e); err != nil {
		r.t.Fatal(err)
	}
	r.now = r.now.Add(time.Second)
}

func (r *recording) cordon(c event.ClusterID) {
	r.t.Helper()
	r.add(&event.ClusterCordoned{Cluster: c}, event.OperatorSource("test"))
}

func (r *recording) rejected(c event.ClusterID) {
	r.t.Helper()
	r.add(&event.CommandRejected{Cluster: c, Tenant: "shop", Workload: "web", Incarnation: 1, Number: 1, Reason: event.RejectReasonCapacity}, event.AgentSource(c))
}

// stored is the question that `tail` puts to the server.
func (r *recording) stored(ctx context.Context, s event.Stream, seq uint64) (time.Time, error) {
	records, err := r.Tail(ctx, s, seq)
	if err != nil {
		return time.Time{}, err
	}
	return records[0].At.Stored, nil
}

func (r *recording) since(ago time.Duration) func(context.Context, event.Stream) (uint64, error) {
	return Since(r.now.Add(-ago), r.Memory, r.stored)
}

// label is an item in a few words.
func label(i Item) string {
	switch {
	case i.Gap != nil:
		return fmt.Sprintf("gap %s %d-%d", i.Gap.Stream, i.Gap.From, i.Gap.To)
	case i.Invalid != nil:
		return fmt.Sprintf("%s %d: %s", i.Invalid.At.Stream, i.Invalid.At.Sequence, i.Invalid.Reason)
	}
	return fmt.Sprintf("%s %d %s", i.Event.At.Stream, i.Event.At.Sequence, i.Event.Data.ScopeName())
}

// all runs to the end of what is stored.
func (r *recording) all(c Config) []string {
	r.t.Helper()
	var got []string
	c.Log, c.Show = r.Memory, func(i Item) error {
		got = append(got, label(i))
		return nil
	}
	if err := Run(r.t.Context(), c); err != nil {
		r.t.Fatal(err)
	}
	return got
}

func TestHistory(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*recording)
		filter  Filter
		ago     time.Duration // 0 begins now
		want    []string
	}{
		"streams are merged by time": {
			prepare: func(r *recording) { r.cordon("a"); r.rejected("b"); r.cordon("c"); r.rejected("d") },
			ago:     time.Hour,
			want:    []string{"INTENTS 1 a", "STATUS 1 b", "INTENTS 2 c", "STATUS 2 d"},
		},
		"only the last two seconds": {
			prepare: func(r *recording) { r.cordon("a"); r.rejected("b"); r.cordon("c"); r.rejected("d") },
			ago:     2 * time.Second,
			want:    []string{"INTENTS 2 c", "STATUS 2 d"},
		},
		"from now on there is nothing": {
			prepare: func(r *recording) { r.cordon("a") },
		},
		"filtered": {
			prepare: func(r *recording) { r.cordon("a"); r.cordon("b"); r.rejected("b") },
			filter:  Filter{Cluster: "b"}, ago: time.Hour,
			want: []string{"INTENTS 2 b", "STATUS 1 b"},
		},
		"what is gone from the time asked for is told": {
			prepare: func(r *recording) { r.cordon("a"); r.cordon("b"); r.cordon("c"); r.Purge(event.Intents, 2) },
			ago:     time.Hour,
			want:    []string{"gap INTENTS 1-2", "INTENTS 3 c"},
		},
		"what is gone from before is not": {
			prepare: func(r *recording) { r.cordon("a"); r.cordon("b"); r.cordon("c"); r.Purge(event.Intents, 1) },
			ago:     time.Second,
			want:    []string{"INTENTS 3 c"},
		},
		"a stream that is all gone shows nothing": {
			prepare: func(r *recording) { r.cordon("a"); r.rejected("b"); r.Purge(event.Intents, 1) },
			ago:     time.Hour,
			want:    []string{"STATUS 1 b"},
		},
		"what cannot be read is told": {
			prepare: func(r *recording) {
				junk := &nats.Msg{Subject: "fairlead.intents.tenant.shop.workload.submitted", Data: []byte("junk")}
				if err := r.Store(r.t.Context(), junk); err != nil {
					r.t.Fatal(err)
				}
				r.cordon("a")
			},
			ago:  time.Hour,
			want: []string{"INTENTS 1: " + event.NotAnEvent, "INTENTS 2 a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t)
			c.prepare(r)
			run := Config{Filter: c.filter}
			if c.ago > 0 {
				run.From = r.since(c.ago)
			}
			if got := r.all(run); !slices.Equal(got, c.want) {
				t.Errorf("shown: %q, want %q", got, c.want)
			}
		})
	}
}

// Following goes on with what is stored later, until the context ends.
func TestFollow(t *testing.T) {
	r := record(t)
	r.cordon("before")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	shown := make(chan string)
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{Log: r.Memory, Filter: Filter{Pattern: "cluster.*"}, Follow: true,
			From: func(context.Context, event.Stream) (uint64, error) { return 1, nil },
			Show: func(i Item) error { shown <- label(i); return nil }})
	}()
	for _, want := range []string{"INTENTS 1 before", "INTENTS 2 after"} {
		if got := <-shown; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
		if want == "INTENTS 1 before" {
			r.cordon("after")
		}
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// A reader that fell behind retention says so and goes on.
func TestFollowMeetsAGap(t *testing.T) {
	r := record(t)
	r.cordon("a")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	shown := make(chan string)
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{Log: r.Memory, Filter: Filter{Types: []string{"cluster.cordoned"}}, Follow: true,
			From: func(context.Context, event.Stream) (uint64, error) { return 1, nil },
			Show: func(i Item) error { shown <- label(i); return nil }})
	}()
	if got := <-shown; got != "INTENTS 1 a" {
		t.Errorf("shown %q first", got)
	}
	r.Purge(event.Intents, 7) // moves the end, as if 2 to 7 had come and gone
	r.cordon("b")
	for _, want := range []string{"gap INTENTS 2-7", "INTENTS 8 b"} {
		if got := <-shown; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
	stop()
	<-ended
}

// What Show says ends it, and so does a log that fails.
func TestRunEndsWithTheCause(t *testing.T) {
	r := record(t)
	r.cordon("a")
	full := errors.New("the disk is full")
	err := Run(t.Context(), Config{Log: r.Memory, Follow: true, From: r.since(time.Hour), Show: func(Item) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("ended with %v", err)
	}
	r.Inject(func(op stream.Op) stream.Fault {
		if op.Kind == stream.OpRead {
			return stream.Fail
		}
		return stream.NoFault
	})
	err = Run(t.Context(), Config{Log: r.Memory, Follow: true, From: r.since(time.Hour), Show: func(Item) error { return nil }})
	if !errors.Is(err, stream.ErrInjected) {
		t.Errorf("ended with %v", err)
	}
}

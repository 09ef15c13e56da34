package agenttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// patience is how long the suite waits for what should come soon.
const patience = 30 * time.Second

// bench is one case: a cluster, an adapter on it and the workload of the case.
type bench struct {
	t     *testing.T
	ctx   context.Context
	suite Suite
	c     Cluster
	o     agent.Orchestrator
	w     event.WorkloadID
}

func newBench(t *testing.T, s Suite) *bench {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(cancel)
	c := s.New(t)
	return &bench{t: t, ctx: ctx, suite: s, c: c, o: c.Orchestrator(t), w: event.WorkloadID{Tenant: "shop", Name: "checkout"}}
}

// desired is the sample with a token and replicas, debited from no shape in particular.
func (b *bench) desired(token uint64, replicas, sample int) agent.Desired {
	d := b.suite.Sample(b.w, sample)
	d.Workload, d.Token, d.Replicas, d.Generation = b.w, token, replicas, 100+token
	d.Hash = agent.Hash(d)
	return d
}

func (b *bench) restart() { b.o = b.c.Orchestrator(b.t) }

func (b *bench) tryApply(d agent.Desired) error {
	return b.persist(func() error { return b.o.Apply(b.ctx, d) })
}

func (b *bench) apply(d agent.Desired) {
	b.t.Helper()
	if err := b.tryApply(d); err != nil {
		b.t.Fatalf("apply %d replicas with token %d: %v", d.Replicas, d.Token, err)
	}
}

func (b *bench) withdraw(token uint64) {
	b.t.Helper()
	w := agent.Withdrawal{Workload: b.w, Token: token}
	if err := b.persist(func() error { return b.o.Withdraw(b.ctx, w) }); err != nil {
		b.t.Fatalf("withdraw with token %d: %v", token, err)
	}
}

// persist tries again what the contract allows to fail for a while.
func (b *bench) persist(do func() error) error {
	var last error
	final := func(err error) bool {
		return err == nil || errors.Is(err, agent.ErrStale) || errors.As(err, new(*agent.Rejection))
	}
	_ = poll(b.ctx, func() error {
		if last = do(); final(last) {
			return nil
		}
		return last
	})
	return last
}

// applyKilled applies with a context that ends while it runs, at a moment that differs
// from token to token.
func (b *bench) applyKilled(d agent.Desired) {
	ctx, cancel := context.WithTimeout(b.ctx, time.Duration(d.Token-1)*500*time.Microsecond)
	defer cancel()
	_ = b.o.Apply(ctx, d) // whether it took effect is what an agent cannot know either
}

// view observes until the view is complete.
func (b *bench) view() agent.View {
	b.t.Helper()
	var v agent.View
	b.eventually("a complete view", func() (err error) {
		if v, err = b.o.Observe(b.ctx); err == nil && !v.Complete {
			err = errors.New("the view is not complete")
		}
		return err
	})
	return v
}

// look gives the workload's object as observed; nil if there is none.
func (b *bench) look() *agent.Object {
	b.t.Helper()
	v := b.view()
	if !slices.IsSortedFunc(v.Objects, func(a, o agent.Object) int { return a.Workload.Compare(o.Workload) }) {
		b.t.Error("objects are not in order of their workloads")
	}
	for i := range v.Objects {
		if v.Objects[i].Workload == b.w {
			return &v.Objects[i]
		}
	}
	return nil
}

// object waits until the view shows what is stored, as a cache may lag.
func (b *bench) object() agent.Object {
	b.t.Helper()
	stored := b.stored()
	var o *agent.Object
	b.wantObject(fmt.Sprintf("show token %d and %d replicas", stored.Token, stored.Replicas), func(seen *agent.Object) bool {
		o = seen
		return o != nil && o.Token == stored.Token && o.Wanted == stored.Replicas
	})
	return *o
}

func (b *bench) stored() Stored {
	b.t.Helper()
	all := b.c.Stored(b.t)
	if len(all) != 1 || all[0].Workload != b.w {
		b.t.Fatalf("stored %+v, want one object, of %s", all, b.w)
	}
	return all[0]
}

func (b *bench) wantStored(token uint64, replicas int) {
	b.t.Helper()
	if s := b.stored(); s.Token != token || s.Replicas != replicas {
		b.t.Errorf("stored %+v, want token %d and %d replicas", s, token, replicas)
	}
}

func (b *bench) wantNone() {
	b.t.Helper()
	if all := b.c.Stored(b.t); len(all) != 0 {
		b.t.Errorf("stored %+v, want nothing", all)
	}
}

func (b *bench) wantStale(do func() error, what string) {
	b.t.Helper()
	err := b.persist(do)
	if !errors.Is(err, agent.ErrStale) {
		b.t.Errorf("%s: error %v, want ErrStale", what, err)
	}
}

func (b *bench) wantRejected(err error, reason event.RejectReason) {
	b.t.Helper()
	var r *agent.Rejection
	if !errors.As(err, &r) || r.Reason != reason {
		b.t.Errorf("error %v, want a rejection for %s", err, reason)
		return
	}
	if r.Message == "" {
		b.t.Error("the rejection has no words")
	}
}

func (b *bench) wantObject(what string, ok func(*agent.Object) bool) {
	b.t.Helper()
	b.eventually("the view to "+what, func() error {
		if o := b.look(); !ok(o) {
			return fmt.Errorf("observed %+v", o)
		}
		return nil
	})
}

// watch gives a channel that gets a word when there was a hint.
func (b *bench) watch() (hints chan struct{}, end func()) {
	ctx, cancel := context.WithCancel(b.ctx)
	hints = make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.o.Watch(ctx, func() {
			select {
			case hints <- struct{}{}:
			default:
			}
		})
	}()
	return hints, func() {
		cancel()
		<-done
	}
}

func (b *bench) eventually(what string, check func() error) {
	b.t.Helper()
	if err := poll(b.ctx, check); err != nil {
		b.t.Fatalf("waited %s for %s: %v", patience, what, err)
	}
}

// poll repeats a check until it passes or patience ends, and gives its last error.
func poll(ctx context.Context, check func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

func bound(o agent.Object) int {
	n := 0
	for _, use := range o.Bound {
		n += use.Replicas
	}
	return n
}

func freeCPU(v agent.View) int64 {
	var sum int64
	for _, s := range v.Shapes {
		for _, f := range s.Free {
			sum += int64(f.Nodes) * f.CPUMilli
		}
	}
	return sum
}

// checkShapes refuses a view that promises more than its nodes have.
func checkShapes(t *testing.T, shapes []event.NodeShape) {
	t.Helper()
	names := map[string]bool{}
	for _, s := range shapes {
		if s.Name == "" || names[s.Name] {
			t.Errorf("shape %q is not named, or twice", s.Name)
		}
		names[s.Name] = true
		nodes := 0
		for _, f := range s.Free {
			nodes += f.Nodes
			checkFree(t, s, f)
		}
		if nodes != s.Nodes {
			t.Errorf("shape %s has %d nodes but %d in its free groups", s.Name, s.Nodes, nodes)
		}
	}
}

func checkFree(t *testing.T, s event.NodeShape, f event.FreeNodes) {
	t.Helper()
	if f.CPUMilli < 0 || f.CPUMilli > s.CPUMilli || f.MemoryBytes < 0 || f.MemoryBytes > s.MemoryBytes {
		t.Errorf("shape %s: free %+v is not within its size %+v", s.Name, f, s)
	}
	if len(f.GPUs) > s.GPUs || !slices.IsSortedFunc(f.GPUs, func(a, b int) int { return b - a }) {
		t.Errorf("shape %s: devices %v are more than %d or not the largest first", s.Name, f.GPUs, s.GPUs)
	}
	for _, milli := range f.GPUs {
		if milli < 0 || milli > room.Device {
			t.Errorf("shape %s: a device with %d thousandths free", s.Name, milli)
		}
	}
	for name, units := range f.Extended {
		if units < 0 || units > s.Extended[name] {
			t.Errorf("shape %s: %d of %d %s free", s.Name, units, s.Extended[name], name)
		}
	}
}

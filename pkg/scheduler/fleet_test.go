package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// fleet is a log, a leader and simulated clusters in one goroutine: enough to
// drive the core as the real services do, step by step.
type fleet struct {
	tb        failer
	cfg       Config
	s         *State
	log       []event.Event // in the order of Apply
	heads     map[event.Stream]uint64
	clock     int64 // store time, ms
	clusters  map[event.ClusterID]*simCluster
	order     []event.ClusterID
	evicted   map[int64]int       // by second
	replays   bool                // check that every decision comes out of a rebuilt state
	law       func(event.Payload) // checked on every record before it is applied; nil: none
	unchecked bool                // benchmarks: nothing is compared
	scans     bool                // the index is, all the same
	moved     map[int64]int       // by minute
	standby   standby
}

// simCluster keeps what an agent would: nodes, desired state, numbers.
type simCluster struct {
	rep         event.ClusterCapacityReported // facts and empty nodes
	incarnation uint64
	report      uint64
	settled     uint64 // last number settled
	synced      bool
	through     uint64
	inbox       []event.Payload
	objects     map[event.WorkloadID]*event.CommandPlace
	nodes       []*simNode
	replicas    []simReplica
	overdrawn   string
	mentioned   map[event.WorkloadID]bool // by the present synchronisation
	foreign     bool                      // others took room that no report had told of
	refuse      map[event.WorkloadID]bool
	limits      map[event.WorkloadID]limit
	dead        bool                        // nothing is heard of it; what it runs goes on
	leased      bool                        // lost for so long that leases ended what it ran
	ending      map[event.WorkloadID]ending // taken away, but not gone before the cluster says so
	last        map[event.WorkloadID]uint64 // last command of this incarnation by workload
	rejected    map[event.WorkloadID]bool   // that one was
	refused     []uint64                    // numbers that were, of this incarnation: its reports name them
	muffled     bool                        // its rejections are read late
	unheard     []event.Payload             // those
}

const start = 1_700_000_000_000

func newFleet(tb failer) *fleet {
	f := &fleet{tb: tb, cfg: DefaultConfig(), heads: map[event.Stream]uint64{}, clusters: map[event.ClusterID]*simCluster{}, clock: start, replays: true, evicted: map[int64]int{}, moved: map[int64]int{}}
	if rt, ok := tb.(*rapid.T); ok {
		f.tb = &witness{rt, f}
	}
	f.s = New(f.cfg)
	f.append(&event.EpochStarted{Epoch: 1, Leader: "test", Engine: Engine, Streams: map[string]string{"INTENTS": "a"}})
	f.tick(1)
	return f
}

// at gives a payload its place in the log.
func (f *fleet) at(stream event.Stream, p event.Payload) event.Event {
	f.heads[stream]++
	return event.Event{Data: p, At: event.At{Stream: stream, Sequence: f.heads[stream], Stored: time.UnixMilli(f.clock)}}
}

func (f *fleet) fact(stream event.Stream, p event.Payload) uint64 {
	f.tb.Helper()
	if err := p.Validate(); err != nil {
		f.tb.Fatalf("invalid %s: %v", p.EventType(), err)
	}
	e := f.at(stream, p)
	f.log = append(f.log, e)
	f.s.Apply(e)
	f.standby.follow(f, e)
	return e.At.Sequence
}

// append records what the leader decided.
func (f *fleet) append(p event.Payload) {
	f.tb.Helper()
	if err := p.Validate(); err != nil {
		f.tb.Fatalf("invalid record %s: %v\n%+v", p.EventType(), err, p)
	}
	e := f.at(event.Placements, p)
	f.careful(p)
	if f.law != nil {
		f.law(p)
	}
	f.log = append(f.log, e)
	f.s.Apply(e)
	f.standby.follow(f, e)
	f.deliver(p)
}

func (f *fleet) deliver(p event.Payload) {
	switch p.(type) {
	case *event.ClusterLost:
		sc := f.clusters[event.ClusterID(p.ScopeName())]
		sc.leased = sc.rep.Leased
	case *event.CommandPlace, *event.CommandWithdraw, *event.CommandSynchronise:
		if sc := f.clusters[event.ClusterID(p.ScopeName())]; sc != nil {
			sc.inbox = append(sc.inbox, p)
		}
	}
}

// decide runs the leader until nothing is to be done and gives what it recorded.
func (f *fleet) decide() []event.Payload {
	f.tb.Helper()
	out := f.record()
	f.check()
	return out
}

// record is decide without looking closely at the state.
func (f *fleet) record() []event.Payload {
	f.tb.Helper()
	var out []event.Payload
	for range 100_000 {
		f.mustEqualScan()
		p := f.s.Decide()
		f.standby.mustDecide(f, p)
		if p == nil {
			return out
		}
		out = append(out, p)
		f.append(p)
	}
	f.tb.Fatal("the leader never comes to rest")
	return nil
}

// mustEqualScan compares what the index gives for the next workload with a look at
// every cluster.
func (f *fleet) mustEqualScan() {
	w := f.s.head()
	if f.unchecked && !f.scans || w == nil || w.withdrawn {
		return
	}
	f.s.prepare(w.query)
	seats := func(cands []*candidate) string {
		var b strings.Builder
		ok := divide(&w.spec.Policy, w.spec.Replicas, cands).ok
		for _, c := range cands {
			if c.seats > 0 {
				fmt.Fprintf(&b, "%s=%d(%d) ", c.c.id, c.seats, c.score)
			}
		}
		return fmt.Sprintf("%v %s", ok, &b)
	}
	quick := f.s.quick(w, w.query)
	if quick == nil {
		return
	}
	if got, want := seats(quick), seats(f.s.candidates(w, w.query)); got != want {
		f.tb.Fatalf("the index divides %s as %s, a look at all clusters as %s", w.id, got, want)
	}
}

// check holds after every step: the snapshot restores to the same state, and so
// does a fold of the whole log; what was decided comes out again.
func (f *fleet) check() {
	f.tb.Helper()
	if f.unchecked {
		return
	}
	want := f.s.Digest()
	restored, err := Restore(f.cfg, f.s.Snapshot())
	if err != nil {
		f.tb.Fatal(err)
	}
	if restored.Digest() != want {
		f.tb.Fatalf("snapshot does not restore:\n%s\n%s", f.s.Snapshot(), restored.Snapshot())
	}
	if p := restored.Decide(); p != nil {
		f.tb.Fatalf("a restored state would decide what the live one does not: %T %+v", p, p)
	}
	for _, c := range f.s.clusters.sorted {
		if c.room == nil || restored.clusters.byName[c.id].report == nil {
			continue
		}
		if got, want := groupsOf(restored.clusters.byName[c.id].freeRoom()), groupsOf(c.room); got != want {
			f.tb.Fatalf("room of %s differs after a restore:\n%s\n%s", c.id, got, want)
		}
	}
	if !f.replays {
		return
	}
	folded := New(f.cfg)
	for _, e := range f.log {
		if d, ok := e.Data.(*event.PlacementDecided); ok {
			again := folded.Decide()
			if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", d) {
				f.tb.Fatalf("replay differs:\n%+v\n%+v", again, d)
			}
		}
		folded.Apply(e)
	}
	if folded.Digest() != want {
		f.tb.Fatal("a fold of the log gives another state")
	}
}

func groupsOf(r *free) string {
	var b strings.Builder
	for _, sh := range r.shapes {
		fmt.Fprintf(&b, "%s %v", sh.shape.Name, sh.overdrawn)
		for _, g := range sh.groups {
			fmt.Fprintf(&b, " %d×%+v", g.count, g.node.free)
		}
		b.WriteByte('\n')
	}
	return b.String() + fmt.Sprintf("%+v of %+v", r.left, r.all)
}

func (f *fleet) tick(n int) {
	for range n {
		f.clock += 1000
		if p := f.s.Tick(time.UnixMilli(f.clock)); p != nil {
			f.append(p)
		}
	}
}

// join starts the agent of a cluster (again).
func (f *fleet) hello(id event.ClusterID) {
	sc := f.clusters[id]
	sc.incarnation = f.fact(event.Intents, &event.AgentStarted{Cluster: id, Instance: "sim"})
	sc.report, sc.synced, sc.inbox, sc.last, sc.rejected = 0, false, nil, map[event.WorkloadID]uint64{}, map[event.WorkloadID]bool{}
	sc.refused = nil
}

// hear reads the rejections that were late.
func (f *fleet) hear(id event.ClusterID) {
	sc := f.clusters[id]
	for _, p := range sc.unheard {
		f.fact(event.Status, p)
	}
	sc.unheard, sc.muffled = nil, false
}

// settle lets the cluster carry out its commands up to limit (0: all).
func (f *fleet) settle(id event.ClusterID, limit uint64) {
	sc := f.clusters[id]
	for len(sc.inbox) > 0 && !sc.dead {
		p := sc.inbox[0]
		if n := commandNumber(p); limit > 0 && n > limit {
			return
		}
		sc.inbox = sc.inbox[1:]
		f.carryOut(id, sc, p)
	}
}

func commandNumber(p event.Payload) uint64 {
	switch d := p.(type) {
	case *event.CommandPlace:
		return d.Number
	case *event.CommandWithdraw:
		return d.Number
	}
	return 0
}

func (f *fleet) carryOut(id event.ClusterID, sc *simCluster, p event.Payload) {
	switch d := p.(type) {
	case *event.CommandSynchronise:
		if d.Incarnation == sc.incarnation {
			sc.synced, sc.settled, sc.through = true, d.First-1, d.Through
			sc.mentioned = map[event.WorkloadID]bool{}
			sc.endOfSync()
		}
	case *event.CommandPlace:
		if d.Incarnation != sc.incarnation || !sc.synced {
			return
		}
		f.inOrder(id, sc, d.Number)
		w := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
		sc.last[w], sc.mentioned[w] = d.Number, true
		sc.rejected[w] = sc.refuse[w] || sc.foreign && !sc.takes(w, d)
		if !sc.rejected[w] {
			sc.apply(w, d)
		}
		sc.endOfSync()
		if sc.rejected[w] { // what ran before goes on
			f.reject(id, sc, d)
		}
	case *event.CommandWithdraw:
		if d.Incarnation != sc.incarnation || !sc.synced {
			return
		}
		f.inOrder(id, sc, d.Number)
		w := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
		sc.last[w], sc.rejected[w] = d.Number, false
		sc.remove(w)
	}
}

func (f *fleet) reject(id event.ClusterID, sc *simCluster, d *event.CommandPlace) {
	sc.refused = append(sc.refused, d.Number)
	if sc.muffled {
		sc.unheard = append(sc.unheard, sc.rejection(id, d))
		return
	}
	f.fact(event.Status, sc.rejection(id, d))
}

func (f *fleet) inOrder(id event.ClusterID, sc *simCluster, number uint64) {
	if number != sc.settled+1 {
		f.tb.Fatalf("%s: command %d after %d", id, number, sc.settled)
	}
	sc.settled = number
}

func (f *fleet) report(id event.ClusterID) {
	sc := f.clusters[id]
	if sc.dead || !sc.synced || sc.settled < sc.through {
		return // nothing is reported before the end of a synchronisation
	}
	sc.report++
	rep := sc.rep
	rep.Incarnation, rep.Report, rep.AppliedThrough = sc.incarnation, sc.report, sc.settled
	rep.Shapes, rep.Rejected = sc.free(), slices.Clone(sc.refused)
	f.fact(event.Capacity, &rep)
}

// status tells that n replicas are ready; -1 means all.
func (f *fleet) status(id event.ClusterID, w event.WorkloadID, n int) {
	sc := f.clusters[id]
	o := sc.objects[w]
	if sc.dead || !sc.synced {
		return
	}
	if o == nil {
		f.gone(id, w)
		return
	}
	delete(sc.ending, w)
	if n < 0 {
		n = o.Replicas
	}
	n, unschedulable := sc.limited(w, o, n)
	f.fact(event.Status, &event.WorkloadStatusReported{
		Cluster: id, Incarnation: sc.incarnation, Report: sc.report, Tenant: w.Tenant, Workload: w.Name,
		Generation: o.Generation, Token: o.Number, Wanted: o.Replicas, Ready: n, Pending: o.Replicas - n, Unschedulable: unschedulable,
		Last: sc.settlement(w),
	})
}

// settlement is how the last command of a workload ended.
func (sc *simCluster) settlement(w event.WorkloadID) *event.Settled {
	switch {
	case sc.last[w] == 0:
		return nil
	case sc.rejected[w]:
		return &event.Settled{Number: sc.last[w], Outcome: event.OutcomeRejected}
	}
	return &event.Settled{Number: sc.last[w], Outcome: event.OutcomeApplied}
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// failer is what the harness needs of a test: testing.T and rapid.T have it.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

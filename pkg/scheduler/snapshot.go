package scheduler

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"github.com/go-json-experiment/json"
)

// snapshotFormat changes when a snapshot means something else, or when Apply makes
// another state of the same events.
const snapshotFormat = 1

// snapshot is the state as bytes: everything that decisions can depend on, in a
// fixed order, and nothing that can be derived.
type snapshot struct {
	Format    int                    `json:"format"`
	Position  uint64                 `json:"position"`
	Positions event.Positions        `json:"positions"`
	Observed  int64                  `json:"observed"`
	Stored    int64                  `json:"stored"`
	Epoch     uint64                 `json:"epoch"`
	Rules     *event.Rules           `json:"rules,omitempty"`
	Streams   map[string]string      `json:"streams,omitempty"`
	Owed      []owedCommand          `json:"owed,omitempty"`
	Paused    bool                   `json:"paused,omitempty"`
	Evicted   budget                 `json:"evicted,omitzero"`
	Moved     budget                 `json:"moved,omitzero"`
	Look      look                   `json:"look,omitzero"`
	Lull      int64                  `json:"lull,omitempty"`
	Settings  settingsSnapshot       `json:"settings"`
	Demand    demand                 `json:"demand,omitzero"`
	Steering  *event.SteeringPlanned `json:"steering,omitempty"`
	Capacity  event.Resources        `json:"capacity,omitzero"`
	Chosen    event.WorkloadID       `json:"chosen,omitzero"`
	Clusters  []clusterSnapshot      `json:"clusters,omitempty"`
	Workloads []workloadSnapshot     `json:"workloads,omitempty"`
}

type clusterSnapshot struct {
	ID        event.ClusterID                `json:"id"`
	Hello     uint64                         `json:"hello,omitempty"`
	Cordoned  bool                           `json:"cordoned,omitempty"`
	Draining  bool                           `json:"draining,omitempty"`
	Left      bool                           `json:"left,omitempty"`
	Synced    uint64                         `json:"synced,omitempty"`
	First     uint64                         `json:"first,omitempty"`
	Next      uint64                         `json:"next"`
	Suspected bool                           `json:"suspected,omitempty"`
	Lost      bool                           `json:"lost,omitempty"`
	Back      int64                          `json:"back,omitempty"`
	Tainted   []tainted                      `json:"tainted,omitempty"`
	Heard     bool                           `json:"heard,omitempty"`
	Seen      int64                          `json:"seen,omitempty"`
	Surprises surprises                      `json:"surprises,omitzero"`
	Report    *event.ClusterCapacityReported `json:"report,omitempty"`
	Pending   []toldSnapshot                 `json:"pending,omitempty"`
	Marks     map[string]mark                `json:"marks,omitempty"`
	Seats     []seatSnapshot                 `json:"seats,omitempty"`
}

type seatSnapshot struct {
	Tenant    event.Tenant                  `json:"tenant"`
	Workload  event.WorkloadName            `json:"workload"`
	Settled   []toldSnapshot                `json:"settled,omitempty"`
	Confirmed uint64                        `json:"confirmed,omitempty"`
	Status    *event.WorkloadStatusReported `json:"status,omitempty"`
	Awaits    uint64                        `json:"awaits,omitempty"`
	Released  bool                          `json:"released,omitempty"`
	Stuck     int64                         `json:"stuck,omitempty"`
	Resync    *resyncSnapshot               `json:"resync,omitempty"`
}

type toldSnapshot struct {
	Number     uint64             `json:"number"`
	Workload   event.WorkloadName `json:"workload"`
	Tenant     event.Tenant       `json:"tenant"`
	Generation uint64             `json:"generation"`
	Replicas   int                `json:"replicas"`
	Shapes     []event.ShapeUse   `json:"shapes,omitempty"`
	Request    event.Resources    `json:"request"`
	Class      string             `json:"class,omitempty"`
	Rejected   bool               `json:"rejected,omitempty"`
	Superseded bool               `json:"superseded,omitempty"`
	At         int64              `json:"at,omitempty"`
	Ready      bool               `json:"ready,omitempty"`
	Noted      bool               `json:"noted,omitempty"`
	Implied    bool               `json:"implied,omitempty"`
}

type workloadSnapshot struct {
	Name        event.WorkloadName       `json:"name"`
	Spec        *event.WorkloadSubmitted `json:"spec"`
	Generation  uint64                   `json:"generation"`
	Withdrawn   bool                     `json:"withdrawn,omitempty"`
	Older       []olderWish              `json:"older,omitempty"`
	Decision    uint64                   `json:"decision,omitempty"`
	DecidedGen  uint64                   `json:"decidedGeneration,omitempty"`
	Verdict     event.Verdict            `json:"verdict,omitempty"`
	Replicas    int                      `json:"replicas,omitempty"`
	Assignments []event.Assignment       `json:"assignments,omitempty"`
	Refusals    []event.Refusal          `json:"refusals,omitempty"`
	Reason      string                   `json:"reason,omitempty"`
	Attempt     int                      `json:"attempt,omitempty"`
	NotBefore   int64                    `json:"notBefore,omitempty"`
	Cause       event.Cause              `json:"cause,omitempty"`
	Home        []homeSeat               `json:"home,omitempty"`
	Age         uint64                   `json:"age,omitempty"` // where it is not the generation
	Good        uint64                   `json:"good,omitempty"`
	RolledBack  uint64                   `json:"rolledBack,omitempty"`
	Strikes     int                      `json:"strikes,omitempty"`
	Unfilled    int                      `json:"unfilled,omitempty"`
	Rolling     bool                     `json:"rolling,omitempty"`
	Since       int64                    `json:"since,omitempty"`
	Charge      *charge                  `json:"charge,omitempty"`
	Former      *formerWish              `json:"former,omitempty"`
	RefusedPlan *RefusedPlan             `json:"refusedPlan,omitempty"`
	TryAt       int64                    `json:"tryAt,omitempty"`
	Tries       int                      `json:"tries,omitempty"`
	Claim       *claim                   `json:"claim,omitempty"`
	Claims      int                      `json:"claims,omitempty"`
	Completed   bool                     `json:"completed,omitempty"`
}

// Snapshot gives the state as bytes: equal states, equal bytes.
func (s *State) Snapshot() []byte {
	snap := snapshot{
		Format: snapshotFormat, Position: s.position, Positions: s.positions, Observed: s.observed, Stored: s.stored,
		Epoch: s.epoch, Streams: s.streams, Owed: s.owed, Settings: s.settings.snapshot(), Demand: s.demand, Steering: s.steer.snapshot(),
		Paused: s.paused, Evicted: s.evicted, Moved: s.moved, Look: s.look, Lull: s.lull,
		Capacity: s.capacity, Chosen: s.chosen, Rules: s.rules(),
	}
	for _, c := range s.clusters.sorted {
		snap.Clusters = append(snap.Clusters, c.snapshot())
	}
	for _, id := range s.workloadIDs() {
		snap.Workloads = append(snap.Workloads, s.workloads[id].snapshot())
	}
	out, err := json.Marshal(snap, json.Deterministic(true))
	if err != nil {
		panic("scheduler: state cannot be written: " + err.Error()) // every field is plain data that was read from JSON
	}
	return out
}

// Digest is the SHA-256 of the snapshot.
func (s *State) Digest() [32]byte { return sha256.Sum256(s.Snapshot()) }

// workloadIDs names every workload, in order; not to be changed.
func (s *State) workloadIDs() []event.WorkloadID {
	if s.names == nil {
		s.names = slices.SortedFunc(maps.Keys(s.workloads), event.WorkloadID.Compare)
	}
	return s.names
}

func (c *cluster) snapshot() clusterSnapshot {
	out := clusterSnapshot{
		ID: c.id, Hello: c.hello, Cordoned: c.cordoned, Draining: c.draining, Left: c.left,
		Synced: c.synced, First: c.first, Next: c.next, Suspected: c.suspected, Heard: c.heard, Seen: c.seen, Surprises: c.surprises,
		Report: c.report, Marks: c.marks, Lost: c.lost, Back: c.back, Tainted: c.tainted,
	}
	for _, t := range c.pending {
		out.Pending = append(out.Pending, t.snapshot())
	}
	for _, w := range c.seated() {
		out.Seats = append(out.Seats, w.on(c).snapshot())
	}
	return out
}

func (st *seat) snapshot() seatSnapshot {
	id := st.w.id
	trouble := of(st.trouble)
	out := seatSnapshot{Tenant: id.Tenant, Workload: id.Name, Confirmed: st.confirmed, Status: st.reported(), Awaits: trouble.awaits, Released: trouble.released, Stuck: trouble.stuck, Resync: trouble.resync.snapshot()}
	for t := st.base(); t != nil; t = t.before {
		out.Settled = append(out.Settled, t.snapshot())
	}
	slices.Reverse(out.Settled)
	return out
}

func (t *told) snapshot() toldSnapshot {
	id := t.seat.w.id
	return toldSnapshot{
		Number: t.Number, Workload: id.Name, Tenant: id.Tenant, Generation: t.Generation, Replicas: t.held(), Shapes: t.footprint.shapes(),
		Request: t.class.request, Class: t.class.key, At: t.At,
		Rejected: t.is(rejected), Superseded: t.is(superseded), Ready: t.is(wasReady), Noted: t.is(noted), Implied: t.implied(),
	}
}

func (w *workload) snapshot() workloadSnapshot {
	w.prune()
	said, past, efforts := of(w.remarks), of(w.past), of(w.efforts)
	out := workloadSnapshot{
		Name: w.id.Name, Spec: w.spec, Generation: w.generation, Withdrawn: w.withdrawn, Decision: w.decision, DecidedGen: w.decidedGen,
		Verdict: w.verdict, Replicas: int(w.replicas), Assignments: w.assignments(), Cause: w.cause,
		Unfilled: int(w.unfilled), Rolling: w.rolling, Since: w.since, Charge: w.charge, Completed: w.completed, Good: w.good,
		Refusals: said.refusals, Reason: said.reason, Attempt: said.attempt, NotBefore: said.notBefore,
		Older: past.older, Former: past.former, RefusedPlan: past.refusedPlan, Home: past.home, RolledBack: past.rolledBack, Strikes: past.strikes,
		TryAt: efforts.tryAt, Tries: efforts.tries, Claim: efforts.claim, Claims: efforts.claims,
	}
	if w.age != w.generation {
		out.Age = w.age
	}
	return out
}

// Restore makes a state from a snapshot. What an epoch said goes before cfg. It fails on
// bytes that are no snapshot of this format. Another engine may have written it: what was
// decided is state, and an upgrade must not need the log from its beginning.
func Restore(cfg Config, data []byte) (*State, error) {
	var snap snapshot
	if err := json.UnmarshalRead(bytes.NewReader(data), &snap); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	if snap.Format != snapshotFormat {
		return nil, fmt.Errorf("snapshot has format %d, this program reads %d: rebuild from the log", snap.Format, snapshotFormat)
	}
	s := New(cfg)
	s.ruleBy(snap.Rules)
	s.position, s.positions, s.observed, s.stored = snap.Position, snap.Positions, snap.Observed, snap.Stored
	s.epoch, s.owed, s.settings, s.capacity = snap.Epoch, snap.Owed, snap.Settings.restore(), snap.Capacity
	s.paused, s.evicted, s.moved, s.look = snap.Paused, snap.Evicted, snap.Moved, snap.Look
	s.lull = snap.Lull
	s.known.prices, s.known.now, s.known.lull = s.prices, s.observed, s.lull
	s.demand = snap.Demand
	s.steer.begin(snap.Steering)
	s.known.setMix(&s.demand)
	if snap.Streams != nil {
		s.streams = snap.Streams
	}
	for i := range snap.Workloads {
		s.restoreWorkload(&snap.Workloads[i])
	}
	for i := range snap.Clusters {
		s.restoreCluster(&snap.Clusters[i])
	}
	s.openBooks()
	s.chosen = snap.Chosen
	for _, id := range s.workloadIDs() {
		if w := s.workloads[id]; w.claimed() != nil {
			s.claim(w, s.clusters.get(w.claimed().Cluster))
		}
	}
	s.maintain(true)
	slices.SortFunc(s.ages, compareAges)
	s.requeue()
	return s, nil
}

func (s *State) restoreWorkload(in *workloadSnapshot) {
	w := &workload{
		id:   event.WorkloadID{Tenant: in.Spec.Tenant, Name: in.Name},
		spec: s.known.wish(in.Spec), generation: in.Generation, withdrawn: in.Withdrawn, decision: in.Decision,
		decidedGen: in.DecidedGen, verdict: in.Verdict, replicas: count(in.Replicas), portions: s.portions(&event.PlacementDecided{Assignments: in.Assignments}), cause: in.Cause,
		unfilled: count(in.Unfilled), rolling: in.Rolling, since: in.Since, charge: in.Charge, completed: in.Completed,
		age: cmp.Or(in.Age, in.Generation), good: in.Good,
		remarks: remarksOf(&event.PlacementDecided{Refusals: in.Refusals, Reason: in.Reason, NotBefore: in.NotBefore, Attempt: in.Attempt}),
	}
	if p := (past{in.Older, in.Former, in.RefusedPlan, in.Home, in.RolledBack, in.Strikes}); !p.empty() {
		w.past = &p
	}
	if e := (efforts{in.TryAt, in.Tries, in.Claim, in.Claims}); e != (efforts{}) {
		w.efforts = &e
	}
	w.query = s.known.query(w, w.spec)
	s.ask(w, 1)
	s.classify(w)
	for i, o := range in.Older {
		w.past.older[i].Spec = s.known.wish(o.Spec)
	}
	s.workloads[w.id], s.names = w, nil
	s.ages = append(s.ages, aged{w.age, w})
	s.enlist(w)
}

func (s *State) restoreCluster(in *clusterSnapshot) {
	c := s.clusters.get(in.ID)
	c.hello, c.cordoned, c.draining, c.left = in.Hello, in.Cordoned, in.Draining, in.Left
	c.synced, c.first, c.next, c.suspected, c.heard, c.seen = in.Synced, in.First, in.Next, in.Suspected, in.Heard, in.Seen
	c.report = in.Report
	c.lost, c.back, c.tainted, c.surprises = in.Lost, in.Back, in.Tainted, in.Surprises
	if in.Marks != nil {
		c.marks = in.Marks
	}
	for i := range in.Seats {
		s.restoreSeat(c, &in.Seats[i])
	}
	for i := range in.Pending {
		told := &in.Pending[i]
		if st := s.seatOf(event.WorkloadID{Tenant: told.Tenant, Name: told.Workload}, c); st != nil {
			c.pending = append(c.pending, s.restoreTold(st, told))
		}
	}
}

func (s *State) restoreSeat(c *cluster, in *seatSnapshot) {
	w := s.workloads[event.WorkloadID{Tenant: in.Tenant, Name: in.Workload}]
	if w == nil {
		return
	}
	st := w.join(c)
	st.confirmed = in.Confirmed
	if t := (trouble{awaits: in.Awaits, stuck: in.Stuck, released: in.Released}); t != (trouble{}) {
		st.trouble = &t
	}
	if in.Status != nil {
		st.status = statusOf(in.Status)
	}
	for i := range in.Settled {
		s.restoreTold(st, &in.Settled[i]).mark(settled)
	}
	s.restoreResync(st, in.Resync)
}

func (s *State) restoreTold(st *seat, in *toldSnapshot) *told {
	t := s.restoredTold(st, in)
	st.add(t)
	return t
}

func (s *State) restoredTold(st *seat, in *toldSnapshot) *told {
	t := &told{
		seat:  st,
		class: s.known.named(in.Class, in.Request), Number: in.Number, Generation: in.Generation, At: in.At,
		replicas: count(in.Replicas), footprint: s.known.footprint(in.Shapes),
	}
	for _, m := range []struct {
		is   bool
		mark toldMarks
	}{{in.Rejected, rejected}, {in.Superseded, superseded}, {in.Ready, wasReady}, {in.Noted, noted}} {
		if m.is {
			t.mark(m.mark)
		}
	}
	if in.Implied {
		t.class = noClass
	}
	return t
}

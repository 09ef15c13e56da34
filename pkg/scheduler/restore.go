package scheduler

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"fairlead.dev/pkg/event"
)

// snapshotReader takes a snapshot up row by row.
type snapshotReader struct {
	s       *State
	wishes  []*event.WorkloadSubmitted
	classes []*class
	left    int // rows of workloads and clusters that must follow
}

// Restore makes a state from a snapshot. What an epoch said goes before cfg. It fails on
// bytes that are no snapshot of this format. Another engine may have written it: what was
// decided is state, and an upgrade must not need the log from its beginning.
func Restore(cfg Config, data []byte) (*State, error) {
	text, rest, _ := bytes.Cut(data, []byte("\n"))
	var first row
	if err := json.Unmarshal(text, &first); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	if first.Head == nil {
		return nil, errors.New("read snapshot: it has no head")
	}
	if first.Head.Format != snapshotFormat {
		return nil, fmt.Errorf("snapshot has format %d, this program reads %d: rebuild from the log", first.Head.Format, snapshotFormat)
	}
	r := &snapshotReader{s: New(cfg)}
	r.head(first.Head)
	if err := r.rows(rest); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	r.finish(first.Head)
	return r.s, nil
}

func (r *snapshotReader) head(in *headSnapshot) {
	s := r.s
	s.ruleBy(in.Rules)
	s.position, s.positions, s.observed, s.stored = in.Position, in.Positions, in.Observed, in.Stored
	s.epoch, s.owed, s.settings, s.capacity = in.Epoch, in.Owed, in.Settings.restore(), in.Capacity
	s.paused, s.calm, s.evicted, s.moved, s.look = in.Paused, in.Calm, in.Evicted, in.Moved, in.Look
	s.lull = in.Lull
	s.known.prices, s.known.now, s.known.lull = s.prices, s.observed, s.lull
	s.demand = in.Demand
	s.steer.begin(in.Steering)
	s.known.setMix(&s.demand)
	if in.Streams != nil {
		s.streams = in.Streams
	}
	for _, id := range in.Clusters {
		s.clusters.get(id)
	}
	r.left = in.Workloads + len(in.Clusters)
}

// rows takes up what follows the head. A snapshot that is cut short has too few.
func (r *snapshotReader) rows(data []byte) error {
	for text := range bytes.Lines(data) {
		var next row
		if err := json.Unmarshal(text, &next); err != nil {
			return err
		}
		if err := r.row(&next); err != nil {
			return err
		}
	}
	if r.left != 0 {
		return fmt.Errorf("%d rows are missing", r.left)
	}
	return nil
}

func (r *snapshotReader) row(in *row) error {
	switch {
	case in.Wish != nil:
		r.wishes = append(r.wishes, r.s.known.wish(in.Wish, maxWishes))
	case in.Class != nil:
		r.classes = append(r.classes, r.s.known.named(in.Class.Key, in.Class.Request))
	case in.Workload != nil:
		r.left--
		return r.workload(in.Workload)
	case in.Cluster != nil:
		r.left--
		return r.cluster(in.Cluster)
	}
	return nil
}

// finish derives what no snapshot holds.
func (r *snapshotReader) finish(in *headSnapshot) {
	s := r.s
	s.openBooks()
	s.chosen = in.Chosen
	for _, id := range s.workloadIDs() {
		if w := s.workloads[id]; w.claimed() != nil {
			s.claim(w, s.clusters.get(w.claimed().Cluster))
		}
	}
	s.maintain(true)
	slices.SortFunc(s.ages, compareAges)
	s.requeue()
}

func (r *snapshotReader) workload(in *workloadSnapshot) error {
	if in.Wish < 1 || in.Wish > len(r.wishes) {
		return fmt.Errorf("workload %s names wish %d of %d", in.Name, in.Wish, len(r.wishes))
	}
	s, spec := r.s, r.wishes[in.Wish-1]
	w := &workload{
		id:   event.WorkloadID{Tenant: spec.Tenant, Name: in.Name},
		spec: spec, generation: in.Generation, withdrawn: in.Withdrawn, decision: in.Decision,
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
	if ch := w.charge; ch != nil && sameResources(ch.Request, w.query.class.request) {
		w.charge = s.known.charge(chargeKey{w.query.class, ch.Replicas, ch.Price})
	}
	s.ask(w, 1)
	s.classify(w)
	for i, o := range in.Older {
		w.past.older[i].Spec = s.known.wish(o.Spec, maxWishes)
	}
	s.workloads[w.id], s.names = w, nil
	s.ages = append(s.ages, aged{w.age, w})
	s.enlist(w)
	return nil
}

func (r *snapshotReader) cluster(in *clusterSnapshot) error {
	s := r.s
	c := s.clusters.get(in.ID)
	c.hello, c.cordoned, c.draining, c.left = in.Hello, in.Cordoned, in.Draining, in.Left
	c.synced, c.first, c.next, c.suspected, c.heard, c.seen = in.Synced, in.First, in.Next, in.Suspected, in.Heard, in.Seen
	if c.report = in.Report; c.report != nil {
		c.speaker = c.report.Incarnation
	}
	c.lost, c.back, c.tainted, c.surprises = in.Lost, in.Back, in.Tainted, in.Surprises
	if in.Marks != nil {
		c.marks = in.Marks
	}
	for i := range in.Seats {
		if err := r.seat(c, &in.Seats[i]); err != nil {
			return err
		}
	}
	for i := range in.Pending {
		told := &in.Pending[i]
		st := s.seatOf(event.WorkloadID{Tenant: told.Tenant, Name: told.Workload}, c)
		if st == nil {
			return fmt.Errorf("cluster %s was told of %s/%s, which has no seat there", c.id, told.Tenant, told.Workload)
		}
		t, err := r.told(st, told)
		if err != nil {
			return err
		}
		st.add(t)
		c.pending = append(c.pending, t)
	}
	return nil
}

func (r *snapshotReader) seat(c *cluster, in *seatSnapshot) error {
	w := r.s.workloads[event.WorkloadID{Tenant: in.Tenant, Name: in.Workload}]
	if w == nil {
		return fmt.Errorf("cluster %s has a seat of %s/%s, which is not known", c.id, in.Tenant, in.Workload)
	}
	st := w.join(c)
	st.confirmed = in.Confirmed
	if t := (trouble{awaits: in.Awaits, stuck: in.Stuck, released: in.Released}); t != (trouble{}) {
		st.trouble = &t
	}
	if in.Status != nil {
		st.status = in.Status.status()
	}
	for i := range in.Settled {
		t, err := r.told(st, &in.Settled[i])
		if err != nil {
			return err
		}
		t.mark(settled)
		st.add(t)
	}
	return r.resync(st, in.Resync)
}

func (in *statusSnapshot) status() status {
	out := status{
		incarnation: in.Incarnation, report: in.Report, generation: in.Generation, token: in.Token,
		wanted: in.Wanted, ready: in.Ready, pending: in.Pending, succeeded: in.Succeeded, failed: in.Failed, unschedulable: in.Unschedulable,
		settled: in.Settled, outcome: codeOf(in.Outcome),
	}
	if in.Why != "" || len(in.Reasons) > 0 {
		out.words = &statusWords{in.Reasons, in.Why}
	}
	return out
}

func (r *snapshotReader) told(st *seat, in *toldSnapshot) (*told, error) {
	if in.Class < 0 || in.Class > len(r.classes) {
		return nil, fmt.Errorf("command %d of %s names class %d of %d", in.Number, st.c.id, in.Class, len(r.classes))
	}
	t := &told{
		seat: st, class: noClass, Number: in.Number, Generation: in.Generation, At: in.At,
		replicas: count(in.Replicas), footprint: r.s.known.footprint(in.Shapes),
	}
	for _, m := range []struct {
		is   bool
		mark toldMarks
	}{{in.Rejected, rejected}, {in.Superseded, superseded}, {in.Ready, wasReady}, {in.Noted, noted}, {in.Doubtful, doubtful}} {
		if m.is {
			t.mark(m.mark)
		}
	}
	if in.Class > 0 {
		t.class = r.classes[in.Class-1]
	}
	return t, nil
}

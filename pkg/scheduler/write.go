package scheduler

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"slices"

	"github.com/go-json-experiment/json"

	"fairlead.dev/pkg/event"
)

// snapshotWriter gives a snapshot row by row.
type snapshotWriter struct {
	yield   func([]byte) bool
	over    bool // nobody wants more
	text    bytes.Buffer
	wishes  map[*event.WorkloadSubmitted]int
	texts   map[[32]byte]int // the same by SHA-256: equal states need not share alike
	classes map[string]int
}

// Snapshot gives the state as bytes: equal states, equal bytes.
func (s *State) Snapshot() []byte {
	var out []byte
	for text := range s.SnapshotRows() {
		out = append(out, text...)
	}
	return out
}

// Digest is the SHA-256 of the snapshot.
func (s *State) Digest() [32]byte {
	h := sha256.New()
	for text := range s.SnapshotRows() {
		h.Write(text)
	}
	return [32]byte(h.Sum(nil))
}

// SnapshotRows gives what Snapshot does a row at a time, with its end of line: nothing is
// held in memory but the row, which is good until the next, and the numbers of the wishes.
// The state must stay as it is until the last.
func (s *State) SnapshotRows() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		w := &snapshotWriter{yield: yield, wishes: map[*event.WorkloadSubmitted]int{}, texts: map[[32]byte]int{}, classes: map[string]int{}}
		w.row(row{Head: s.headSnapshot()})
		for _, id := range s.workloadIDs() {
			one := s.workloads[id]
			out := one.snapshot(w.wish(one.spec))
			w.row(row{Workload: &out})
		}
		for _, c := range s.clusters.sorted {
			out := w.cluster(c)
			w.row(row{Cluster: &out})
		}
	}
}

func (w *snapshotWriter) row(r row) {
	if w.over {
		return
	}
	w.text.Reset()
	if err := json.MarshalWrite(&w.text, &r, json.Deterministic(true)); err != nil {
		panic("scheduler: state cannot be written: " + err.Error()) // every field is plain data that was read from JSON
	}
	w.text.WriteByte('\n')
	w.over = !w.yield(w.text.Bytes())
}

// wish is the number of a wish, which is written before it is named first.
func (w *snapshotWriter) wish(spec *event.WorkloadSubmitted) int {
	n := w.wishes[spec]
	if n == 0 {
		key, _ := wishKey(spec)
		if n = w.texts[key]; n == 0 {
			n = len(w.texts) + 1
			w.texts[key] = n
			w.row(row{Wish: spec})
		}
		w.wishes[spec] = n
	}
	return n
}

// class is the number of a class, which is written before it is named first; 0 if
// nothing is asked for.
func (w *snapshotWriter) class(c *class) int {
	if c == noClass {
		return 0
	}
	n := w.classes[c.key]
	if n == 0 {
		n = len(w.classes) + 1
		w.classes[c.key] = n
		w.row(row{Class: &classSnapshot{c.key, c.request}})
	}
	return n
}

func (s *State) headSnapshot() *headSnapshot {
	out := &headSnapshot{
		Format: snapshotFormat, Position: s.position, Positions: s.positions, Observed: s.observed, Stored: s.stored,
		Epoch: s.epoch, Streams: s.streams, Owed: s.owed, Settings: s.settings.snapshot(), Demand: s.demand, Steering: s.steer.snapshot(),
		Paused: s.paused, Calm: s.calm, Evicted: s.evicted, Moved: s.moved, Look: s.look, Lull: s.lull,
		Capacity: s.capacity, Chosen: s.chosen, Rules: s.rules(), Workloads: len(s.workloads),
	}
	for _, c := range s.clusters.sorted {
		out.Clusters = append(out.Clusters, c.id)
	}
	return out
}

func (w *snapshotWriter) cluster(c *cluster) clusterSnapshot {
	out := clusterSnapshot{
		ID: c.id, Hello: c.hello, Cordoned: c.cordoned, Draining: c.draining, Left: c.left,
		Synced: c.synced, First: c.first, Next: c.next, Suspected: c.suspected, Heard: c.heard, Seen: c.seen, Surprises: c.surprises,
		Report: c.report, Marks: c.marks, Lost: c.lost, Back: c.back, Tainted: c.tainted,
	}
	for _, t := range c.pending {
		told := w.told(t)
		told.Tenant, told.Workload = t.seat.w.id.Tenant, t.seat.w.id.Name
		out.Pending = append(out.Pending, told)
	}
	for _, guest := range c.seated() {
		out.Seats = append(out.Seats, w.seat(guest.on(c)))
	}
	return out
}

func (w *snapshotWriter) seat(st *seat) seatSnapshot {
	id, trouble := st.w.id, of(st.trouble)
	out := seatSnapshot{Tenant: id.Tenant, Workload: id.Name, Confirmed: st.confirmed, Status: st.status.snapshot(), Awaits: trouble.awaits, Released: trouble.released, Stuck: trouble.stuck, Resync: w.resync(trouble.resync)}
	for t := st.base(); t != nil; t = t.before {
		out.Settled = append(out.Settled, w.told(t))
	}
	slices.Reverse(out.Settled)
	return out
}

func (w *snapshotWriter) told(t *told) toldSnapshot {
	return toldSnapshot{
		Number: t.Number, Generation: t.Generation, Replicas: t.held(), Shapes: t.footprint.shapes(), Class: w.class(t.class), At: t.At,
		Rejected: t.is(rejected), Superseded: t.is(superseded), Ready: t.is(wasReady), Noted: t.is(noted), Doubtful: t.is(doubtful), Implied: t.implied(),
	}
}

func (s *status) snapshot() *statusSnapshot {
	if !s.known() {
		return nil
	}
	words := of(s.words)
	return &statusSnapshot{
		Incarnation: s.incarnation, Report: s.report, Generation: s.generation, Token: s.token,
		Wanted: s.wanted, Ready: s.ready, Pending: s.pending, Succeeded: s.succeeded, Failed: s.failed, Unschedulable: s.unschedulable,
		Settled: s.settled, Outcome: outcomes[s.outcome], Why: words.outcome, Reasons: words.reasons,
	}
}

func (w *workload) snapshot(wish int) workloadSnapshot {
	w.prune()
	said, past, efforts := of(w.remarks), of(w.past), of(w.efforts)
	out := workloadSnapshot{
		Name: w.id.Name, Wish: wish, Generation: w.generation, Withdrawn: w.withdrawn, Decision: w.decision, DecidedGen: w.decidedGen,
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

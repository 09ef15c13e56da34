package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// The reservation rule. A report says what a cluster has free with every command
// up to appliedThrough inside. Commands above it are pending: what they ask on top
// of what the cluster already holds is debited from the report. Only a newer
// report drops a debit, and only for the commands it contains.

// told is one command as decided: the desired state of a workload on a cluster.
type told struct {
	seat   *seat
	before *told  // the one told before it, of those that still count
	class  *class // of the request, whatever its conditions

	Number     uint64
	Generation uint64
	At         int64 // observed time at which it was told
	footprint  *footprint
	replicas   int32
	marks      toldMarks
}

// toldMarks are what became of a command.
type toldMarks uint8

const (
	settled    toldMarks = 1 << iota // in the base
	rejected                         // by the cluster
	superseded                       // by a synchronisation
	wasReady                         // all of it was ready once
	noted                            // that it missed its deadline is recorded
	doubtful                         // a later one was rejected, and nobody said that this one was carried out
)

func (t *told) is(m toldMarks) bool { return t.marks&m != 0 }
func (t *told) mark(m toldMarks)    { t.marks |= m }

// noClass is of commands that ask for nothing.
var noClass = &class{}

// implied says whether a synchronisation withdraws by not naming: there is no command of
// its own.
func (t *told) implied() bool { return t.class == noClass }

// held is the number of replicas.
func (t *told) held() int { return int(t.replicas) }

// stands says whether the command counts as the cluster's desired state.
func (t *told) stands() bool { return !t.is(rejected | superseded) }

// pending says whether there is a command that the base does not contain yet.
func (t *told) pending() bool { return t != nil && !t.is(settled) }

// again is the same command under a new number.
func (t *told) again(number uint64, now int64) *told {
	out := *t
	out.Number, out.At, out.before, out.marks = number, now, nil, t.marks&^(settled|doubtful)
	return &out
}

// seat is one workload on one cluster. Its commands are a chain, newest first: those
// that are pending, then those in the base. Of these the first counts, the others are
// what a late rejection falls back to.
type seat struct {
	w         *workload
	c         *cluster
	last      *told
	confirmed uint64 // highest number the agent said it applied
	status    status
	trouble   *trouble // nil: none
	at        int32    // its place among the seats of the cluster, or vacated
}

// trouble is what few seats have.
type trouble struct {
	awaits   uint64 // at most once: the command whose end the cluster must report, 0 if none
	stuck    int64  // observed time since which the cluster cannot schedule some of it
	released bool   // an operator's word that nothing runs there
	resync   *resync
}

func (st *seat) awaits() uint64 { return of(st.trouble).awaits }

// stuckAt notes since when some of it cannot be scheduled, 0 if all can be.
func (st *seat) stuckAt(now int64) {
	if now > 0 || st.trouble != nil {
		own(&st.trouble).stuck = now
	}
}

// vacated is the place of a seat that was given up.
const vacated = -1

// join gives the workload a seat on a cluster on which it has none.
func (w *workload) join(c *cluster) *seat {
	st := &seat{w: w, c: c, at: int32(len(c.seats))}
	at, _ := slices.BinarySearchFunc(w.seats, c.id, seatByID)
	w.seats = slices.Insert(w.seats, at, st)
	c.seats = append(c.seats, st)
	return st
}

// leave gives the seat up.
func (st *seat) leave() {
	w, c := st.w, st.c
	if at, found := slices.BinarySearchFunc(w.seats, c.id, seatByID); found {
		w.seats = slices.Delete(w.seats, at, at+1)
	}
	end := len(c.seats) - 1
	last := c.seats[end]
	c.seats[st.at], last.at = last, st.at
	c.seats[end], c.seats = nil, c.seats[:end]
	st.at = vacated
}

func seatByID(st *seat, id event.ClusterID) int { return byID(st.c, id) }

// on is the workload's seat on a cluster, or nil; nobody in particular has none.
func (w *workload) on(c *cluster) *seat {
	if w == nil {
		return nil
	}
	if len(w.seats) > 8 {
		return w.seatOn(c.id)
	}
	for _, st := range w.seats {
		if st.c == c {
			return st
		}
	}
	return nil
}

// seatOn is the workload's seat on a cluster, or nil.
func (w *workload) seatOn(id event.ClusterID) *seat {
	if at, found := slices.BinarySearchFunc(w.seats, id, seatByID); found {
		return w.seats[at]
	}
	return nil
}

// seatOf is a workload's seat on a cluster, or nil.
func (s *State) seatOf(id event.WorkloadID, c *cluster) *seat {
	if w := s.workloads[id]; w != nil {
		return w.on(c)
	}
	return nil
}

// standing is the newest command that was not rejected: what the cluster holds or
// will hold. Nil means nothing, as does a nil seat.
func (st *seat) standing() *told {
	if st == nil {
		return nil
	}
	t := st.last
	for t != nil && !t.stands() {
		t = t.before
	}
	return t
}

// holds says whether a command of the generation stands.
func (st *seat) holds(generation uint64) bool {
	for t := st.last; t != nil; t = t.before {
		if t.stands() && t.held() > 0 && t.Generation == generation {
			return true
		}
	}
	r := st.resync()
	return r != nil && slices.ContainsFunc(r.before, func(t *told) bool { return t.Generation == generation })
}

// held is the number of replicas of the standing command.
func (st *seat) held() int {
	if t := st.standing(); t != nil {
		return t.held()
	}
	return 0
}

// asks gives what the command asks on top of what the base and earlier pending
// commands of its seat already hold, by shape. An earlier command covers its replicas
// on a shape if its request was at least as large. What is given is not to be changed.
func (t *told) asks() []event.ShapeUse {
	if t.before == nil {
		return t.footprint.shapes() // nothing covers any of it
	}
	var out []event.ShapeUse
	for _, use := range t.footprint.shapes() {
		covered := 0
		for p := t.before; p != nil; p = p.before {
			if !p.is(doubtful) && covers(p.class.request, t.class.request) {
				covered = max(covered, shapeReplicas(p.footprint.shapes(), use.Shape))
			}
			if p.is(settled) {
				break // those before it count no more
			}
		}
		if use.Replicas > covered {
			out = append(out, event.ShapeUse{Shape: use.Shape, Replicas: use.Replicas - covered, On: use.On})
		}
	}
	return out
}

// base is the command the last report contains; nil if it contains none.
func (st *seat) base() *told {
	t := st.last
	for t.pending() {
		t = t.before
	}
	return t
}

// empty says whether nothing of the workload is on the cluster or on its way.
func (st *seat) empty() bool {
	t := st.last
	return !t.pending() && (t == nil || t.held() == 0) && st.awaits() == 0 && !st.unsure()
}

// add notes a new command.
func (st *seat) add(t *told) {
	t.seat, t.before = st, st.last
	st.last = t
}

// drop takes the commands out that are meant.
func (st *seat) drop(meant func(*told) bool) {
	for at := &st.last; *at != nil; {
		if meant(*at) {
			*at = (*at).before
		} else {
			at = &(*at).before
		}
	}
}

// settle moves a pending command into the base; a rejected one leaves no trace.
// What a synchronisation superseded goes with the first command after it.
func (st *seat) settle(t *told) {
	if t.is(superseded) {
		st.drop(func(o *told) bool { return o == t })
		return
	}
	st.drop(func(o *told) bool { return o.is(settled) && o.is(superseded) || o == t && !t.stands() })
	t.mark(settled)
	st.confirm(st.confirmed)
}

// supersede voids what was told before a synchronisation. It goes on covering
// debits until a report contains the synchronisation.
func (st *seat) supersede() {
	for t := st.last; t != nil; t = t.before {
		t.mark(superseded)
	}
}

// confirm forgets what a late rejection could have fallen back to, up to number.
func (st *seat) confirm(number uint64) {
	st.confirmed = max(st.confirmed, number)
	for t := st.last; t != nil; t = t.before {
		if t.Number <= st.confirmed {
			t.marks &^= doubtful
		}
	}
	for t := st.base(); t != nil; t = t.before {
		if t.Number <= st.confirmed {
			t.before = nil
		}
	}
}

// find gives the oldest command with the number, nil if it is not known.
func (st *seat) find(number uint64) *told {
	var found *told
	for t := st.last; t != nil; t = t.before {
		if t.Number == number {
			found = t
		}
	}
	return found
}

// reject takes a command back; false if it is not known, is rejected already, or
// is a withdrawal, which an agent repeats until it is done. What is pending keeps
// its debit until a report contains it.
func (st *seat) reject(number uint64) bool {
	t := st.find(number)
	if t == nil || !t.stands() || t.held() == 0 {
		return false
	}
	t.mark(rejected)
	for o := t.before; o != nil; o = o.before {
		if o.Number > st.confirmed && o.stands() && o.held() > 0 {
			o.mark(doubtful) // the agent may have passed over it: its room may be anybody's
		}
	}
	if r := st.resync(); r != nil && r.command == number {
		r.rejected = true
	}
	if t.is(settled) {
		st.drop(func(o *told) bool { return o == t })
	}
	return true
}

// ready counts replicas that run or completed under a command not older than token.
func (st *seat) ready(token uint64) int {
	if st == nil || st.status.token < token {
		return 0
	}
	return int(st.status.ready) + int(st.status.succeeded)
}

func shapeReplicas(uses []event.ShapeUse, shape string) int {
	for _, u := range uses {
		if u.Shape == shape {
			return u.Replicas
		}
	}
	return 0
}

// covers says whether a is at least b in every resource.
func covers(a, b event.Resources) bool {
	if a.CPUMilli < b.CPUMilli || a.MemoryBytes < b.MemoryBytes || a.GPUMilli < b.GPUMilli {
		return false
	}
	if (a.GPUMilli >= 1000) != (b.GPUMilli >= 1000) && b.GPUMilli > 0 {
		return false // a share and whole devices take different room
	}
	for _, name := range sortedKeys(b.Extended) {
		if a.Extended[name] < b.Extended[name] {
			return false
		}
	}
	return true
}

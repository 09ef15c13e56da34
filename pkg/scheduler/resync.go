package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// resync is what stood on a cluster before a synchronisation, until the cluster has said
// what became of the command that took its place. An update that was not carried out yet
// is told again by the synchronisation; where the cluster rejects it, what ran before goes
// on running there, and only a status of the new incarnation says whether it does.
type resync struct {
	command  uint64 // of the synchronisation
	before   []*told
	rejected bool
}

// synchronised notes what stood until now, and that a command of a synchronisation takes
// its place.
func (st *seat) synchronised(command uint64) {
	var stood []*told
	if r := st.resync(); r != nil {
		stood = r.before
	}
	for t := st.last; t != nil; t = t.before {
		if t.stands() && t.held() > 0 {
			was := *t
			was.before = nil
			stood = append(stood, &was)
		}
	}
	own(&st.trouble).resync = &resync{command: command, before: stood}
}

func (st *seat) resync() *resync { return of(st.trouble).resync }

// unsure says whether the cluster rejected what the synchronisation told, and did not say yet
// what goes on there.
func (st *seat) unsure() bool {
	r := st.resync()
	return r != nil && r.rejected
}

// resynced says that nothing of before a synchronisation is in doubt.
func (st *seat) resynced() {
	if st.resync() == nil {
		return
	}
	if st.trouble.resync = nil; *st.trouble == (trouble{}) {
		st.trouble = nil
	}
}

// resolve takes a status as the word on what a rejected command left on the cluster;
// true if that is something else than what was thought.
func (st *seat) resolve(d *event.WorkloadStatusReported) bool {
	if d.Last == nil {
		return false
	}
	runs := d.Token // whatever it is scaled to by hand, or on its way out: then a later status has none
	if r := st.resync(); r != nil && d.Last.Number >= r.command {
		st.resynced()
		return st.revive(r.before, runs)
	}
	trusted := st.trust(d.Last.Number, runs)
	return d.Last.Outcome == event.OutcomeRejected && st.fallBack(d.Last.Number, runs) || trusted
}

// doubted says whether nobody said of some command that it was carried out, which a rejected
// one may have made the agent pass over.
func (st *seat) doubted() bool {
	for t := st.last; t != nil; t = t.before {
		if t.is(doubtful) {
			return true
		}
	}
	return false
}

// trust ends the doubt about the command that runs; false if there was none.
func (st *seat) trust(last, runs uint64) bool {
	for t := st.last; t != nil; t = t.before {
		if t.is(doubtful) && t.Number == runs && last >= runs {
			t.marks &^= doubtful
			return true
		}
	}
	return false
}

// revive lets a command from before a synchronisation stand again.
func (st *seat) revive(before []*told, runs uint64) bool {
	at := slices.IndexFunc(before, func(t *told) bool { return t.Number == runs })
	if at < 0 {
		return false
	}
	// It is the oldest of what is in the base: whatever was told since stands above it.
	end := &st.last
	for *end != nil {
		end = &(*end).before
	}
	*end = before[at]
	(*end).marks = (*end).marks&^doubtful | settled
	return true
}

// fallBack voids what was told between the command that runs, 0 for none, and the one
// that was rejected: the agent passed over it for the newer one, and goes on with what it
// had.
func (st *seat) fallBack(refused, runs uint64) bool {
	t := st.standing()
	if t == nil || t.Number >= refused || t.Number == runs || t.held() == 0 && (runs == 0 || st.find(runs) == nil) {
		return false
	}
	passed := func(o *told) bool { return o.Number > runs && o.Number < refused }
	for o := st.last; o != nil; o = o.before {
		if o.pending() && passed(o) {
			o.mark(superseded)
		}
	}
	st.drop(func(o *told) bool { return o.is(settled) && passed(o) })
	return true
}

// goesOn lets what runs on the cluster all the same count again.
func (s *State) goesOn(st *seat) {
	st.c.dropRoom() // what is told next asks for less on top of it
	s.improved(st.c)
	s.touch(st.w)
}

// resyncSnapshot is a resync as bytes.
type resyncSnapshot struct {
	Command  uint64         `json:"command"`
	Before   []toldSnapshot `json:"before"`
	Rejected bool           `json:"rejected,omitempty"`
}

func (w *snapshotWriter) resync(r *resync) *resyncSnapshot {
	if r == nil {
		return nil
	}
	out := &resyncSnapshot{Command: r.command, Rejected: r.rejected}
	for _, t := range r.before {
		out.Before = append(out.Before, w.told(t))
	}
	return out
}

func (r *snapshotReader) resync(st *seat, in *resyncSnapshot) error {
	if in == nil {
		return nil
	}
	out := &resync{command: in.Command, rejected: in.Rejected}
	for i := range in.Before {
		t, err := r.told(st, &in.Before[i])
		if err != nil {
			return err
		}
		out.before = append(out.before, t)
	}
	own(&st.trouble).resync = out
	return nil
}

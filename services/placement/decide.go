package placement

import (
	"fmt"
	"strconv"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// apply folds one event into the state and the notes beside it.
func apply(s *scheduler.State, n *notes, e fact) {
	s.Apply(e.Event)
	n.apply(e.Event, e.size)
}

// fill decides until the open batch is full or nothing is left to decide.
func (l *loop) fill() {
	for l.leads() && !l.open.full && l.out.stop == nil {
		l.watch.deciding()
		p := l.state.Decide()
		if p == nil || !l.add(p) {
			return
		}
		l.watch.decision(l.last)
	}
}

// add makes p the next record: applied to the state and put into the open batch. It
// does nothing and returns false when p and what follows from it belong into the next
// batch; Decide gives it again.
func (l *loop) add(p event.Payload) bool {
	r, err := l.fitting(p)
	if err != nil {
		l.stepDown(err, "encode %s", p.EventType())
		return false
	}
	e := r.event
	if !l.room(r, group(e.Data)) {
		l.open.full = true
		return false
	}
	l.watch.stamp(r, e, l.notes)
	apply(l.state, l.notes, fact{Event: e})
	l.open.add(r)
	l.last = e
	if at, ok := event.PositionsOf(e.Data); ok {
		l.barrier = at
	}
	return true
}

// room says whether a record with n-1 followers goes into the open batch. Only a head
// closes a batch early: what follows from a decision stays with it where it fits.
func (l *loop) room(r *record, n int) bool {
	have := len(l.open.records)
	switch {
	case have == 0:
		return true
	case r.head:
		return have < l.limits.messages && l.open.bytes < l.limits.bytes && have+n <= maxBatch
	}
	return have < maxBatch
}

// fitting is the record of p, or of its refusal where the log could not hold it.
func (l *loop) fitting(p event.Payload) (*record, error) {
	d, ok := p.(*event.PlacementDecided)
	if !ok {
		return l.record(p), nil
	}
	d = l.acceptable(d)
	r := l.record(d)
	if r.size <= l.limits.message {
		return r, nil
	}
	if err := r.encode(nil); err != nil { // the bound is generous: only the bytes tell
		return r, err
	}
	if r.size = r.msg.Size(); r.size > l.limits.message {
		why := fmt.Sprintf("the decision takes %d bytes, a message at most %d", r.size, l.limits.message)
		return l.record(l.held(d, why)), nil
	}
	return r, nil
}

// group is the number of records that p and the commands which follow from it take.
func group(p event.Payload) int {
	n := 1
	if d, ok := p.(*event.PlacementDecided); ok {
		for _, a := range d.Assignments {
			if a.Command != 0 {
				n++
			}
		}
	}
	return min(n, maxBatch)
}

// next is the sequence that the next record will have.
func (l *loop) next() uint64 { return l.open.first + uint64(len(l.open.records)) }

// record gives p its envelope. Its form on the wire comes later, see batch.encode.
func (l *loop) record(p event.Payload) *record {
	about, of := workloadOf(p)
	var o *origin
	if of {
		o = l.notes.workloads[about]
	}
	r := &record{event: l.envelope(p, o), about: about}
	r.size = bound(r.event, o)
	if d, ok := p.(*event.PlacementDecided); ok {
		r.generation, r.fresh = d.Generation, true
	}
	r.head = !isCommand(p) || !l.follows(r.about)
	return r
}

// follows says whether the open batch ends with something about w.
func (l *loop) follows(w event.WorkloadID) bool {
	n := len(l.open.records)
	return n > 0 && l.open.records[n-1].about == w
}

// envelope says who recorded p, where, and because of what. The chain of causation
// and correlation alone leads from a command back to the submission. o is where the
// workload that p is about comes from; nil for records that are about none.
func (l *loop) envelope(p event.Payload, o *origin) event.Event {
	seq := l.next()
	e := event.Event{
		Source: l.me.source,
		Time:   l.seen,
		Data:   p,
		At:     event.At{Stream: event.Placements, Sequence: seq},
	}
	if o == nil {
		o = &origin{}
	}
	e.Trace, e.Correlation = o.Trace, o.Submit
	switch d := p.(type) {
	case *event.PlacementDecided:
		e.ID, e.Causation = numbered("d_", seq), o.Cause
	case *event.CommandPlace:
		e.ID, e.Causation = commandID(d.Cluster, d.Number), numbered("d_", o.Decision)
	case *event.CommandWithdraw:
		e.ID, e.Causation = commandID(d.Cluster, d.Number), numbered("d_", o.Decision)
	case *event.CommandSynchronise:
		hello := l.notes.hellos[d.Cluster]
		e.ID, e.Causation, e.Correlation = numbered("p_", seq), hello, hello
	default:
		e.ID = numbered("p_", seq)
	}
	return e
}

func commandID(c event.ClusterID, number uint64) string { return numbered("c_"+string(c)+"_", number) }

// numbered is a prefix with a number behind it.
func numbered(prefix string, n uint64) string {
	var room [64]byte
	return string(strconv.AppendUint(append(room[:0], prefix...), n, 10))
}

// workloadOf is the workload that a record is about.
func workloadOf(p event.Payload) (event.WorkloadID, bool) {
	switch d := p.(type) {
	case *event.PlacementDecided:
		return event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}, true
	case *event.CommandPlace:
		return event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}, true
	case *event.CommandWithdraw:
		return event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}, true
	}
	return event.WorkloadID{}, false
}

func isCommand(p event.Payload) bool {
	switch p.(type) {
	case *event.CommandPlace, *event.CommandWithdraw:
		return true
	}
	return false
}

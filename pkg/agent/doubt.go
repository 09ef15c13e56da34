package agent

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// A command that could not be stored within its deadline may have been stored all the
// same: the last answer was lost. So may one that is refused after an answer was lost: it
// may be what has the room. It is settled as rejected only when it is sure to
// have no effect later, and as applied when a view shows that it was. An attempt that
// was given up and arrives even after that carries no higher token than the object, and
// is put right like any change by hand.

// doubt waits for the next view to tell what came of the operation.
func (m *Machine) doubt(op *operation) {
	op.viewed = m.views
	op.work.doubt = op
	m.doubtful++
	m.wantView = true
}

// clearDoubt ends the wait, whatever came of it.
func (m *Machine) clearDoubt(w *work) {
	if w.doubt != nil {
		w.doubt = nil
		m.doubtful--
	}
}

func (m *Machine) resolveDoubts(objects map[event.WorkloadID]*Object) {
	if m.doubtful == 0 {
		return
	}
	for _, id := range slices.SortedFunc(maps.Keys(m.works), event.WorkloadID.Compare) {
		if w := m.works[id]; w.doubt != nil && w.doubt.viewed < m.views && !m.now.Before(w.again) {
			m.resolve(w, objects[id])
		}
	}
}

// resolve settles a doubtful command by what the view shows.
func (m *Machine) resolve(w *work, o *Object) {
	op := w.doubt
	m.clearDoubt(w)
	wanted, before := op.desired, w.stored
	if op.purpose == undo { // the undo was tried before: its own goal is what it was before the command
		wanted, before = nil, op.desired
	}
	switch {
	case op.purpose == obey && took(op, o):
		w.stored, w.changed = wanted, op.viewed
		m.done(op, event.OutcomeApplied, "", "")
	case op.purpose == obey && wanted == nil: // no command wants it: later views go on removing it
		m.done(op, event.OutcomeRejected, event.RejectReasonDeadline, "not removed within its deadline; it is tried on")
	case before != nil:
		again := *before
		again.Token = op.token
		m.run(&operation{work: w, purpose: undo, token: op.token, desired: &again, passed: op.passed, refusal: op.refusal})
	case o == nil || op.purpose == undo:
		m.run(&operation{work: w, purpose: undo, token: op.token, passed: op.passed, refusal: op.refusal})
	default: // the object is from an earlier incarnation and healthy as far as is known: it stays
		m.taken(op, "not stored within its deadline")
	}
}

// took says whether the view shows the operation's effect: an object with its token, even
// if somebody has changed it by hand since, which is repaired as always.
func took(op *operation, o *Object) bool {
	if op.desired == nil {
		return o == nil || o.Removed
	}
	return o != nil && !o.Removed && o.Token == op.token
}

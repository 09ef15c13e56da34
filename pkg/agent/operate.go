package agent

import (
	"errors"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// operations are the workloads and what is being done about them.
type operations struct {
	works   map[event.WorkloadID]*work
	queue   []event.WorkloadID // have a command that may start
	held    []event.WorkloadID // have a withdrawal that waits for the end of the synchronisation
	running []*operation       // at most Settings.Parallel
	retryAt time.Time          // earliest operation that waits to be tried again

	doubtful int // workloads with a doubt
}

// work is what the machine knows of one workload.
type work struct {
	id     event.WorkloadID
	named  bool       // some command of this incarnation wants it here
	stored *Desired   // what the cluster holds as far as is known; nil for nothing
	next   *command   // newest command, not started
	op     *operation // runs
	doubt  *operation // its deadline passed with the outcome unknown: the next view tells

	last     *event.Settled // last settled command
	origin   origin         // of that command
	finished *Object        // a job whose replicas have all ended, as last seen: it is not made again
	changed  uint64         // number of the last view begun when the object was last changed
	again    time.Time      // no repair before
	tries    int            // repairs in a row that failed
	trouble  *event.Reason  // why the last repair failed
	told     *event.WorkloadStatusReported
}

// command is an accepted command that has not started.
type command struct {
	number  uint64
	desired *Desired // nil for a withdrawal
	passed  []uint64 // commands that it took the place of
}

// operation is an Apply or a Withdraw that runs, or waits to be tried again.
type operation struct {
	work        *work
	purpose     purpose
	incarnation uint64
	token       uint64
	desired     *Desired // nil for a withdrawal
	passed      []uint64 // commands that its own took the place of: they end with it
	deadline    time.Time
	inFlight    bool
	tries       int
	retryAt     time.Time
	refusal     *Rejection // what the cluster said to a later attempt than one whose answer was lost
	viewed      uint64     // number of the last view begun when it became doubtful
}

type purpose int

const (
	obey   purpose = iota // carries out a command
	repair                // brings back what a command stored
	undo                  // makes sure that a command past its deadline has no effect
	clean                 // removes what no command wants
)

func (m *Machine) work(id event.WorkloadID) *work {
	w := m.works[id]
	if w == nil {
		w = &work{id: id}
		m.works[id] = w
	}
	return w
}

// forget drops what belongs to the incarnation that ends. What the cluster holds and
// what runs is kept.
func (m *Machine) forget() {
	m.ledger = ledger{}
	for _, op := range slices.Clone(m.running) {
		if !op.inFlight { // it waits to be tried again; the new incarnation's command does better
			m.end(op)
		}
	}
	m.queue, m.held, m.retryAt, m.doubtful = nil, nil, time.Time{}, 0
	for _, w := range m.works { // each on its own: the order does not matter
		w.named, w.next, w.doubt, w.last, w.told, w.trouble = false, nil, nil, nil, nil, nil
		w.again, w.tries = time.Time{}, 0
	}
	m.reports = reports{}
}

// accept queues the next command with its workload. An older one that has not started,
// or whose outcome is in doubt, is superseded: the new token fences it off. It ends when
// the new one does: until then no report may say that its room is inside.
func (m *Machine) accept(e event.Event, number uint64) {
	s := slot{number: number, origin: originOf(e)}
	c := &command{number: number}
	switch data := e.Data.(type) {
	case *event.CommandPlace:
		d := DesiredOf(data)
		s.workload, s.place, c.desired = d.Workload, true, &d
	case *event.CommandWithdraw:
		s.workload = data.ID()
	}
	m.add(s)
	w := m.work(s.workload)
	w.named = c.desired != nil
	superseded := w.next
	doubtful := w.doubt
	m.clearDoubt(w)
	w.next = c
	if superseded != nil {
		m.pass(c, superseded.number, superseded.passed)
	}
	if doubtful != nil {
		m.pass(c, doubtful.token, doubtful.passed)
	}
	m.queue = append(m.queue, w.id)
}

// pass lets a command take the place of an older one, and of what that one did.
func (m *Machine) pass(c *command, number uint64, passed []uint64) {
	c.passed = append(append(c.passed, passed...), number)
	m.passOver(number)
}

// done ends the command of an operation, and those that it took the place of.
func (m *Machine) done(op *operation, outcome event.Outcome, reason event.RejectReason, message string) {
	for _, number := range op.passed {
		m.settle(number, event.OutcomeSuperseded, "", "")
	}
	m.settle(op.token, outcome, reason, message)
}

// pump starts what may start.
func (m *Machine) pump() {
	if len(m.held) > 0 && m.mayDelete() {
		m.queue = append(m.queue, m.held...)
		m.held = nil
	}
	for len(m.queue) > 0 && len(m.running) < m.settings.Parallel {
		w := m.works[m.queue[0]]
		m.queue = m.queue[1:]
		m.start(w)
	}
	if m.due(m.retryAt) {
		m.retry()
	}
}

// start begins the workload's next command. While an operation runs it waits: finished
// queues it again.
func (m *Machine) start(w *work) {
	if w == nil || w.next == nil || w.op != nil {
		return
	}
	if w.next.desired == nil && !m.mayDelete() {
		m.held = append(m.held, w.id)
		return
	}
	next := w.next
	w.next = nil
	m.run(&operation{work: w, purpose: obey, token: next.number, desired: next.desired, passed: next.passed})
}

func (m *Machine) run(op *operation) {
	op.incarnation = m.incarnation
	op.deadline = m.now.Add(m.settings.Deadline)
	op.work.op = op
	m.running = append(m.running, op)
	m.attempt(op)
}

func (m *Machine) attempt(op *operation) {
	op.inFlight, op.retryAt = true, time.Time{}
	if op.desired == nil {
		m.do(Withdraw{Withdrawal{op.work.id, op.token}, op.deadline})
		return
	}
	m.do(Apply{*op.desired, op.deadline})
}

// retry tries again what has waited long enough.
func (m *Machine) retry() {
	m.retryAt = time.Time{}
	for _, op := range m.running {
		if m.due(op.retryAt) {
			m.attempt(op)
		}
		m.retryAt = earliest(m.retryAt, op.retryAt)
	}
}

// finished takes the answer of an operation.
func (m *Machine) finished(in Finished) {
	w := m.works[in.Workload]
	if w == nil || w.op == nil || !w.op.inFlight || w.op.token != in.Token {
		return
	}
	op := w.op
	op.inFlight = false
	m.wantView = true
	var rejection *Rejection
	switch {
	case in.Err == nil:
		m.succeeded(op)
	case errors.As(in.Err, &rejection):
		m.refused(op, rejection)
	case errors.Is(in.Err, ErrStale):
		m.refused(op, &Rejection{event.RejectReasonConflict, in.Err.Error()})
	default:
		m.failed(op, in.Err)
	}
}

// end takes the operation from its workload, which may then start its next command.
func (m *Machine) end(op *operation) {
	op.work.op = nil
	m.running = slices.DeleteFunc(m.running, func(o *operation) bool { return o == op })
	if op.work.next != nil {
		m.queue = append(m.queue, op.work.id)
	}
}

// live says whether the operation belongs to the running incarnation.
func (m *Machine) live(op *operation) bool {
	return op.incarnation == m.incarnation && m.phase > waiting
}

func (m *Machine) succeeded(op *operation) {
	w := op.work
	w.stored, w.changed = op.desired, m.views
	w.tries, w.again, w.trouble = 0, time.Time{}, nil
	if op.purpose == obey {
		w.finished = nil
	}
	m.end(op)
	if !m.live(op) {
		return
	}
	switch op.purpose {
	case obey:
		m.done(op, event.OutcomeApplied, "", "")
	case undo:
		m.taken(op, "not stored within its deadline")
	}
}

// taken ends a command as rejected that took a view to be sure of.
func (m *Machine) taken(op *operation, message string) {
	reason := event.RejectReasonDeadline
	if op.refusal != nil {
		reason, message = op.refusal.Reason, op.refusal.Message
	}
	m.done(op, event.OutcomeRejected, reason, message)
}

// refused ends a command as rejected. A repair or a removal that is refused is tried
// again later, since people may change their mind, and so is a withdrawal: placement
// counts on it in the end. Where the answer to an earlier attempt was lost, that one may
// be stored, and be what leaves no room for this one: the next view tells.
func (m *Machine) refused(op *operation, r *Rejection) {
	m.end(op)
	if !m.live(op) {
		return
	}
	switch {
	case op.purpose == obey && op.tries > 0 && op.desired != nil && op.work.next != nil:
		m.pass(op.work.next, op.token, op.passed)
	case op.purpose == obey && op.tries > 0 && op.desired != nil:
		op.refusal = r
		m.doubt(op)
	case op.purpose == obey:
		m.done(op, event.OutcomeRejected, r.Reason, r.Message)
	case op.purpose == undo: // whoever holds it now, it is not the command that was to be undone
		m.taken(op, r.Message)
	default:
		m.postpone(op.work, &event.Reason{Reason: string(r.Reason), Message: clip(r.Message, 1024)})
	}
}

// failed is the answer whose effect is unknown: try again, give way to a newer command,
// or after the deadline ask the next view what came of it.
func (m *Machine) failed(op *operation, err error) {
	switch {
	case !m.live(op):
		m.end(op)
	case op.purpose == repair, op.purpose == clean:
		m.end(op)
		m.postpone(op.work, &event.Reason{Reason: "RepairFailed", Message: clip(err.Error(), 1024)})
	case op.work.next != nil:
		m.end(op)
		m.pass(op.work.next, op.token, op.passed)
	case op.purpose == undo:
		m.end(op)
		m.doubt(op)
		m.postpone(op.work, nil)
	case m.due(op.deadline):
		m.end(op)
		m.doubt(op)
	default:
		op.retryAt = m.now.Add(backOff(op.tries))
		op.tries++
		m.retryAt = earliest(m.retryAt, op.retryAt)
	}
}

func (m *Machine) postpone(w *work, trouble *event.Reason) {
	w.again = m.now.Add(backOff(w.tries))
	w.tries++
	w.trouble = trouble
}

package agent

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// ledger is the account of command numbers of one incarnation: every number between
// settled and expected is open, or has ended but waits for a lower one.
type ledger struct {
	first, through uint64 // the synchronisation's range
	settled        uint64 // every number up to this one has ended
	expected       uint64 // next number
	slots          []slot // numbers settled+1, settled+2, …, expected-1
	unplaced       int    // place commands of the range that have not ended
}

// slot is one command number and how it ended.
type slot struct {
	number   uint64
	workload event.WorkloadID
	place    bool
	origin   origin
	outcome  event.Outcome // "" while it is open
	reason   event.RejectReason
	message  string
}

// origin ties what the agent says about a command to the command's own event.
type origin struct {
	id, correlation string
	trace           event.Trace
}

func originOf(e event.Event) origin { return origin{e.ID, e.Correlation, e.Trace} }

func (o origin) mark(e *event.Event) {
	e.Causation, e.Correlation, e.Trace = o.id, o.correlation, o.trace
}

func (l *ledger) open(first, through uint64) {
	*l = ledger{first: first, through: through, settled: first - 1, expected: first}
}

func (l *ledger) add(s slot) {
	l.slots = append(l.slots, s)
	l.expected = s.number + 1
	if s.place && s.number <= l.through {
		l.unplaced++
	}
}

// mayDelete says whether the end of the synchronisation is near enough for its own
// withdrawals: all of it has come, and everything it places has ended.
func (l *ledger) mayDelete() bool { return l.expected > l.through && l.unplaced == 0 }

// passOver lets a number that another took the place of count as placed: it holds up no
// deletion any more.
func (m *Machine) passOver(number uint64) {
	if number <= m.settled || number >= m.expected {
		return
	}
	if s := &m.slots[number-m.settled-1]; s.place {
		s.place = false
		if number <= m.through {
			m.unplaced--
		}
	}
}

// settle ends a number. It takes effect outside once every lower number has ended; a
// number that has ended already, or is not of this incarnation, stays as it is.
func (m *Machine) settle(number uint64, outcome event.Outcome, reason event.RejectReason, message string) {
	if number <= m.settled || number >= m.expected {
		return
	}
	s := &m.slots[number-m.settled-1]
	if s.outcome != "" {
		return
	}
	s.outcome, s.reason, s.message = outcome, reason, message
	if s.place && number <= m.through {
		m.unplaced--
	}
	for len(m.slots) > 0 && m.slots[0].outcome != "" {
		m.conclude(m.slots[0])
		m.slots = m.slots[1:]
	}
}

// conclude makes the end of a number known.
func (m *Machine) conclude(s slot) {
	m.settled = s.number
	m.ended = append(m.ended, s)
	w := m.work(s.workload)
	w.last = &event.Settled{Number: s.number, Outcome: s.outcome, Reason: string(s.reason)}
	w.origin = s.origin
	m.wantView = true
	if s.outcome == event.OutcomeRejected {
		m.reject(s)
	}
}

// reject tells placement at once. The report number is that of the last capacity
// report made: only a later one can know more than the rejection.
func (m *Machine) reject(s slot) {
	m.refusals.add(s.number)
	out := m.event(fmt.Sprintf("%s/%d/rejected/%d", m.settings.Cluster, m.incarnation, s.number), &event.CommandRejected{
		Cluster:     m.settings.Cluster,
		Incarnation: m.incarnation,
		Report:      m.capacityReports,
		Number:      s.number,
		Tenant:      s.workload.Tenant,
		Workload:    s.workload.Name,
		Reason:      s.reason,
		Message:     clip(s.message, 1024),
	})
	s.origin.mark(&out.event)
	m.outbox.rejections = append(m.outbox.rejections, out)
}

// endSynchronisation begins the reports once the whole desired state has ended.
func (m *Machine) endSynchronisation() {
	if m.phase != settling || m.settled < m.through {
		return
	}
	m.phase = reporting
	m.gaps = 0
	m.wantView = true
}

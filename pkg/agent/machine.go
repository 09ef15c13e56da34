package agent

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
)

// Machine is the agent's protocol as a step function: what happened goes in, what to
// do about it comes out. It has no goroutine, no clock and no I/O; equal inputs give
// equal effects. It is not safe for concurrent use.
//
// A command passes through it like this: receive (hello.go) checks incarnation and
// number; accept (operate.go) queues it with its workload; pump starts it when a place
// is free and finished takes the answer; settle (settle.go) ends the number once all
// lower ones have ended; observed (observe.go) compares the next view with what is
// wanted, and report.go says what placement and people may know.
type Machine struct {
	settings Settings
	now      time.Time
	phase    phase
	effects  []Effect

	greeting
	ledger
	operations
	sight
	reports
	outbox outbox
	ended  []slot // command numbers that ended in this step, for whoever counts them
}

// phase is how far the machine has come with its incarnation.
type phase int

const (
	idle       phase = iota // not started
	hailing                 // the hello is not stored yet: the incarnation is unknown
	waiting                 // the hello waits for placement's answer
	settling                // the answer came: the whole desired state is being carried out
	reporting               // it has been: reports are made
	leavingNow              // departure is being published
	stopped
)

// NewMachine makes a machine that waits for Started.
func NewMachine(s Settings) *Machine {
	m := &Machine{settings: s.WithDefaults()}
	m.works = map[event.WorkloadID]*work{}
	m.outbox.init()
	return m
}

// ReplacedError is the reason of Stop when a newer agent of the cluster was met.
type ReplacedError struct {
	Cluster event.ClusterID
	Own     uint64 // incarnation of this agent
	Newer   uint64 // incarnation that the command was for
}

// Error says who replaced whom and what to do.
func (r *ReplacedError) Error() string {
	return fmt.Sprintf("another agent has taken over cluster %s (its incarnation is %d, ours %d): run one agent per cluster", r.Cluster, r.Newer, r.Own)
}

// Step takes one input and gives what is to be done. After a Stop it gives nothing.
func (m *Machine) Step(in Input) []Effect {
	m.effects, m.ended = nil, m.ended[:0]
	if m.phase == stopped {
		return nil
	}
	m.take(in)
	if m.phase != stopped {
		m.proceed()
	}
	return m.effects
}

func (m *Machine) take(in Input) {
	switch in := in.(type) {
	case Started:
		m.greet("start")
	case TimePassed:
		m.now = in.Now
	case CommandArrived:
		m.receive(in.Event)
	case CommandUnreadable:
		m.unreadable(in.Sequence)
	case Renewed:
		m.missed()
	case Finished:
		m.finished(in)
	case Observed:
		m.observed(in)
	case Changed:
		m.wantView = true
	case Published:
		m.published(in)
	case Connection:
		m.outbox.connection(in.Up)
	case Leave:
		m.leave()
	}
}

// proceed does everything that has become possible.
func (m *Machine) proceed() {
	if m.phase == leavingNow {
		m.send()
		return
	}
	m.greetAgain()
	m.endSynchronisation()
	m.pump()
	m.look()
	m.send()
}

// Wake is when the machine next has something to do without any other input; zero
// when there is nothing.
func (m *Machine) Wake() time.Time {
	if m.phase == stopped || m.phase == idle {
		return time.Time{}
	}
	wake := earliest(m.outbox.wake(), m.greetAt)
	if m.phase == leavingNow {
		return m.outbox.wake()
	}
	return earliest(wake, m.retryAt, m.lookAt())
}

// earliest of the times that are set.
func earliest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if !t.IsZero() && (out.IsZero() || t.Before(out)) {
			out = t
		}
	}
	return out
}

// due says whether a time is set and has come.
func (m *Machine) due(t time.Time) bool { return !t.IsZero() && !m.now.Before(t) }

func (m *Machine) do(e Effect) { m.effects = append(m.effects, e) }

func (m *Machine) stop(reason error) {
	m.phase = stopped
	m.do(Stop{reason})
}

// Incarnation is the number of the running incarnation, 0 before the first hello is
// stored.
func (m *Machine) Incarnation() uint64 { return m.incarnation }

// AppliedThrough is the last command number up to which all are settled.
func (m *Machine) AppliedThrough() uint64 { return m.settled }

// Synchronised says whether the whole desired state of this incarnation was carried
// out, so that reports are made.
func (m *Machine) Synchronised() bool { return m.phase == reporting }

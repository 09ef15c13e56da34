package agent

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
)

// greeting is what the machine knows of its incarnation.
type greeting struct {
	incarnation uint64
	hellos      int           // made so far; numbers their ids
	reason      string        // of the last hello
	gaps        int           // hellos in a row without a synchronisation that ended
	greetAt     time.Time     // when an unanswered hello is repeated
	greetWait   time.Duration // how long was waited last
	early       []event.Event // commands that came before the hello's number was known
}

const longestHello = 15 * time.Minute

// helloWait spaces hellos that follow each other without success: each one costs
// placement the cluster's whole desired state.
func helloWait(gaps int) time.Duration {
	if gaps < 2 {
		return 0
	}
	return min(time.Minute, 500*time.Millisecond<<min(gaps, 10))
}

// greet says hello. What was going on for an earlier incarnation is forgotten, except
// operations that run: their workloads wait for them.
func (m *Machine) greet(reason string) {
	m.phase = hailing
	m.hellos++
	m.reason = reason
	m.greetAt = time.Time{}
	m.forget()
	m.outbox.clear()
	id := fmt.Sprintf("%s/hello/%s/%d", m.settings.Cluster, m.settings.Instance, m.hellos)
	m.outbox.helloAt = m.now.Add(helloWait(m.gaps))
	m.gaps++
	m.outbox.hello = m.event(id, &event.AgentStarted{
		Cluster:      m.settings.Cluster,
		Instance:     m.settings.Instance,
		Orchestrator: m.settings.Orchestrator,
		Reason:       reason,
		Version:      m.settings.Version,
	})
}

func (m *Machine) event(id string, data event.Payload) *outgoing {
	e := event.New(event.AgentSource(m.settings.Cluster), data)
	e.ID = id
	e.Time = m.now
	return &outgoing{event: e}
}

// greeted is called when the hello has its place in the log: the new incarnation.
func (m *Machine) greeted(sequence uint64) {
	m.incarnation = sequence
	m.phase = waiting
	m.greetWait = min(longestHello, max(m.settings.HelloEvery, 2*m.greetWait))
	m.greetAt = m.now.Add(m.greetWait)
	early := m.early
	m.early = nil
	for _, e := range early {
		if m.phase == stopped {
			return
		}
		m.receive(e)
	}
}

// greetAgain repeats a hello that nobody answered, or not to the end: the answer may
// have been lost.
func (m *Machine) greetAgain() {
	if m.due(m.greetAt) {
		m.greet(m.reason)
	}
}

// expectMore sets when the rest of the synchronisation is given up for lost.
func (m *Machine) expectMore() {
	m.greetAt = time.Time{}
	if m.phase == settling && m.expected <= m.through {
		m.greetAt = m.now.Add(m.settings.HelloEvery)
	}
}

// receive takes one command. All but one path acknowledge it, since a restart asks for
// everything again: only what shows that we are replaced is left to the newer agent.
func (m *Machine) receive(e event.Event) {
	incarnation, number := header(e.Data)
	switch {
	case m.phase == leavingNow:
		return
	case incarnation <= m.incarnation && m.phase == hailing, incarnation < m.incarnation:
		m.do(Ack{e.At.Sequence})
		return
	case m.phase == hailing && (m.incarnation == 0 || m.outbox.hello.sent):
		m.early = append(m.early, e) // it may be ours
		return
	case incarnation > m.incarnation:
		m.stop(&ReplacedError{m.settings.Cluster, m.incarnation, incarnation})
		return
	}
	m.do(Ack{e.At.Sequence})
	if c, ok := e.Data.(*event.CommandSynchronise); ok {
		m.synchronise(c)
		return
	}
	m.numbered(e, number)
}

// header gives the incarnation and number of a command; 0 for anything else, which is
// older than every incarnation.
func header(p event.Payload) (incarnation, number uint64) {
	switch c := p.(type) {
	case *event.CommandSynchronise:
		return c.Incarnation, 0
	case *event.CommandPlace:
		return c.Incarnation, c.Number
	case *event.CommandWithdraw:
		return c.Incarnation, c.Number
	}
	return 0, 0
}

// synchronise begins the synchronisation of this incarnation.
func (m *Machine) synchronise(c *event.CommandSynchronise) {
	if m.phase != waiting {
		if c.First != m.first || c.Through != m.through {
			m.greet("contradiction")
		}
		return
	}
	if c.First == 0 || c.Through+1 < c.First {
		m.greet("contradiction")
		return
	}
	m.phase = settling
	m.greetWait = 0
	m.open(c.First, c.Through)
	m.expectMore()
}

// numbered sorts commands by number: the next one is accepted, a lower one is a
// duplicate, a higher one shows a gap.
func (m *Machine) numbered(e event.Event, number uint64) {
	switch {
	case m.phase == waiting, number > m.expected: // the synchronisation, or a command, was missed
		m.greet("gap")
	case number == m.expected:
		m.accept(e, number)
		m.expectMore()
	}
}

// unreadable counts as a gap: it may have been a command.
func (m *Machine) unreadable(sequence uint64) {
	m.do(Ack{sequence})
	m.missed()
}

// missed says that a command may have been missed, also when nothing follows it that
// would show a gap.
func (m *Machine) missed() {
	if m.phase != hailing && m.phase != leavingNow && m.phase != idle {
		m.greet("gap")
	}
}

// leave ends the agent and tells the fleet. Without an incarnation there is nothing
// that could leave.
func (m *Machine) leave() {
	if m.incarnation == 0 || m.phase == hailing {
		m.stop(nil)
		return
	}
	m.phase = leavingNow
	m.outbox.clear()
	m.outbox.left = m.event(fmt.Sprintf("%s/%d/left", m.settings.Cluster, m.incarnation),
		&event.ClusterLeft{Cluster: m.settings.Cluster, Incarnation: m.incarnation, Reason: "the agent was asked to leave"})
}

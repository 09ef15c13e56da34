package main

import (
	"fmt"
	"strconv"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

const (
	us     = "conformance" // who submits, operates and leads
	tenant = event.Tenant("peer")

	// heartbeat is how often clusters repeat themselves while time passes.
	heartbeat = 5 * time.Second
)

// federation is placement without a broker, as `fairlead simulate` is: facts go in as
// CloudEvents through the codec, and every record that comes out is applied at once.
// Clusters answer what they are told until nothing more happens.
type federation struct {
	state  *scheduler.State
	now    time.Time
	last   map[event.Stream]uint64
	agents []*agent

	log []event.Event // facts and records in the order in which they were stored

	// decided is the newest decision of each workload; seen is told of each.
	decided map[event.WorkloadID]*event.PlacementDecided
	seen    func(*event.PlacementDecided)
}

func newFederation(now time.Time) *federation {
	if now.IsZero() {
		now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	f := &federation{
		state: scheduler.New(scheduler.DefaultConfig()), now: now, last: map[event.Stream]uint64{},
		decided: map[event.WorkloadID]*event.PlacementDecided{}, seen: func(*event.PlacementDecided) {},
	}
	f.record(&event.EpochStarted{Epoch: 1, Engine: scheduler.Engine, Leader: us})
	f.record(f.state.Tick(now))
	return f
}

// publish stores a fact and gives its position; the error is what a publisher would
// hear. Nothing is decided before settle, so that facts can fall together.
func (f *federation) publish(source string, p event.Payload) (uint64, error) {
	row, _ := event.Lookup(p.EventType())
	return f.store(row.Stream, source, p)
}

// operate publishes what an operator wishes.
func (f *federation) operate(p event.Payload) error {
	_, err := f.publish(event.OperatorSource(us), p)
	return err
}

// submit publishes a workload.
func (f *federation) submit(spec *event.WorkloadSubmitted) error {
	_, err := f.publish(event.SubmitterSource(spec.Tenant, us), spec)
	return err
}

// store does what the log does: it encodes, numbers and gives back what a reader reads.
func (f *federation) store(s event.Stream, source string, p event.Payload) (uint64, error) {
	e := event.New(source, p)
	at := event.At{Stream: s, Sequence: f.last[s] + 1, Stored: f.now}
	e.ID, e.Time = fmt.Sprintf("%s-%d", s, at.Sequence), f.now
	msg, err := event.Encode(e)
	if err != nil {
		return 0, err
	}
	read, err := event.Decode(msg.Subject, msg.Header, msg.Data, at)
	if err != nil {
		return 0, fmt.Errorf("read back %s: %w", e.Type(), err)
	}
	f.last[s] = at.Sequence
	f.log = append(f.log, read)
	f.state.Apply(read)
	f.deliver(read.Data)
	return at.Sequence, nil
}

// record stores a record of placement. One that does not pass the codec is a fault of
// placement that no case may hide.
func (f *federation) record(p event.Payload) {
	if _, err := f.store(event.Placements, event.PlacementSource(us), p); err != nil {
		panic(fmt.Sprintf("placement made a record that nobody can read: %v", err))
	}
}

// deliver hands a record to the cluster it is for and remembers decisions.
func (f *federation) deliver(p event.Payload) {
	if d, ok := p.(*event.PlacementDecided); ok {
		f.decided[event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}] = d
		f.seen(d)
	}
	for _, a := range f.agents {
		a.hear(p)
	}
}

// settle decides and lets clusters answer until nothing more happens.
func (f *federation) settle() error {
	for range 1000 {
		for p := f.state.Decide(); p != nil; p = f.state.Decide() {
			f.record(p)
		}
		busy := false
		for _, a := range f.agents {
			did, err := a.answer(f)
			if err != nil {
				return err
			}
			busy = busy || did
		}
		if !busy {
			return nil
		}
	}
	return fmt.Errorf("placement and clusters do not come to rest")
}

// pass lets time go by, second by second; clusters repeat what they say.
func (f *federation) pass(d time.Duration) error {
	for end := f.now.Add(d); f.now.Before(end); {
		f.now = f.now.Add(time.Second)
		if f.now.Unix()%int64(heartbeat/time.Second) == 0 {
			for _, a := range f.agents {
				a.dirty = true
			}
		}
		if t := f.state.Tick(f.now); t != nil {
			f.record(t)
		}
		if err := f.settle(); err != nil {
			return err
		}
	}
	return nil
}

// join adds a cluster: it says hello, is answered and reports.
func (f *federation) join(a *agent) error {
	f.agents = append(f.agents, a)
	n, err := f.publish(event.AgentSource(a.id), &event.AgentStarted{
		Cluster: a.id, Instance: "only", Orchestrator: a.orchestrator, Reason: "start",
	})
	if err != nil {
		return fmt.Errorf("%s says hello: %w", a.id, err)
	}
	a.incarnation = n
	return f.settle()
}

// leave takes a cluster out of the fleet by an operator's word.
func (f *federation) leave(id event.ClusterID) error {
	for i, a := range f.agents {
		if a.id == id {
			f.agents = append(f.agents[:i:i], f.agents[i+1:]...)
		}
	}
	return f.operate(&event.ClusterLeft{Cluster: id, Reason: "not in the case"})
}

// standing is where the newest decision wants replicas that do not only wait to leave.
func (f *federation) standing(id event.WorkloadID) map[event.ClusterID]int {
	out := map[event.ClusterID]int{}
	if d := f.decided[id]; d != nil {
		for _, a := range d.Assignments {
			if n := a.Replicas - a.Leaving; n > 0 {
				out[a.Cluster] = n
			}
		}
	}
	return out
}

// explain is what `fairlead explain` shows.
func (f *federation) explain(id event.WorkloadID) (scheduler.Explanation, error) {
	e, ok := f.state.Explain(id)
	if !ok {
		return e, fmt.Errorf("there is no explanation of %s", id)
	}
	return e, nil
}

// workloadID names a workload of the case's tenant.
func workloadID(name string) event.WorkloadID {
	return event.WorkloadID{Tenant: tenant, Name: event.WorkloadName(name)}
}

func number(prefix string, n int) string { return prefix + strconv.Itoa(n) }

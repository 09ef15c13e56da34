package agent

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

const cluster event.ClusterID = "eu-1"

// leader writes what placement would write, as a script says.
type leader struct {
	b           *broker
	t           *testing.T
	append      *stream.Appender
	number      uint64 // of the last command
	incarnation uint64 // answered last
	hellos      *tape
	statuses    *tape
	capacities  *tape
}

func newLeader(b *broker) *leader {
	state, err := b.log.State(b.t.Context(), event.Placements)
	if err != nil {
		b.t.Fatal(err)
	}
	return &leader{
		b: b, t: b.t, append: b.log.Appender(state.Last),
		hellos:     b.read(event.Intents),
		statuses:   b.read(event.Status),
		capacities: b.read(event.Capacity),
	}
}

// hello waits for the next one and gives what it says.
func (l *leader) hello() *event.AgentStarted {
	l.t.Helper()
	e, hello := next(l.hellos, "a hello", func(*event.AgentStarted) bool { return true })
	l.incarnation = e.At.Sequence
	return hello
}

// answer sends the synchronisation and the whole desired state: the commands, numbered
// from here on.
func (l *leader) answer(commands ...event.Payload) {
	l.t.Helper()
	l.tell(append([]event.Payload{&event.CommandSynchronise{
		Cluster: cluster, Incarnation: l.incarnation, Epoch: 1, First: l.number + 1, Through: l.number + uint64(len(commands)),
	}}, commands...)...)
}

// tell numbers the commands and appends them as one batch.
func (l *leader) tell(commands ...event.Payload) {
	l.t.Helper()
	var batch []*nats.Msg
	for _, c := range commands {
		l.stamp(c)
		e := event.New(event.PlacementSource("test"), c)
		e.ID = fmt.Sprintf("c_%s_%d_%d_%s", cluster, l.incarnation, l.number, c.EventType())
		m, err := event.Encode(e)
		if err != nil {
			l.t.Fatal(err)
		}
		batch = append(batch, m)
	}
	if _, _, err := l.append.Append(l.t.Context(), batch).Wait(l.b.soon()); err != nil {
		l.t.Fatalf("append commands: %v", err)
	}
}

func (l *leader) stamp(p event.Payload) {
	switch c := p.(type) {
	case *event.CommandPlace:
		l.number++
		c.Number, c.Incarnation = l.number, l.incarnation
	case *event.CommandWithdraw:
		l.number++
		c.Number, c.Incarnation = l.number, l.incarnation
	}
}

// place is a command for replicas of a workload with half a core each.
func place(name event.WorkloadName, replicas int) *event.CommandPlace {
	return &event.CommandPlace{
		Cluster: cluster, Tenant: "shop", Workload: name, Generation: 1, Kind: event.KindService, Replicas: replicas,
		Template: event.Template{Image: "app:1", Resources: event.Resources{CPUMilli: 500, MemoryBytes: 1 << 20}},
		Shapes:   []event.ShapeUse{{Shape: "small", Replicas: replicas}},
	}
}

func withdraw(name event.WorkloadName) *event.CommandWithdraw {
	return &event.CommandWithdraw{Cluster: cluster, Tenant: "shop", Workload: name, Generation: 1}
}

// capacity waits for a report of the running incarnation that contains the last
// command, and checks the room it leaves.
func (l *leader) capacity(freeCPU int64) *event.ClusterCapacityReported {
	l.t.Helper()
	what := fmt.Sprintf("a capacity report through %d with %d thousandths of CPU free", l.number, freeCPU)
	_, r := next(l.capacities, what, func(r *event.ClusterCapacityReported) bool {
		return r.Incarnation == l.incarnation && r.AppliedThrough >= l.number && free(r) == freeCPU
	})
	return r
}

func free(r *event.ClusterCapacityReported) int64 {
	var sum int64
	for _, s := range r.Shapes {
		for _, f := range s.Free {
			sum += int64(f.Nodes) * f.CPUMilli
		}
	}
	return sum
}

// status waits for a status of the running incarnation.
func (l *leader) status(name event.WorkloadName, what string, ok func(*event.WorkloadStatusReported) bool) {
	l.t.Helper()
	next(l.statuses, fmt.Sprintf("a status of %s: %s", name, what), func(s *event.WorkloadStatusReported) bool {
		return s.Workload == name && s.Incarnation == l.incarnation && ok(s)
	})
}

// ready waits until the workload has so many ready replicas by the last command.
func (l *leader) ready(name event.WorkloadName, replicas int) {
	l.t.Helper()
	number := l.number
	l.status(name, fmt.Sprintf("%d ready by command %d", replicas, number), func(s *event.WorkloadStatusReported) bool {
		return s.Ready == replicas && s.Wanted == replicas && s.Last != nil && s.Last.Number == number && s.Last.Outcome == event.OutcomeApplied
	})
}

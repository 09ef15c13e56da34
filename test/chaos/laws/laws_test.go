package laws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/chaos/laws"
)

const (
	gib   = 1 << 30
	shape = "m" // of 4 cores
)

// script is a log made by hand.
type script struct {
	laws.Book
	epoch  uint64
	leader string
	number uint64
}

func (s *script) add(stream event.Stream, source, id string, p event.Payload) event.Event {
	e := event.New(source, p)
	e.ID = id
	e.At = event.At{Stream: stream, Sequence: uint64(len(s.Log[stream]) + 1), Stored: time.UnixMilli(int64(len(s.Log[stream])))}
	s.Log[stream] = append(s.Log[stream], e)
	return e
}

func (s *script) record(id string, p event.Payload) event.Event {
	return s.add(event.Placements, event.PlacementSource(s.leader), id, p)
}

func (s *script) lead(epoch uint64, leader string) {
	s.epoch, s.leader = epoch, leader
	s.record(fmt.Sprintf("e_%d", epoch), &event.EpochStarted{Epoch: epoch, Leader: leader + "-x"})
}

func id(name string) event.WorkloadID {
	return event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)}
}

// submit is accepted and in the log.
func (s *script) submit(name string) uint64 {
	e := s.add(event.Intents, "/tenants/shop/test", "submit-"+name, &event.WorkloadSubmitted{Tenant: "shop", Name: event.WorkloadName(name), Replicas: 1, Template: event.Template{Resources: request}})
	s.Accepted = append(s.Accepted, laws.Accepted{ID: e.ID, Sequence: e.At.Sequence})
	return e.At.Sequence
}

var request = event.Resources{CPUMilli: 2000, MemoryBytes: gib}

// decide places one replica on c1 and commands it.
func (s *script) decide(name string, generation uint64) {
	use := []event.ShapeUse{{Shape: shape, Replicas: 1}}
	s.record("d_"+name, &event.PlacementDecided{
		Tenant: "shop", Workload: event.WorkloadName(name), Verdict: event.VerdictPlaced, Generation: generation, Epoch: s.epoch, Replicas: 1,
		Assignments: []event.Assignment{{Cluster: "c1", Replicas: 1, Shapes: use}}, Positions: s.positions(),
	})
	s.number++
	s.command(name, generation, s.number)
}

func (s *script) command(name string, generation, number uint64) {
	s.record(fmt.Sprintf("c_c1_%d", number), &event.CommandPlace{
		Cluster: "c1", Tenant: "shop", Workload: event.WorkloadName(name), Number: number, Incarnation: 1, Epoch: s.epoch, Generation: generation,
		Replicas: 1, Template: event.Template{Resources: request}, Shapes: []event.ShapeUse{{Shape: shape, Replicas: 1}},
	})
}

func (s *script) positions() event.Positions {
	at := func(name event.Stream) uint64 { return uint64(len(s.Log[name])) }
	return event.Positions{Intents: at(event.Intents), Status: at(event.Status), Capacity: at(event.Capacity)}
}

// report says that c1 has one node of four cores and has applied all that it was told.
func (s *script) report(applied uint64) {
	s.add(event.Capacity, event.AgentSource("c1"), fmt.Sprintf("cap-%d", len(s.Log[event.Capacity])), &event.ClusterCapacityReported{
		Cluster: "c1", Incarnation: 1, Report: uint64(len(s.Log[event.Capacity]) + 1), AppliedThrough: applied,
		Shapes: []event.NodeShape{{Name: shape, Nodes: 1, CPUMilli: 4000, MemoryBytes: 8 * gib,
			Free: []event.FreeNodes{{Nodes: 1, CPUMilli: 4000 - int64(applied)*request.CPUMilli, MemoryBytes: 8*gib - int64(applied)*gib}}}},
	})
}

func (s *script) status(name string, number uint64, o event.Outcome) {
	s.add(event.Status, event.AgentSource("c1"), fmt.Sprintf("status-%d", len(s.Log[event.Status])), &event.WorkloadStatusReported{
		Cluster: "c1", Tenant: "shop", Workload: event.WorkloadName(name), Incarnation: 1, Last: &event.Settled{Number: number, Outcome: o},
	})
}

func (s *script) running() map[event.WorkloadID]int { return s.Clusters[0].Running }

// sound is a run in which every law held: two leaders in turn, two workloads placed.
func sound() *script {
	s := &script{Book: laws.Book{Log: map[event.Stream][]event.Event{}}}
	s.lead(1, "a")
	s.record("y_1", &event.CommandSynchronise{Cluster: "c1", Incarnation: 1, First: 1, Epoch: 1})
	s.report(0)
	s.decide("web", s.submit("web"))
	s.status("web", 1, event.OutcomeApplied)
	s.report(1)
	s.lead(2, "b")
	s.decide("api", s.submit("api"))
	s.report(2)
	s.Clusters = []laws.Cluster{{Name: "c1", Running: map[event.WorkloadID]int{id("web"): 1, id("api"): 1}}}
	return s
}

// A run that kept every law is told so; each of them, broken once, is found, as what it is.
func TestEveryLawCanBeBroken(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil        func(*script)
		safety, rest string // words of the complaint
		lost, double int
	}{
		"nothing is wrong": {spoil: func(*script) {}},
		"an acknowledged submission is not in the log": {spoil: func(s *script) {
			s.Accepted = append(s.Accepted, laws.Accepted{ID: "submit-db", Sequence: 3})
		}, safety: "submit-db was acknowledged at 3", lost: 1},
		"another stands where a submission was acknowledged": {spoil: func(s *script) { s.Log[event.Intents][0].ID = "x" }, safety: "submit-web was acknowledged at 1", lost: 1},
		"a submission is stored twice": {spoil: func(s *script) {
			e := s.Log[event.Intents][1]
			e.At.Sequence = 3
			s.Log[event.Intents] = append(s.Log[event.Intents], e)
			s.Log[event.Placements][5].Data.(*event.PlacementDecided).Generation = 3
		}, safety: "holds submit-api", double: 1},
		"a submission is not decided":              {spoil: func(s *script) { s.submit("db") }, rest: "never decided", lost: 1},
		"the newest word on a workload is ignored": {spoil: func(s *script) { s.submit("web") }, safety: "holds submit-web", rest: "for generation 1", lost: 1, double: 1},
		"a withdrawal is ignored": {spoil: func(s *script) {
			s.add(event.Intents, "/tenants/shop/test", "w", &event.WorkloadWithdrawn{Tenant: "shop", Name: "web"})
		}, rest: "was withdrawn", lost: 1},
		"a stream has a hole": {spoil: func(s *script) {
			s.Log[event.Placements] = append(s.Log[event.Placements][:3], s.Log[event.Placements][4:]...)
		},
			safety: "PLACEMENTS has a hole before 5"},
		"a command number is given twice": {spoil: func(s *script) { s.record("c_again", s.Log[event.Placements][3].Data) }, safety: "command 1 of c1 was recorded before", double: 1},
		"a record is stored twice":        {spoil: func(s *script) { s.record("d_api", &event.PlacementTicked{}) }, safety: "PLACEMENTS holds d_api", double: 1},
		"a command number is left out":    {spoil: func(s *script) { s.number++; s.decide("db", s.submit("db")) }, safety: "command 4 of c1 follows 2", rest: "command 3"},
		"a number is settled twice":       {spoil: func(s *script) { s.status("web", 1, event.OutcomeRejected) }, safety: "settled twice", double: 1},
		"a number is never settled":       {spoil: func(s *script) { s.command("web", 1, 3) }, rest: "command 3 of c1 was neither"},
		"a command is for another agent": {spoil: func(s *script) {
			s.Log[event.Placements][3].Data.(*event.CommandPlace).Incarnation = 7
		}, safety: "is for incarnation 7"},
		"two leaders interleave": {spoil: func(s *script) { s.leader = "a"; s.record("y_2", &event.PlacementTicked{}) }, safety: "two leaders interleave"},
		"a deposed leader decides": {spoil: func(s *script) {
			s.Log[event.Placements][5].Data.(*event.PlacementDecided).Epoch = 1
		}, safety: "record 6 is of epoch 1, in epoch 2"},
		"a leader goes on after its farewell": {spoil: func(s *script) {
			s.record("end", &event.EpochEnded{Epoch: 2})
			s.record("y_2", &event.PlacementTicked{})
		}, safety: "ended: true"},
		"an epoch is skipped":  {spoil: func(s *script) { s.lead(4, "c") }, safety: "epoch 4 follows 2"},
		"a shape is overdrawn": {spoil: func(s *script) { s.decide("db", s.submit("db")); s.running()[id("db")] = 1; s.report(3) }, safety: "promises more cpu of shape m"},
		"room is given away before it is free": {spoil: func(s *script) {
			s.number++
			s.record("c_c1_3", &event.CommandWithdraw{Cluster: "c1", Tenant: "shop", Workload: "web", Number: 3, Incarnation: 1, Epoch: 2})
			s.decide("db", s.submit("db"))
		}, safety: "promises more cpu of shape m"},
		"a node was overdrawn":      {spoil: func(s *script) { s.Clusters[0].Audit = []string{"node m-1"} }, safety: "overdrawn: node m-1"},
		"a cluster lacks a replica": {spoil: func(s *script) { delete(s.running(), id("web")) }, rest: "c1 runs 0 of shop/web, 1 were decided"},
		"a cluster has an orphan":   {spoil: func(s *script) { s.running()[id("old")] = 2 }, rest: "c1 runs 2 of shop/old, 0 were decided"},
		"an answer repeats old numbers": {spoil: func(s *script) {
			s.record("y_2", &event.CommandSynchronise{Cluster: "c1", Incarnation: 2, First: 2, Epoch: 2})
		}, safety: "synchronised from 2, the last command was 2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sound()
			tc.spoil(s)
			v := s.Check()
			holds(t, "safety", v.Safety, tc.safety)
			if tc.rest != "" || tc.safety == "" {
				holds(t, "rest", v.Rest, tc.rest)
			}
			if v.Lost != tc.lost || v.Double != tc.double {
				t.Errorf("lost %d, double %d; want %d and %d", v.Lost, v.Double, tc.lost, tc.double)
			}
		})
	}
}

// holds wants a complaint with these words, or none for no words.
func holds(t *testing.T, what string, found []string, want string) {
	t.Helper()
	all := strings.Join(found, "\n")
	if want == "" && all != "" || !strings.Contains(all, want) {
		t.Errorf("%s: found %q, want %q", what, all, want)
	}
}

// The sums are of what was read.
func TestSums(t *testing.T) {
	v := sound().Check()
	want := laws.Sums{Events: 2 + 3 + 1 + 7, Decisions: 2, Commands: 2, Epochs: 2, Applied: 2}
	if v.Sums != want {
		t.Errorf("sums %+v, want %+v", v.Sums, want)
	}
}

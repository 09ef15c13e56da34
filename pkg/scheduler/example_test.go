package scheduler_test

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// A log of a few facts, and what placement records of them.
func Example() {
	s := scheduler.New(scheduler.DefaultConfig())
	sequence := map[event.Stream]uint64{}
	apply := func(stream event.Stream, p event.Payload) uint64 {
		sequence[stream]++
		s.Apply(event.Event{Data: p, At: event.At{Stream: stream, Sequence: sequence[stream], Stored: time.UnixMilli(1)}})
		return sequence[stream]
	}
	decide := func() {
		for p := s.Decide(); p != nil; p = s.Decide() {
			fmt.Println(p.EventType())
			apply(event.Placements, p)
		}
	}

	incarnation := apply(event.Intents, &event.AgentStarted{Cluster: "eu-1", Instance: "agent"})
	decide()
	apply(event.Capacity, &event.ClusterCapacityReported{
		Cluster: "eu-1", Incarnation: incarnation, Report: 1, Orchestrator: "kubernetes", Kinds: []event.Kind{event.KindService},
		Shapes: []event.NodeShape{{Name: "small", Nodes: 3, CPUMilli: 4000, Free: []event.FreeNodes{{Nodes: 3, CPUMilli: 4000}}}},
	})
	apply(event.Intents, &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 2,
		Template: event.Template{Resources: event.Resources{CPUMilli: 1000}},
	})
	decide()
	w, _ := s.Workload(event.WorkloadID{Tenant: "shop", Name: "web"})
	fmt.Println(w.Verdict, w.Assignments[0].Replicas, "on", w.Assignments[0].Cluster)
	// Output:
	// dev.fairlead.command.synchronise.v1
	// dev.fairlead.placement.decided.v1
	// dev.fairlead.command.place.v1
	// placed 2 on eu-1
}

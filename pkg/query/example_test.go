package query_test

import (
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
)

// A question is answered from a state; the answer says which.
func ExampleReply() {
	s := scheduler.New(scheduler.DefaultConfig())
	s.Apply(event.Event{
		At:   event.At{Stream: event.Intents, Sequence: 1},
		Data: &event.WorkloadSubmitted{Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 2},
	})
	a := query.Reply(s, query.StatusView{}, query.Question{Kind: query.Workloads, Tenant: "shop"})
	fmt.Println(len(a.Items), "workload as of INTENTS", a.Positions.Intents)
	// Output: 1 workload as of INTENTS 1
}

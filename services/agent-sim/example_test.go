package agentsim_test

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
)

// A simulated cluster takes what an agent applies, and shows what is left.
func ExampleNew() {
	c := agentsim.New(agentsim.Spec{
		Name:  "eu-1",
		Nodes: []agentsim.Nodes{{Count: 2, Shape: "gpu", CPU: 8000, GPUs: 2}},
	})
	_ = c.Apply(context.Background(), agent.Desired{
		Workload: event.WorkloadID{Tenant: "shop", Name: "search"},
		Token:    1,
		Kind:     event.KindService,
		Replicas: 3,
		Template: event.Template{Resources: event.Resources{CPUMilli: 1000, GPUMilli: 500}},
	})
	v, _ := c.Observe(context.Background())
	fmt.Println("bound:", v.Objects[0].Bound)
	for _, free := range v.Shapes[0].Free {
		fmt.Println(free.Nodes, "node with", free.CPUMilli, free.GPUs)
	}
	// Output:
	// bound: [{[] 3 gpu}]
	// 1 node with 5000 [500 0]
	// 1 node with 8000 [1000 1000]
}

package agent_test

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Inputs go into a machine, effects come out; the shell does them. Here the hello gets
// its place in the log, and placement answers that nothing is wanted yet.
func ExampleMachine() {
	m := agent.NewMachine(agent.Settings{Cluster: "eu-1", Instance: "a"})
	show := func(effects []agent.Effect) {
		for _, e := range effects {
			fmt.Println(describe(e))
		}
	}
	show(m.Step(agent.TimePassed{Now: time.Unix(0, 0)}))
	show(m.Step(agent.Started{}))
	show(m.Step(agent.Published{ID: "eu-1/hello/a/1", Sequence: 7}))
	show(m.Step(agent.CommandArrived{Event: event.Event{
		At:   event.At{Stream: event.Placements, Sequence: 20},
		Data: &event.CommandSynchronise{Cluster: "eu-1", Incarnation: 7, First: 1, Through: 0},
	}}))
	// Output:
	// publish eu-1/hello/a/1: hello, start
	// ack 20
	// observe
}

package event_test

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// A service submits a workload; a reader of the log gets the same event back.
func Example() {
	e := event.New(event.SubmitterSource("shop", "ci"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 3,
		Template: event.Template{Image: "nginx:1.29", Resources: event.Resources{CPUMilli: 500}},
	})
	e.ID = "shop/web/build-4711" // the same on every retry

	msg, err := event.Encode(e)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(msg.Subject)

	read, err := event.Decode(msg.Subject, msg.Header, msg.Data, event.At{Stream: event.Intents, Sequence: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	submitted := read.Data.(*event.WorkloadSubmitted)
	fmt.Println(submitted.ID(), submitted.Replicas, read.At.Sequence)
	// Output:
	// fairlead.intents.tenant.shop.workload.submitted
	// shop/web 3 1
}

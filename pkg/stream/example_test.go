package stream_test

import (
	"context"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// A service publishes a wish; whoever reads the stream finds it, in order.
func Example() {
	ctx := context.Background()
	log := stream.NewMemory(stream.MemoryConfig{}) // or Open, over a connection

	wish := event.New("/operators/alice", &event.ClusterCordoned{Cluster: "eu-1", Reason: "new switch"})
	wish.ID = "cordon-eu-1-before-new-switch" // the same on every retry
	for range 2 {
		at, err := log.Publish(ctx, wish)
		fmt.Println("stored at", at, err)
	}

	reader, err := log.Read(ctx, event.Intents, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer reader.Close()
	batch, err := reader.Next(ctx)
	for _, m := range batch {
		e, err := m.Event()
		fmt.Println(e.At.Sequence, e.Type(), err)
	}
	fmt.Println(err)
	// Output:
	// stored at 1 <nil>
	// stored at 1 <nil>
	// 1 dev.fairlead.cluster.cordoned.v1 <nil>
	// <nil>
}

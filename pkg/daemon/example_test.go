package daemon_test

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/daemon"
)

// A process is parts in order: what is used by others comes first.
func Example() {
	part := func(name string) daemon.Part {
		return daemon.Part{Name: name, Run: func(ctx context.Context, ready func()) error {
			fmt.Println("start", name)
			ready()
			<-ctx.Done()
			fmt.Println("stop", name)
			return nil
		}}
	}
	work := daemon.Part{Name: "work", Run: func(context.Context, func()) error {
		fmt.Println("the work is done")
		return nil
	}}
	err := daemon.Run(context.Background(), time.Second, part("store"), part("server"), work)
	fmt.Println("error:", err)
	// Output:
	// start store
	// start server
	// the work is done
	// stop server
	// stop store
	// error: <nil>
}

package stream_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"fairlead.dev/test/harness"
)

// asServer, when set, makes the test binary a server on that folder instead, so
// that a test can kill one.
const asServer = "FAIRLEAD_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asServer); dir != "" {
		serve(dir)
	}
	os.Exit(m.Run())
}

// serve runs a server until the process is killed, or its parent is gone.
func serve(dir string) {
	s, err := harness.Serve(harness.Synced(dir, server.RANDOM_PORT))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.ClientURL())
	_, _ = os.Stdin.Read(make([]byte, 1)) // ends with the parent
	os.Exit(0)
}

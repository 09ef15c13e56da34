package swarm

import (
	"os"
	"testing"

	"fairlead.dev/test/swarm/engine"
)

func TestMain(m *testing.M) {
	engine.Main()
	os.Exit(m.Run())
}

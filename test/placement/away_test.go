package placement

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	service "fairlead.dev/services/placement"
)

// A stop while the server is gone ends at once: there is nothing to wait for, since all
// that counts is in the log already. The grace is far longer than the test may take.
func TestStopWithoutTheServer(t *testing.T) {
	f := newFleet(t)
	first := f.lead(func(c *service.Config) { c.Grace = time.Hour })
	f.join("eu-1")
	f.submit("web", 5)
	f.placed(5)
	f.stopBroker()
	f.end(first)

	back := f.nc.StatusChanged(nats.CONNECTED)
	f.startBroker()
	select {
	case <-back:
	case <-f.soon().Done():
		t.Fatal("the connection does not come back")
	}
	second := f.lead()
	f.submit("api", 5)
	f.consistent(f.placed(10))
	f.end(second)
	f.sameAsFolded()
}

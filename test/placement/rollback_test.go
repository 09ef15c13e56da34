package placement

import (
	"errors"
	"testing"

	"fairlead.dev/pkg/event"
	service "fairlead.dev/services/placement"
)

// recreate loses everything a stream held, as a deleted store does.
func (f *fleet) recreate(s event.Stream) {
	f.t.Helper()
	if err := f.js.DeleteStream(f.soon(), string(s)); err != nil {
		f.t.Fatal(err)
	}
	f.setup()
}

// A log that lost placements or intents stops the service, whether or not there is a
// checkpoint that remembers; adopting the log is the way out.
func TestRolledBackLogStops(t *testing.T) {
	for name, c := range map[string]struct {
		stream event.Stream
		keep   bool // the checkpoints
	}{
		"placements, with checkpoint": {event.Placements, true},
		"intents, with checkpoint":    {event.Intents, true},
		"intents, without":            {event.Intents, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			first := f.lead()
			f.join("eu-1")
			f.submit("web", 3)
			f.placed(3)
			f.end(first)
			f.recreate(c.stream)
			if !c.keep {
				if err := f.js.DeleteObjectStore(f.soon(), "fairlead-checkpoints"); err != nil {
					t.Fatal(err)
				}
				f.setup()
			}
			if err := f.outcome(&f.start().term); !errors.Is(err, service.ErrRolledBack) {
				t.Fatalf("placement ended with %v", err)
			}
			adopted := f.lead(func(c *service.Config) { c.AdoptLog = true })
			f.end(adopted)
			f.end(f.lead()) // the next start needs no special word
		})
	}
}

// Capacity that is lost is recorded as a new incarnation and read on, in a running
// service as at a start.
func TestLostCapacityIsReadOn(t *testing.T) {
	f := newFleet(t)
	first := f.lead()
	f.join("eu-1")
	f.submit("web", 5)
	f.placed(5)
	f.end(first)
	f.recreate(event.Capacity)
	second := f.lead()
	f.submit("api", 5)
	f.consistent(f.placed(10))

	f.recreate(event.Capacity)
	f.submit("job", 5)
	all := f.records(1, func(e event.Event) bool { d, ok := e.Data.(*event.EpochStarted); return ok && d.Epoch == 3 })
	incarnations := map[string]bool{}
	for _, e := range all {
		if d, ok := e.Data.(*event.EpochStarted); ok {
			incarnations[d.Streams[string(event.Capacity)]] = true
		}
	}
	if len(incarnations) != 3 {
		t.Errorf("epochs record %d incarnations of CAPACITY, want 3", len(incarnations))
	}
	f.consistent(f.placed(15))
	f.end(second)
}

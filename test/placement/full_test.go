package placement

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/doctor"
	service "fairlead.dev/services/placement"
)

// words is what a service said last, and a way to wait for what it says next.
type words struct {
	mu   sync.Mutex
	last string
	news chan struct{}
}

func (w *words) say(text string) {
	w.mu.Lock()
	w.last = text
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// until waits for words with some text in them.
func (f *fleet) until(w *words, text string) string {
	f.t.Helper()
	for {
		w.mu.Lock()
		last := w.last
		w.mu.Unlock()
		if strings.Contains(last, text) {
			return last
		}
		select {
		case <-w.news:
		case <-f.soon().Done():
			f.t.Fatalf("it says %q, want %q", last, text)
		}
	}
}

// limit gives a stream so much room beyond what it holds, and makes it refuse what does
// not fit, as an operator may choose; 0 gives it back what it had.
func (f *fleet) limit(s event.Stream, room int64) {
	f.t.Helper()
	info, err := f.js.Stream(f.soon(), string(s))
	if err != nil {
		f.t.Fatal(err)
	}
	c := info.CachedInfo().Config
	if c.MaxBytes, c.Discard = 8<<30, jetstream.DiscardOld; room > 0 {
		c.MaxBytes, c.Discard = int64(info.CachedInfo().State.Bytes)+room, jetstream.DiscardNew
	}
	if _, err := f.js.UpdateStream(f.soon(), c); err != nil {
		f.t.Fatal(err)
	}
}

// examined is what doctor finds about a part.
func (f *fleet) examined(check string) doctor.Finding {
	f.t.Helper()
	for _, found := range doctor.Examine(f.soon(), f.nc, f.log.Identity(), 10*time.Second) {
		if found.Check == check {
			return found
		}
	}
	f.t.Fatalf("doctor does not look at %s", check)
	return doctor.Finding{}
}

// A placement log without room: it is told before, told when it bites, nothing is lost,
// and all goes on when there is room again.
func TestAFullLogIsToldAndMends(t *testing.T) {
	f := newFleet(t)
	ready, warned := &words{news: make(chan struct{}, 1)}, &words{news: make(chan struct{}, 1)}
	f.lead(func(c *service.Config) {
		tell := c.Ready
		c.RoomEvery = 50 * time.Millisecond
		c.Ready = func(is bool, why string) {
			tell(is, why)
			ready.say(fmt.Sprintf("%v %s", is, why))
		}
		c.Warn = func(w []string) { warned.say(strings.Join(append(w, "."), "; ")) }
	})
	f.limit(event.Placements, 1) // what is there is all that may be
	f.until(warned, "PLACEMENTS is")
	f.limit(event.Placements, 256<<10)
	f.until(warned, ".")
	workloads := f.fill()
	if why := f.until(ready, "PLACEMENTS is full"); strings.HasPrefix(why, "true") {
		t.Errorf("ready and full: %s", why)
	}
	if found := f.examined("PLACEMENTS"); found.Grade == doctor.OK { // there may be room left, but too little for a batch
		t.Errorf("doctor about the stream: %+v", found)
	}
	if found := f.examined("placement"); found.Grade != doctor.Bad || !strings.Contains(found.Detail, "nothing gets into the log") {
		t.Errorf("doctor about the service: %+v", found)
	}
	status, _, err := query.New(f.nc).Status(f.soon())
	if err != nil || !strings.Contains(status.Trouble, "full") {
		t.Errorf("status %+v, %v", status, err)
	}
	f.limit(event.Placements, 0)
	f.until(ready, "true")
	f.until(warned, ".")
	f.decidedOnce(workloads)
	if found := f.examined("PLACEMENTS"); found.Grade == doctor.Bad {
		t.Errorf("doctor afterwards: %+v", found)
	}
}

// fill submits until the service says that it is in trouble, and gives how many it were.
func (f *fleet) fill() (n int) {
	f.t.Helper()
	const some = 40
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		status, _, err := query.New(f.nc).Status(f.soon())
		switch {
		case err != nil:
			f.t.Fatal(err)
		case status.Trouble != "":
			return n
		case status.Decided >= uint64(n):
			f.submit(fmt.Sprintf("w-%d", n), some)
			n += some
		}
		select {
		case <-again.C:
		case <-f.soon().Done():
			f.t.Fatalf("%d submitted, %d decided, no trouble", n, status.Decided)
		}
	}
}

// decidedOnce waits until each workload was decided; none may be decided twice.
func (f *fleet) decidedOnce(n int) {
	f.t.Helper()
	seen := map[event.WorkloadName]int{}
	f.records(1, func(e event.Event) bool {
		if d, ok := e.Data.(*event.PlacementDecided); ok {
			if seen[d.Workload]++; seen[d.Workload] > 1 {
				f.t.Errorf("%s was decided twice", d.Workload)
			}
		}
		return len(seen) == n
	})
}

// Whoever writes wishes into a full stream hears it at once, and can go on when there is
// room.
func TestFullIntentsAreToldToTheWriter(t *testing.T) {
	f := newFleet(t)
	f.submit("before", 1)
	f.limit(event.Intents, 1)
	_, err := f.log.Publish(f.soon(), submission("shop", "late"))
	var refused *stream.Refused
	if !errors.As(err, &refused) || !refused.Full() || !strings.Contains(err.Error(), "INTENTS is full") {
		t.Errorf("publish: %v", err)
	}
	if found := f.examined("INTENTS"); found.Grade != doctor.Bad {
		t.Errorf("doctor: %+v", found)
	}
	f.limit(event.Intents, 0)
	if _, err := f.log.Publish(f.soon(), submission("shop", "late")); err != nil {
		t.Error(err)
	}
}

package placement

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Under random faults, restarts and depositions the log stays sound, and every
// workload ends as it was wanted last.
func TestRandomFaults(t *testing.T) {
	for range 8 {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { randomFaults(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

// disorder is a random history: wishes, and everything that may happen to a leader.
type disorder struct {
	*stage
	r      *rand.Rand
	wanted map[string]bool
}

func randomFaults(t *testing.T, r *rand.Rand) {
	d := &disorder{placed(t, func(c *Config) { c.BatchMessages = 8 }), r, map[string]bool{}}
	d.mem.Inject(func(op stream.Op) stream.Fault {
		if op.Kind == stream.OpAppend && r.IntN(5) == 0 {
			return stream.Fault(1 + r.IntN(2))
		}
		return stream.NoFault
	})
	for range 150 {
		if d.happen(); d.stopped != nil {
			t.Fatalf("stepped down: %v", d.stopped)
		}
	}
	d.mem.Inject(nil)
	d.settle()
	for name, want := range d.wanted {
		w, ok := d.loop.state.Workload(event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)})
		if want && (!ok || len(w.Assignments) != 1) || !want && ok && len(w.Assignments) > 0 {
			t.Errorf("%s: wanted %t, is %+v", name, want, w)
		}
	}
	d.sound()
}

func (d *disorder) happen() {
	switch n := d.r.IntN(24); {
	case n < 10:
		d.wish(fmt.Sprintf("w%d", d.r.IntN(40)), n < 8)
	case n < 14:
		d.read()
	case n < 18:
		d.deliver()
	case n < 20:
		d.report()
	case n < 22:
		d.tick()
	case n < 23:
		d.begin() // killed, and another one starts
	default:
		d.keep()
	}
}

// wish submits or withdraws, each only where it changes something. An hour passes: the
// same id within the window of duplicates would be the same wish.
func (d *disorder) wish(name string, want bool) {
	if d.wanted[name] == want {
		return
	}
	d.now = d.now.Add(time.Hour)
	if d.wanted[name] = want; want {
		d.submit(name)
	} else {
		d.withdraw(name)
	}
}

// keep takes a checkpoint and saves it.
func (d *disorder) keep() {
	d.step(saveDue{})
	d.tick()
	d.deliver()
	for _, c := range d.saves {
		if err := d.mem.SaveCheckpoint(d.t.Context(), c); err != nil {
			d.t.Fatal(err)
		}
	}
	d.saves = nil
}

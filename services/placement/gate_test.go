package placement

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// told is a message as the store took it.
func told(s event.Stream, subject string, seq uint64, stored time.Time, size int) stream.Message {
	return stream.Message{Subject: subject, Data: make([]byte, size), At: event.At{Stream: s, Sequence: seq, Stored: stored}}
}

var noon = time.Unix(1_700_000_000, 0)

// A flood of one is cut to what a working agent never reaches, and nobody else notices.
func TestAFloodIsCut(t *testing.T) {
	for name, c := range map[string]struct {
		stream      event.Stream
		flood       string
		size        int
		atOnce, per int // messages heard at once, and in a minute after that
	}{
		"reports":       {event.Capacity, "fairlead.capacity.cluster.eu-9.cluster.capacity.reported", 1 << 10, 1188, 1188},
		"large reports": {event.Capacity, "fairlead.capacity.cluster.eu-9.cluster.capacity.reported", 4 << 20, 29, 29},
		"statuses":      {event.Status, "fairlead.status.cluster.eu-9.workload.status.reported", 0, 120_000, 120_000},
		"rubbish":       {event.Status, "fairlead.status.cluster.eu-9.what.is.this", 0, 120_000, 120_000},
		"hellos":        {event.Intents, "fairlead.intents.cluster.eu-9.agent.started", 100, 19, 12},
		"wishes":        {event.Intents, "fairlead.intents.tenant.shop.workload.submitted", 0, 300_000, 300_000},
		"no subject":    {event.Status, "x", 0, 120_000, 120_000},
	} {
		t.Run(name, func(t *testing.T) {
			g, seq := &gate{}, uint64(0)
			burst := func(now time.Time) (heard int) {
				for range 2 * c.atOnce {
					seq++
					if g.pass(told(c.stream, c.flood, seq, now, c.size)) {
						heard++
					}
				}
				return heard
			}
			if n := burst(noon); n != c.atOnce {
				t.Errorf("%d heard at once, want %d", n, c.atOnce)
			}
			seq++
			other := "fairlead.status.cluster.eu-1.workload.status.reported"
			if !g.pass(told(event.Status, other, seq, noon, 1000)) {
				t.Error("somebody else is not heard")
			}
			if n := burst(noon.Add(time.Minute)); n < c.per-2 || n > c.per+2 {
				t.Errorf("%d heard after a minute, want %d", n, c.per)
			}
			if n := burst(noon.Add(time.Hour)); n != c.atOnce {
				t.Errorf("%d heard after an hour, want %d", n, c.atOnce)
			}
		})
	}
}

// Operators are not counted.
func TestOperatorsAreHeard(t *testing.T) {
	g := &gate{}
	for i := range 10_000 {
		for k, subject := range []string{"fairlead.intents.cluster.eu-1.cluster.cordoned", "fairlead.intents.tenant.shop.quota.set", "fairlead.intents.fleet.policy.set"} {
			if !g.pass(told(event.Intents, subject, uint64(3*i+k+1), noon, 100)) {
				t.Fatalf("%s number %d is not heard", subject, i)
			}
		}
	}
	if len(g.due) > 0 {
		t.Errorf("%v is remembered", g.due)
	}
}

// Whoever goes on from a checkpoint, wherever it was taken, hears the same as somebody who
// was there all the time; also where the store's clock went back for a moment.
func TestAGateGoesOnWhereItWas(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	now := noon
	var messages []stream.Message
	for i := range 4000 {
		if now = now.Add(time.Duration(r.IntN(700)-20) * time.Millisecond); r.IntN(50) == 0 {
			now = now.Add(-time.Second)
		}
		subject := fmt.Sprintf("fairlead.intents.cluster.eu-%d.agent.started", r.IntN(6)*r.IntN(3))
		messages = append(messages, told(event.Intents, subject, uint64(i)+1, now, r.IntN(1<<20)))
	}
	throughout, kept := &gate{}, gates{}
	resumed := kept.reader(event.Intents, 0)
	refused := 0
	for i, m := range messages {
		want := throughout.pass(m)
		if !want {
			refused++
		}
		if got := resumed.pass(m); got != want {
			t.Fatalf("message %d is heard: %v, by whoever was there all the time %v", i+1, got, want)
		}
		kept.count(m)
		if r.IntN(20) == 0 {
			kept = restoreGates(kept.copied())
			resumed = kept.reader(event.Intents, m.At.Sequence)
		}
	}
	if refused == 0 || refused == len(messages) {
		t.Errorf("%d of %d refused: nothing was tried", refused, len(messages))
	}
}

// Where anybody may give themselves any name, the memory of a gate has an end.
func TestAGateIsBounded(t *testing.T) {
	g := &gate{}
	for i := range 2 * mostPublishers {
		subject := fmt.Sprintf("fairlead.status.cluster.c%d.workload.status.reported", i)
		g.pass(told(event.Status, subject, uint64(i)+1, noon, 1))
	}
	if n := len(g.due); n > mostPublishers+1 {
		t.Errorf("%d publishers are remembered, want at most %d", n, mostPublishers+1)
	}
	g.pass(told(event.Status, "fairlead.status.cluster.late.workload.status.reported", 17*sweep, noon.Add(time.Hour), 1))
	if n := len(g.due); n > 1 {
		t.Errorf("%d publishers are remembered when nobody owes anything", n)
	}
}

// A stream that lost its end has lost what was counted there.
func TestAGateOfAStreamThatRolledBack(t *testing.T) {
	all := gates{}
	for i := range 40 {
		all.count(told(event.Intents, "fairlead.intents.cluster.eu-9.agent.started", uint64(i)+1, noon, 0))
	}
	if len(all.reader(event.Intents, 40).due) != 1 || len(all.reader(event.Intents, 10).due) != 0 {
		t.Error("a reader behind the end does not begin anew, or one at the end does")
	}
	all.begin(event.Positions{Intents: 40})
	if len(all.of(event.Intents).due) != 1 {
		t.Error("an epoch that lost nothing forgets")
	}
	all.begin(event.Positions{Intents: 39})
	if len(all.of(event.Intents).due) != 0 {
		t.Error("an epoch after a loss remembers what is lost")
	}
}

// Of a flood of rubbish some letters are kept, the last of them says so, and time brings
// room for more.
func TestDeadLettersOfOneAreBounded(t *testing.T) {
	var y yard
	rubbish := func(seq uint64, at time.Time) (bool, bool) {
		return y.admit(told(event.Status, "fairlead.status.cluster.eu-9.workload.status.reported", seq, at, 10))
	}
	kept, lasts := 0, 0
	for i := range 1000 {
		keep, last := rubbish(uint64(i)+1, noon)
		if keep {
			kept++
		}
		if last {
			lasts++
		}
	}
	if kept != 100 || lasts != 1 {
		t.Errorf("%d letters kept, %d of them said to be the last; want 100 and 1", kept, lasts)
	}
	if keep, _ := y.admit(told(event.Status, "fairlead.status.cluster.eu-1.workload.status.reported", 2000, noon, 10)); !keep {
		t.Error("somebody else's letter is not kept")
	}
	if keep, _ := rubbish(2001, noon.Add(7*time.Second)); !keep {
		t.Error("no letter is kept some seconds later")
	}
}

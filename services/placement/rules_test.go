package placement

import (
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// What an epoch was led by stands in its record: whoever folds the log, told whatever
// itself, decides by it, and by the next epoch's from there on.
func TestTheLogSaysByWhichRulesItWasLed(t *testing.T) {
	s := placed(t, func(c *Config) {
		c.Scheduler = scheduler.DefaultConfig()
		c.Scheduler.TickMillis, c.Scheduler.SuspectMillis = 300, 7_000
	})
	first := s.cfg.Scheduler
	pass(s, "web")
	if observed := s.loop.state.Observed(); observed == 0 || observed%1000 == 0 {
		t.Fatalf("observed %d ms: the test wants a time that other rules would not give", observed)
	}
	s.foldsAlike(first)
	second := first
	second.TickMillis, second.LostMillis = 400, 99_000
	s.cfg.Scheduler = second
	s.begin()
	pass(s, "db")
	s.foldsAlike(second)
	for _, e := range s.log() {
		want := first
		if e.At.Sequence > s.loop.me.at {
			want = second
		}
		past, err := Before(t.Context(), s.mem, scheduler.DefaultConfig(), e.At.Sequence)
		if err != nil {
			t.Fatal(err)
		}
		if _, epoch := e.Data.(*event.EpochStarted); epoch && e.At.Sequence == 1 {
			continue // nothing was recorded before it
		}
		if got := past.State.Config(); got != want {
			t.Errorf("before record %d: %+v, want %+v", e.At.Sequence, got, want)
		}
		if _, decision := e.Data.(*event.PlacementDecided); !decision {
			continue
		}
		if again, err := past.Replay(); err != nil || !again.Same {
			t.Errorf("d_%d: %v\nrecorded %s\ndecided  %s", e.At.Sequence, err, again.Recorded, again.Decided)
		}
	}
	s.sound()
}

// pass lets time pass and a workload be placed.
func pass(s *stage, name string) {
	for range 3 {
		s.tick()
	}
	s.submit(name)
	s.settle()
	s.tick()
	s.deliver()
}

// foldsAlike folds the log, and the facts that the loop has read, by a process that was
// told nothing.
func (s *stage) foldsAlike(want scheduler.Config) {
	s.t.Helper()
	told := s.cfg
	s.cfg.Scheduler = scheduler.DefaultConfig()
	defer func() { s.cfg = told }()
	if s.folded() != s.loop.state.Digest() {
		s.t.Error("another configuration folds another state")
	}
	state, err := Latest(s.t.Context(), s.mem, scheduler.DefaultConfig())
	if err != nil {
		s.t.Fatal(err)
	}
	restored, err := scheduler.Restore(scheduler.DefaultConfig(), state.Snapshot())
	if err != nil {
		s.t.Fatal(err)
	}
	if state.Config() != want || restored.Config() != want {
		s.t.Errorf("folded by %+v, restored by %+v, want %+v", state.Config(), restored.Config(), want)
	}
}

// Rules that no record could hold are refused before anything is claimed.
func TestRulesThatCannotBeRecorded(t *testing.T) {
	for name, change := range map[string]func(*scheduler.Config){
		"no tick":          func(c *scheduler.Config) { c.TickMillis = 0 },
		"negative silence": func(c *scheduler.Config) { c.SuspectMillis = -1 },
		"more than all":    func(c *scheduler.Config) { c.MassPercent = 101 },
		"negative backoff": func(c *scheduler.Config) { c.BackoffMillis = -int64(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{}.Defaults()
			change(&cfg.Scheduler)
			if err := cfg.Validate(); err == nil {
				t.Errorf("%+v is accepted", cfg.Scheduler)
			}
		})
	}
}

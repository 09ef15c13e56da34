package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// An epoch's rules hold from its record on, whatever the state was made with; an epoch
// that says none, as those of old logs, leaves things as they are.
func TestRulesOfEpochs(t *testing.T) {
	recorded := Config{TickMillis: 1, SuspectMillis: 2, LostMillis: 3, Evictions: 4, MassPercent: 5, Tries: 6, BackoffMillis: 7, MaxBackoff: 8}
	epoch := func(s *State, n uint64, r *event.Rules) {
		s.Apply(event.Event{ID: "e", Source: "/x", Data: &event.EpochStarted{Epoch: n, Leader: "l", Engine: Engine, Rules: r},
			At: event.At{Stream: event.Placements, Sequence: n}})
	}
	here, there := New(DefaultConfig()), New(Config{TickMillis: 77})
	epoch(here, 1, nil)
	if here.Config() != DefaultConfig() {
		t.Errorf("without rules: %+v", here.Config())
	}
	if again, err := Restore(recorded, here.Snapshot()); err != nil || again.Config() != recorded {
		t.Errorf("nothing recorded, restored with %+v: %+v, %v", recorded, again.Config(), err)
	}
	epoch(there, 1, nil)
	for _, s := range []*State{here, there} {
		epoch(s, 2, recorded.Rules())
		epoch(s, 3, nil)
		if s.Config() != recorded {
			t.Errorf("by %+v, want %+v", s.Config(), recorded)
		}
	}
	if here.Digest() != there.Digest() {
		t.Error("what the process was told before is part of the state")
	}
	restored, err := Restore(DefaultConfig(), here.Snapshot())
	if err != nil || restored.Config() != recorded || restored.Digest() != here.Digest() {
		t.Errorf("restored: %+v, %v", restored.Config(), err)
	}
}

package placement

import (
	"context"
	"errors"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
)

// The lead is free only after the silence that its sign asks for, by the standby's own
// clock, and never while the standby itself is cut off.
func TestSilenceIsAHint(t *testing.T) {
	alive := func(steps uint64) pulse {
		return pulse{sign: answered, leader: query.Instance{Epoch: 3, Steps: steps}}
	}
	troubled := pulse{sign: answered, leader: query.Instance{Epoch: 3, Steps: 9, Trouble: "disk full"}}
	for name, c := range map[string]struct {
		pulses []pulse // one each 250 ms
		repeat int     // of the last, by which the lead is free
		never  bool
	}{
		"nobody there":                   {[]pulse{alive(1), {sign: nobody}}, 5, false},
		"no answer":                      {[]pulse{alive(1), {sign: silence}}, 9, false},
		"answers, but does not get on":   {[]pulse{alive(1)}, 41, false},
		"answers, but cannot append":     {[]pulse{alive(1), troubled}, 41, false},
		"only the log to go by":          {[]pulse{{sign: unasked}}, 41, false},
		"a leader of an older epoch":     {[]pulse{alive(1), {sign: answered, leader: query.Instance{Epoch: 2, Steps: 7}}}, 9, false},
		"cut off":                        {[]pulse{alive(1), {sign: cutOff}}, 1000, true},
		"nobody, just after the cut off": {[]pulse{alive(1), {sign: nobody}, {sign: nobody}, {sign: nobody}, {sign: cutOff}, {sign: nobody}}, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			v, now := vigil{patience: time.Second, stuck: 10 * time.Second}, time.Duration(0)
			beat := func(p pulse) bool {
				now += 250 * time.Millisecond
				p.now = now
				v.take(p, 3)
				return v.over()
			}
			last := c.pulses[len(c.pulses)-1]
			for _, p := range c.pulses[:len(c.pulses)-1] {
				if beat(p) {
					t.Fatal("free at once")
				}
			}
			n := 1
			for ; !beat(last) && n < c.repeat+10; n++ {
				if n == c.repeat && !c.never {
					t.Fatalf("not free after %d pulses", n)
				}
			}
			if !c.never && (n < c.repeat-1 || n > c.repeat) || c.never && n < c.repeat {
				t.Errorf("free after %d pulses, want %d", n, c.repeat)
			}
		})
	}
}

// Of two standbys of a silent leader one takes the lead. For the other the new leader's
// first record is a sign of life, whatever it heard of nobody before.
func TestANewLeaderIsLeftToLead(t *testing.T) {
	s := placed(t)
	s.cfg.TakeoverAfter, s.cfg.StuckAfter = time.Second, 10*time.Second
	b, c := newUnderstudy(t, s.mem, s.cfg), newUnderstudy(t, s.mem, s.cfg)
	for _, u := range []*understudy{b, c} {
		u.pulse(250*time.Millisecond, answered)
		u.pulse(time.Second, nobody)
		if !u.owed.survey {
			t.Fatal("the silence is not noticed")
		}
	}
	b.act()
	if b.owed.won == nil {
		t.Fatal("nobody leads")
	}
	c.follow()
	c.act()
	c.pulse(250*time.Millisecond, nobody) // the new leader is about to answer
	c.pulse(999*time.Millisecond, nobody)
	c.act()
	if c.owed.won != nil || c.state.Epoch() != 2 {
		t.Fatalf("epoch %d: a leader is deposed that was just heard of", c.state.Epoch())
	}
	c.pulse(time.Millisecond, nobody)
	c.act()
	if c.owed.won == nil || c.state.Epoch() != 3 {
		t.Errorf("epoch %d: a second silence is not noticed", c.state.Epoch())
	}
}

// A standby's state is the leader's, record by record, in whatever order the streams
// reach it and however far facts are read ahead.
func TestAStandbyIsHot(t *testing.T) {
	s := placed(t)
	u := newUnderstudy(t, s.mem, s.cfg)
	for i, name := range []string{"web", "api", "job", "db"} {
		s.submit(name)
		s.settle()
		s.tick()
		s.deliver()
		s.report() // facts that no record names yet
		order := []event.Stream{event.Placements, event.Capacity, event.Status, event.Intents}
		for k := range order {
			u.hand(order[(i+k)%len(order)])
		}
		if len(u.records) != 0 || u.state.Position() != s.loop.state.Position() {
			t.Fatalf("the standby stands at %d of %d, %d records wait", u.state.Position(), s.loop.state.Position(), len(u.records))
		}
		if u.state.Positions() != s.loop.barrier {
			t.Fatalf("the standby has facts up to %+v, the last record is of %+v", u.state.Positions(), s.loop.barrier)
		}
		s.read()
		s.tick()
		s.deliver()
		u.follow()
		if u.state.Digest() != s.loop.state.Digest() {
			t.Fatal("the standby's state is another than the leader's")
		}
	}
}

// The standby that the leader names saves checkpoints, which the next instance restores;
// the leader saves none, and goes on when nobody does it for it.
func TestAStandbySavesCheckpoints(t *testing.T) {
	s := placed(t, func(c *Config) { c.CheckpointRecords = 10 })
	u := newUnderstudy(t, s.mem, s.cfg)
	rounds := func(n int, relieved bool) {
		for range n {
			s.now = s.now.Add(time.Second)
			s.step(clock{s.now, relieved})
			s.deliver()
		}
		u.follow()
	}
	u.step(pulse{now: 1, sign: answered, leader: query.Instance{Saver: u.name, Epoch: 1, Steps: 1}})
	rounds(25, true)
	if len(s.saves) != 0 || len(u.saves) == 0 {
		t.Fatalf("the leader saved %d, the standby %d checkpoints", len(s.saves), len(u.saves))
	}
	for _, f := range u.saves {
		c, err := f.checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.mem.SaveCheckpoint(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	s.sound() // begins with the newest of them
	saved := len(u.saves)
	u.step(pulse{now: 2, sign: answered, leader: query.Instance{Epoch: 1, Steps: 2}})
	rounds(25, false)
	if len(s.saves) == 0 || len(u.saves) != saved {
		t.Errorf("alone, the leader saved %d; the standby %d more", len(s.saves), len(u.saves)-saved)
	}
}

// The log is folded from the newest checkpoint that can be trusted: damaged ones are
// skipped down to the oldest, and to the beginning of the log.
func TestRebuildFromAnyCheckpoint(t *testing.T) {
	s := placed(t)
	var at []uint64
	for _, name := range []string{"a", "b", "c", "d"} {
		s.submit(name)
		s.settle()
		s.step(saveDue{})
		s.tick()
		s.deliver()
		c := s.saves[len(s.saves)-1]
		if err := s.mem.SaveCheckpoint(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		at = append(at, c.Placements)
	}
	want := s.folded()
	for i := len(at) - 1; i >= -1; i-- {
		h, err := rebuild(t.Context(), s.mem, s.cfg)
		if err != nil {
			t.Fatal(err)
		}
		h.close()
		from := uint64(0)
		if i >= 0 {
			from = at[i]
		}
		if h.saved != from {
			t.Errorf("folded from %d, want %d of %v", h.saved, from, at)
		}
		if s.folded() != want {
			t.Errorf("the fold from %d is another", from)
		}
		if i >= 0 && !s.mem.Damage(at[i]) {
			t.Fatalf("no checkpoint at %d", at[i])
		}
	}
}

// A checkpoint that is ahead of a log which rolled back is refused; adopting the log
// drops it and goes on.
func TestCheckpointAheadOfTheLog(t *testing.T) {
	s := placed(t)
	s.submit("a")
	s.settle()
	s.step(saveDue{})
	s.tick()
	s.deliver()
	c := s.saves[0]
	if err := s.mem.SaveCheckpoint(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.mem.RollBack(event.Placements, c.Placements-2)
	if _, err := rebuild(t.Context(), s.mem, s.cfg); !errors.Is(err, ErrRolledBack) {
		t.Fatalf("folded: %v", err)
	}
	adopt := s.cfg
	adopt.AdoptLog = true
	h, err := rebuild(t.Context(), s.mem, adopt)
	if err != nil {
		t.Fatal(err)
	}
	h.close()
	if h.saved != 0 || h.state.Position() != c.Placements-2 {
		t.Errorf("adopted from %d up to %d", h.saved, h.state.Position())
	}
	s.begin() // without a special word
}

// An instance whose engine is older than the epoch's stands by, says so, and leads only
// when it is told to.
func TestAnOlderEngineStandsBy(t *testing.T) {
	s := placed(t)
	newer := event.Event{ID: "e_2", Source: event.PlacementSource("new"), Data: &event.EpochStarted{
		Epoch: 2, Leader: "new", Engine: scheduler.Engine + "0", Positions: s.loop.state.Positions(), Streams: s.loop.state.Streams(),
	}}
	msg, err := event.Encode(newer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.mem.Store(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	for _, told := range []bool{false, true} {
		s.cfg.LeadBackwards = told
		u := newUnderstudy(t, s.mem, s.cfg)
		for range 3 {
			u.pulse(time.Hour, nobody)
			u.act()
		}
		if leads := u.owed.won != nil; leads != told {
			t.Errorf("told %t, leads %t: %s", told, leads, u.why())
		}
	}
}

// Facts that a record was made from and that retention removed are not waited for; a
// stream that lost its end makes the standby fold again.
func TestFactsThatDoNotCome(t *testing.T) {
	s := placed(t)
	u := newUnderstudy(t, s.mem, s.cfg)
	s.report()
	s.read()
	s.tick()
	s.deliver()
	u.hand(event.Placements)
	if len(u.records) == 0 {
		t.Fatal("a record is folded without its facts")
	}
	s.mem.Purge(event.Capacity, s.loop.read[event.Capacity])
	for range 3 {
		u.pulse(factsMissing, answered)
	}
	if out := u.standby.step(pulse{now: u.clock + factsMissing, sign: answered}); out.check != event.Capacity {
		t.Fatalf("asks for %q", out.check)
	}
	state, err := s.mem.State(context.Background(), event.Capacity)
	if err != nil {
		t.Fatal(err)
	}
	shorter := state
	shorter.Last = 0
	u.step(kept{event.Capacity, state})
	if len(u.records) != 0 || u.state.Position() != s.loop.state.Position() {
		t.Errorf("%d records still wait", len(u.records))
	}
	if out := u.standby.step(kept{event.Capacity, shorter}); !errors.Is(out.stop, errRebuild) {
		t.Errorf("a stream that lost its end: %v", out.stop)
	}
}

package placement

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// placed is a stage with a cluster that has room.
func placed(t *testing.T, change ...func(*Config)) *stage {
	t.Helper()
	s := newStage(t, change...)
	s.hello("eu-1")
	s.settle()
	return s
}

// Whatever becomes of an append, the log ends with each record once and in order.
func TestOutcomesOfAnAppend(t *testing.T) {
	for name, disturb := range map[string]func(*stage){
		"acknowledged":               func(*stage) {},
		"lost before it was stored":  func(s *stage) { s.failing(1, stream.Fail) },
		"lost three times":           func(s *stage) { s.failing(3, stream.Fail) },
		"stored, the answer is lost": func(s *stage) { s.failing(1, stream.LoseAnswer) },
		"stored after it was lost":   func(s *stage) { s.failing(2, stream.LoseAnswer) },
	} {
		t.Run(name, func(t *testing.T) {
			s := placed(t)
			s.submit("web")
			disturb(s)
			s.settle()
			if got := s.verdicts("web"); got[event.VerdictPlaced] != 1 || len(got) != 1 {
				t.Errorf("decisions %v", got)
			}
			s.sound()
		})
	}
}

// A decision and its command go together, with the chain of ids that leads back.
func TestDecisionAndCommandInOneBatch(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.read()
	if len(s.orders) != 1 || len(s.orders[0].records) != 2 {
		t.Fatalf("orders %+v", s.orders)
	}
	s.deliver()
	all := s.log()
	decision, command := all[len(all)-2], all[len(all)-1]
	if decision.ID != fmt.Sprintf("d_%d", decision.At.Sequence) || decision.Causation != "submit-web" {
		t.Errorf("decision %s of %s", decision.ID, decision.Causation)
	}
	if command.ID != "c_eu-1_1" || command.Causation != decision.ID || command.Correlation != "submit-web" {
		t.Errorf("command %s of %s of %s", command.ID, command.Causation, command.Correlation)
	}
}

// Nothing waits while nothing is in flight; behind a batch in flight a full batch
// leaves at once and a part of one waits.
func TestGroupCommit(t *testing.T) {
	s := placed(t, func(c *Config) { c.BatchMessages = 10 })
	s.submit("first")
	s.read()
	for i := range 12 {
		s.submit(fmt.Sprintf("more-%d", i))
	}
	s.read()
	var sizes []int
	for _, b := range s.orders {
		sizes = append(sizes, len(b.records))
	}
	if fmt.Sprint(sizes) != "[2 10 10]" || len(s.loop.open.records) != 4 {
		t.Errorf("batches of %v left, %d records wait", sizes, len(s.loop.open.records))
	}
	s.settle()
	s.sound()
}

// Before the tails of its epoch are read, a leader decides nothing.
func TestNothingIsDecidedBeforeTheTails(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.submit("api")
	s.begin()
	messages, err := s.mem.Tail(t.Context(), event.Intents, s.loop.read[event.Intents]+1)
	if err != nil || len(messages) != 2 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	for _, m := range messages {
		if len(s.orders) > 0 {
			t.Fatal("decided before the last submission was read")
		}
		got, _ := sift(event.Intents, hear([]stream.Message{m}, nil))
		s.step(got)
		s.step(clock{stored: s.now.Add(time.Second)})
	}
	s.settle()
	if len(s.verdicts("web")) != 1 || len(s.verdicts("api")) != 1 {
		t.Error("not decided after the tails were read")
	}
	s.sound()
}

// A foreign epoch deposes; whatever the deposed leader had in mind is not in the log.
func TestForeignEpochDeposes(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.read()
	old, orders := s.loop, s.orders
	s.begin() // another instance
	mine := s.loop
	s.loop, s.orders = old, orders
	s.newChain(old.acked)
	s.deliver()
	s.wantStop(errDeposed)
	if got := s.verdicts("web"); len(got) != 0 {
		t.Errorf("the deposed leader decided %v", got)
	}
	s.loop, s.stopped = mine, nil
	s.newChain(mine.acked)
	s.settle()
	if got := s.verdicts("web"); got[event.VerdictPlaced] != 1 {
		t.Errorf("the new leader decided %v", got)
	}
	s.sound()
}

// A record that nobody should have written makes the leader fold the log again.
func TestForeignRecordRebuilds(t *testing.T) {
	s := placed(t)
	msg, err := event.Encode(event.Event{ID: "x", Source: event.PlacementSource("x"), Data: &event.PlacementTicked{Observed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.mem.Store(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	s.submit("web")
	s.read()
	s.deliver()
	s.wantStop(errRebuild)
	s.begin()
	s.settle()
	s.sound()
}

// Where retention has removed the record of the epoch, the log lets nothing in, though
// nobody else leads: a new epoch goes on.
func TestEpochOutOfRetention(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.settle()
	s.step(saveDue{})
	s.tick()
	s.deliver()
	if err := s.mem.SaveCheckpoint(t.Context(), s.saves[0]); err != nil {
		t.Fatal(err)
	}
	s.mem.Purge(event.Placements, s.loop.me.at)
	s.submit("api")
	s.read()
	s.deliver()
	s.wantStop(errRebuild)
	old := s.loop.me
	s.begin()
	s.settle()
	if s.loop.me.epoch != old.epoch+1 {
		t.Errorf("epoch %d follows %d", s.loop.me.epoch, old.epoch)
	}
	view, ok := s.loop.state.Workload(event.WorkloadID{Tenant: "shop", Name: "api"})
	if !ok || view.Verdict != event.VerdictPlaced {
		t.Errorf("api is %+v", view)
	}
}

// A log that lost acknowledged records stops the leader that notices.
func TestRolledBackUnderTheLeader(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.settle()
	s.mem.RollBack(event.Placements, s.loop.acked-1)
	s.submit("api")
	s.read()
	s.deliver()
	s.wantStop(ErrRolledBack)
}

// What no message can hold is recorded as held, and nothing wedges behind it.
func TestTooLargeIsHeld(t *testing.T) {
	s := placed(t)
	s.loop.limits.message = 20 << 10
	s.submitSized("huge", 18<<10)
	s.submit("web")
	s.settle()
	for range 30 {
		s.tick()
	}
	s.settle()
	if got := s.verdicts("huge"); got[event.VerdictHeld] != 1 || len(got) != 1 {
		t.Errorf("huge: %v", got)
	}
	if got := s.verdicts("web"); got[event.VerdictPlaced] != 1 {
		t.Errorf("web: %v", got)
	}
	s.sound()
}

// A batch refused for its size goes in halves; a decision refused alone is held by the
// next term.
func TestRefusedForSize(t *testing.T) {
	refusal := &stream.Refused{Stream: event.Placements, Code: codeMessageTooLarge, Text: "message size exceeds maximum allowed"}
	s := placed(t)
	s.submit("web")
	s.submit("api")
	s.read()
	s.step(appended{s.orders[0], refusal})
	s.orders = nil
	shell := shell{log: s.mem, cfg: s.cfg}
	s.step(shell.look(t.Context(), look{from: s.looks[0].from}))
	s.looks = nil
	if len(s.orders) != 2 || len(s.orders[0].records) != 2 {
		t.Fatalf("orders after the refusal: %+v", s.orders)
	}
	half := s.orders[0]
	s.step(appended{s.orders[0], refusal})
	s.step(appended{s.orders[1], &stream.Moved{Stream: event.Placements, Behind: true}})
	s.step(shell.look(t.Context(), look{from: s.looks[0].from}))
	var why *errUnacceptable
	if !errors.As(s.stopped, &why) || why.workload != half.records[0].about {
		t.Fatalf("stepped down with %v", s.stopped)
	}
	s.hold[why.refusedDecision] = why.why
	s.begin()
	s.settle()
	if got := s.verdicts(string(why.workload.Name)); got[event.VerdictHeld] != 1 || len(got) != 1 {
		t.Errorf("%s: %v", why.workload, got)
	}
	s.sound()
}

// A full store makes the leader say so, wait longer each time and go on when it can.
func TestFullStoreIsWaitedFor(t *testing.T) {
	full := &stream.Refused{Stream: event.Placements, Code: 10077, Text: "no space left on device"}
	s := placed(t)
	s.submit("web")
	s.read()
	shell := shell{log: s.mem, cfg: s.cfg}
	var waits []time.Duration
	for range 5 {
		b := s.orders[0]
		s.orders = nil
		if out := s.step(appended{b, full}); out.trouble == "" {
			t.Error("no word of the full store")
		}
		waits = append(waits, s.looks[0].wait)
		s.looks = nil
		if out := s.step(shell.look(t.Context(), look{from: b.first})); out.trouble == "" {
			t.Error("all is well again although nothing was stored")
		}
	}
	if waits[0] != 0 || waits[4] <= waits[2] {
		t.Errorf("waits %v", waits)
	}
	s.deliver()
	if out := s.step(clock{}); out.trouble != "" {
		t.Errorf("still in trouble: %s", out.trouble)
	}
	s.settle()
	s.sound()
}

// A checkpoint is taken at a tick, saved once the log holds it, and restores to the
// same state.
func TestCheckpointWaitsForTheLog(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.settle()
	s.step(saveDue{})
	s.tick()
	if len(s.saves) > 0 {
		t.Fatal("saved before the tick is in the log")
	}
	s.deliver()
	if len(s.saves) != 1 {
		t.Fatalf("%d checkpoints", len(s.saves))
	}
	c := s.saves[0]
	state, notes, err := thaw(s.cfg.Scheduler, c.State)
	if err != nil || state.Digest() != c.Digest || c.Placements > s.loop.acked {
		t.Fatalf("checkpoint at %d of %d: %v", c.Placements, s.loop.acked, err)
	}
	web := event.WorkloadID{Tenant: "shop", Name: "web"}
	if notes.workloads[web] == nil || notes.workloads[web].Submit != "submit-web" {
		t.Errorf("notes %+v", notes.workloads[web])
	}
	if err := s.mem.SaveCheckpoint(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.submit("api")
	s.settle()
	s.sound() // folds from the checkpoint
	s.begin()
	s.submit("job")
	s.settle()
	s.sound()
}

// With facts inside that no record names, a state is not one that another leader could
// continue from: no checkpoint is taken of it.
func TestNoCheckpointBetweenRecords(t *testing.T) {
	s := placed(t)
	s.tick()
	s.deliver()
	s.report() // leads to no record
	s.read()
	s.step(saveDue{})
	s.step(clock{stored: s.now}) // time did not pass: no tick
	s.deliver()
	if len(s.saves) > 0 {
		t.Fatalf("checkpoint at %+v, the last record is of %+v", s.saves[0].Positions, s.loop.barrier)
	}
	s.tick()
	s.deliver()
	if len(s.saves) != 1 || s.saves[0].Positions != s.loop.barrier {
		t.Fatalf("%d checkpoints after the tick", len(s.saves))
	}
}

// An orderly stop ends when the log holds everything, with a checkpoint.
func TestOrderlyStop(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.read()
	s.now = s.now.Add(time.Second)
	s.loop.see(s.now)
	if out := s.step(stop{}); out.stopped {
		t.Fatal("stopped with a batch in flight")
	}
	b := s.orders[0]
	s.orders = s.orders[1:]
	s.append(b)
	for len(s.orders) > 0 {
		b, s.orders = s.orders[0], s.orders[1:]
		if out := s.append(b); out.stopped && len(s.saves) == 1 {
			s.sound()
			return
		}
	}
	t.Fatalf("not stopped, %d checkpoints", len(s.saves))
}

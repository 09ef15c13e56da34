package placement

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// The whole service on the log in memory, in a bubble where time is what the test
// says: it leads, places through lost answers, ticks, and stops with a checkpoint.
func TestRunOnMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, agents: map[event.ClusterID]*clusterAgent{}}
		s.mem = stream.NewMemory(stream.MemoryConfig{})
		s.failing(2, stream.LoseAnswer)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		var told []string
		cfg := Config{Ready: func(_ bool, why string) { told = append(told, why) }}
		go func() { done <- RunOn(ctx, cfg, s.mem) }()

		s.hello("eu-1")
		time.Sleep(3 * time.Second)
		s.report()
		s.submit("web")
		time.Sleep(3 * time.Second)
		if got := s.verdicts("web"); got[event.VerdictPlaced] != 1 {
			t.Errorf("decisions %v", got)
		}
		ticks := 0
		for _, e := range s.log() {
			if _, ok := e.Data.(*event.PlacementTicked); ok {
				ticks++
			}
		}
		if ticks < 3 || ticks > 7 {
			t.Errorf("%d ticks in 6 s", ticks)
		}
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(told, "; "); !strings.Contains(all, "leading") || !strings.HasSuffix(all, "not leading") {
			t.Errorf("readiness: %s", all)
		}
		for c, err := range s.mem.Checkpoints(t.Context()) {
			if err != nil || c.Placements == 0 {
				t.Errorf("checkpoint at %d: %v", c.Placements, err)
			}
			return
		}
		t.Error("no checkpoint after an orderly stop")
	})
}

// A second instance on the same log stands by while the first leads, however long, and
// leads as soon as the first stops in good order.
func TestRunStandsBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := stream.NewMemory(stream.MemoryConfig{})
		first, second := make(chan error, 1), make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		next, end := context.WithCancel(t.Context())
		hot, leads := make(chan struct{}), make(chan struct{})
		standby := Config{
			Hot:   func(is bool, _ string) { closeOnce(hot, is) },
			Ready: func(is bool, _ string) { closeOnce(leads, is) },
		}
		go func() { first <- RunOn(ctx, Config{Instance: "a"}, mem) }()
		time.Sleep(2 * time.Second)
		go func() { second <- RunOn(next, standby, mem) }()
		<-hot
		time.Sleep(time.Minute)
		select {
		case <-leads:
			t.Fatal("the second instance leads beside the first")
		default:
		}
		stop()
		if err := <-first; err != nil {
			t.Errorf("the first instance ended with %v", err)
		}
		began := time.Now()
		<-leads
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("an orderly hand-over took %s", took)
		}
		end()
		if err := <-second; err != nil {
			t.Errorf("the second instance ended with %v", err)
		}
	})
}

func closeOnce(c chan struct{}, is bool) {
	if !is {
		return
	}
	select {
	case <-c:
	default:
		close(c)
	}
}

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	if err := (Config{}).Defaults().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	bad := Config{Instance: "No Name", BatchMessages: 1001, InFlight: 17, BatchBytes: 1, Grace: -1}.Defaults()
	bad.Scheduler.TickMillis = 0
	err := bad.Validate()
	for _, want := range []string{"instance", "batch messages", "in flight", "batch bytes", "grace", "tick"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

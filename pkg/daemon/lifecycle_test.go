package daemon_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fairlead.dev/pkg/daemon"
)

// story is what happened, in order.
type story struct {
	mu    sync.Mutex
	lines []string
}

func (s *story) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *story) check(t *testing.T, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.lines, want) {
		t.Errorf("happened: %q\nwant:     %q", s.lines, want)
	}
}

// steady is a part that is ready after some time and takes some time to stop.
func (s *story) steady(name string, start, stop time.Duration) daemon.Part {
	return daemon.Part{Name: name, Run: func(ctx context.Context, ready func()) error {
		s.add(name + " starts")
		<-time.After(start)
		ready()
		ready() // saying it twice is harmless
		<-ctx.Done()
		<-time.After(stop)
		s.add(name + " stops")
		return ctx.Err()
	}}
}

func TestRunStartsInOrderAndStopsInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s story
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := daemon.Run(ctx, time.Second, s.steady("store", 3*time.Second, 0),
			s.steady("loop", time.Second, 200*time.Millisecond), s.steady("server", 0, 100*time.Millisecond))
		if err != nil {
			t.Error(err)
		}
		s.check(t, "store starts", "loop starts", "server starts", "server stops", "loop stops", "store stops")
	})
}

func TestRunStopsAllWhenOneFails(t *testing.T) {
	broken := errors.New("disk full")
	synctest.Test(t, func(t *testing.T) {
		var s story
		fails := daemon.Part{Name: "loop", Run: func(_ context.Context, ready func()) error {
			ready()
			<-time.After(time.Hour)
			return broken
		}}
		err := daemon.Run(t.Context(), time.Second, s.steady("store", 0, 0), fails, s.steady("server", 0, 0))
		if !errors.Is(err, broken) || err.Error() != "loop: disk full" {
			t.Errorf("error = %v", err)
		}
		s.check(t, "store starts", "server starts", "server stops", "store stops")
	})
}

func TestRunStartsNothingAfterAFailedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s story
		fails := daemon.Part{Name: "store", Run: func(context.Context, func()) error { return errors.New("no space") }}
		err := daemon.Run(t.Context(), time.Second, fails, s.steady("server", 0, 0))
		if err == nil || err.Error() != "store: no space" {
			t.Errorf("error = %v", err)
		}
		s.check(t)
	})
}

func TestRunEndsInGoodOrderWhenAPartHasDoneItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s story
		done := daemon.Part{Name: "import", Run: func(_ context.Context, ready func()) error { ready(); return nil }}
		if err := daemon.Run(t.Context(), time.Second, s.steady("store", 0, 0), done); err != nil {
			t.Error(err)
		}
		s.check(t, "store starts", "store stops")
	})
}

func TestRunNamesWhatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s story
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := daemon.Run(ctx, 5*time.Second, s.steady("store", 0, 0), s.steady("stuck", 0, time.Hour))
		if err == nil || !strings.Contains(err.Error(), "stuck did not stop within 5s") {
			t.Errorf("error = %v", err)
		}
		if took := time.Since(began); took != time.Minute+5*time.Second {
			t.Errorf("took %s, want the minute and the grace", took)
		}
		<-time.After(2 * time.Hour) // let it end inside the bubble
	})
}

func TestRunPassesValuesNotTheEnd(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		first := daemon.Part{Name: "first", Run: func(own context.Context, ready func()) error {
			if own.Value(key{}) != "value" {
				t.Error("the value did not arrive")
			}
			ready()
			<-own.Done()
			return nil
		}}
		var lasting error
		second := daemon.Part{Name: "second", Run: func(own context.Context, ready func()) error {
			ready()
			cancel()
			<-own.Done()
			return nil
		}}
		if lasting = daemon.Run(ctx, time.Second, first, second); lasting != nil {
			t.Error(lasting)
		}
	})
}

package placement

import (
	"bufio"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
)

var (
	takeovers = flag.Int("takeovers", 3, "how often TestTakeover kills the leader")
	within    = flag.Duration("within", 0, "the longest that a takeover may take; 0: however long, for a machine that does other work too")
)

// Under a flood the leader is killed again and again: the standby decides within three
// Under a flood the leader is killed again and again: a standby takes the lead, no
// decision is lost or doubled, and no two leaders' records interleave.
func TestTakeover(t *testing.T) {
	f := newFleet(t)
	binary := build(t)
	leader := f.instance(binary, "a")
	f.await(leader.leads)
	f.join("eu-1")
	f.join("us-1")
	f.synchronised(2)
	flood := f.flood()
	watch := f.watchLog(flood)
	var took []time.Duration
	for i := range *takeovers {
		standby := f.instance(binary, fmt.Sprintf("s%d", i))
		f.await(standby.stands)
		watch.epoch(uint64(i) + 1) // the flood goes on
		killed := time.Now()
		if err := leader.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = leader.cmd.Wait()
		took = append(took, watch.epoch(uint64(i)+2).Sub(killed))
		leader = standby
	}
	close(flood.enough)
	all := watch.all()
	f.consistent(all)
	f.orderly(all)
	slices.Sort(took)
	t.Logf("%d takeovers under a flood of %d submissions: p50 %s, worst %s", len(took), flood.submitted.Load(), took[len(took)/2], took[len(took)-1])
	if worst := took[len(took)-1]; *within > 0 && worst > *within {
		t.Errorf("a takeover took %s, at most %s", worst, *within)
	}
	f.sameAsFolded()
}

// instance is the service's own process.
type instance struct {
	cmd           *exec.Cmd
	leads, stands chan struct{} // closed when it says so
	outdated      chan struct{} // the same, of an engine that is older than the epoch's
}

func (f *fleet) instance(binary, name string, flags ...string) *instance {
	f.t.Helper()
	flags = append([]string{"--server", f.url, "--address", "", "--instance", name, "--checkpoint-records", "1500"}, flags...)
	i := &instance{exec.Command(binary, flags...), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	says, err := i.cmd.StderrPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := i.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = i.cmd.Process.Kill(); _ = i.cmd.Wait() })
	go func() {
		leads, stands, outdated := once(i.leads), once(i.stands), once(i.outdated)
		for lines := bufio.NewScanner(says); lines.Scan(); {
			switch {
			case strings.Contains(lines.Text(), "epoch begun"):
				leads()
			case strings.Contains(lines.Text(), "it does not lead unless told"):
				outdated()
			case strings.Contains(lines.Text(), "standing by"):
				stands()
			}
		}
	}()
	return i
}

func once(c chan struct{}) func() {
	done := false
	return func() {
		if !done {
			close(c)
		}
		done = true
	}
}

// flood submits for as long as what was submitted before is placed.
type flood struct {
	placed    chan int // so many more are placed
	enough    chan struct{}
	submitted atomic.Int64
	ended     chan struct{}
}

const (
	floodBatch = 100
	floodAhead = 600
)

func (f *fleet) flood() *flood {
	n := &flood{placed: make(chan int, 1<<16), enough: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(n.ended)
		waiting := 0
		for {
			for waiting+floodBatch > floodAhead {
				select {
				case more := <-n.placed:
					waiting -= more
				case <-n.enough:
					return
				case <-f.t.Context().Done():
					return
				}
			}
			select {
			case <-n.enough:
				return
			default:
			}
			f.submit(fmt.Sprintf("flood-%d", n.submitted.Load()), floodBatch)
			waiting += floodBatch
			n.submitted.Add(floodBatch)
		}
	}()
	return n
}

// logWatch reads PLACEMENTS beside the test.
type logWatch struct {
	f     *fleet
	flood *flood
	seen  chan event.Event
	kept  []event.Event
}

func (f *fleet) watchLog(n *flood) *logWatch {
	w := &logWatch{f: f, flood: n, seen: make(chan event.Event, 1<<20)}
	r, err := f.log.Read(f.t.Context(), event.Placements, 1)
	if err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer r.Close()
		for {
			batch, err := r.Next(f.t.Context())
			if err != nil {
				close(w.seen)
				return
			}
			for _, m := range batch {
				if e, err := m.Event(); err == nil {
					w.seen <- e
				}
			}
		}
	}()
	return w
}

// next is the next record.
func (w *logWatch) next() event.Event {
	w.f.t.Helper()
	select {
	case e, ok := <-w.seen:
		if !ok {
			w.f.t.Fatal("the log cannot be read")
		}
		w.kept = append(w.kept, e)
		if isPlaced(e) {
			w.flood.placed <- 1
		}
		return e
	case <-time.After(30 * time.Second):
		w.f.t.Fatal("nothing is recorded any more")
		return event.Event{}
	}
}

func isPlaced(e event.Event) bool {
	d, ok := e.Data.(*event.PlacementDecided)
	return ok && d.Verdict == event.VerdictPlaced
}

// epoch waits for fifty decisions of an epoch and gives when the first came.
func (w *logWatch) epoch(number uint64) (first time.Time) {
	w.f.t.Helper()
	for n := 0; n < 50; {
		switch d := w.next().Data.(type) {
		case *event.EpochStarted:
			if d.Epoch > number {
				w.f.t.Fatalf("epoch %d begins by %s after %d decisions of epoch %d", d.Epoch, d.Leader, n, number)
			}
		case *event.PlacementDecided:
			if d.Epoch != number {
				continue
			}
			if n++; n == 1 {
				first = time.Now()
			}
		}
	}
	return first
}

// all waits until everything is placed that was submitted, and gives the whole log.
func (w *logWatch) all() []event.Event {
	w.f.t.Helper()
	<-w.flood.ended
	names := map[event.WorkloadName]bool{}
	for _, e := range w.kept {
		if isPlaced(e) {
			names[e.Data.(*event.PlacementDecided).Workload] = true
		}
	}
	for len(names) < int(w.flood.submitted.Load()) {
		if e := w.next(); isPlaced(e) {
			names[e.Data.(*event.PlacementDecided).Workload] = true
		}
	}
	return w.kept
}

// orderly checks that every record is of the epoch that began last: two leaders never
// interleave.
func (f *fleet) orderly(all []event.Event) {
	f.t.Helper()
	var now *event.EpochStarted
	source, ended := "", false
	for _, e := range all {
		switch d := e.Data.(type) {
		case *event.EpochStarted:
			now, source, ended = d, e.Source, false
			continue
		case *event.PlacementDecided:
			if d.Epoch != now.Epoch {
				f.t.Errorf("record %d decides in epoch %d, that of %s is %d", e.At.Sequence, d.Epoch, now.Leader, now.Epoch)
			}
		}
		if e.Source != source || ended {
			f.t.Errorf("record %d is by %s, after %s led (ended: %t)", e.At.Sequence, e.Source, source, ended)
		}
		if _, ok := e.Data.(*event.EpochEnded); ok {
			ended = true
		}
	}
}

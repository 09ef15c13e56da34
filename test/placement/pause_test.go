package placement

import (
	"syscall"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
)

// A leader that is paused in the middle of a flood is taken over; when it goes on, nothing
// of what it had in mind gets in, it stands by, and leads again when its successor dies.
func TestPausedLeaderStandsByAgain(t *testing.T) {
	f := newFleet(t)
	binary := build(t)
	a := f.instance(binary, "a")
	f.await(a.leads)
	f.join("eu-1")
	f.synchronised(1)
	flood := f.flood()
	watch := f.watchLog(flood)
	b := f.instance(binary, "b")
	f.await(b.stands)
	signal := func(i *instance, s syscall.Signal) {
		if err := i.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	watch.epoch(1)
	signal(a, syscall.SIGSTOP)
	watch.epoch(2)
	signal(a, syscall.SIGCONT)
	f.await(a.stands)
	all, err := query.New(f.nc).Instances(f.soon())
	if err != nil || len(all) != 2 || all[0].Role != query.Leading || all[1].Role != query.Standby || all[0].Epoch != 2 {
		t.Errorf("instances %+v: %v", all, err)
	}
	signal(b, syscall.SIGKILL)
	watch.epoch(3)
	close(flood.enough)
	records := watch.all()
	f.consistent(records)
	f.orderly(records)
	by := map[string]bool{}
	for _, e := range records {
		if _, ok := e.Data.(*event.EpochStarted); ok {
			by[e.Source] = true
		}
	}
	if len(by) != 2 {
		t.Errorf("epochs were begun by %v", by)
	}
}

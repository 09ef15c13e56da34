package placement

import (
	"os"
	"testing"

	"fairlead.dev/pkg/event"
)

// shunned is the cluster that the engine of the next build places nothing new on, see
// pkg/scheduler/engine_next.go.
const shunned event.ClusterID = "shunned-by-the-next"

// An upgrade with decisions going on: the next build stands by and leads from an epoch of
// its own, what the engine before it decided stays as it is recorded, and the build
// before it does not lead again unless it is told to.
func TestRollingUpgrade(t *testing.T) {
	f := newFleet(t)
	former, next := build(t), build(t, "-tags", "fairlead_next_engine")
	a := f.instance(former, "a")
	f.await(a.leads)
	f.join(shunned)
	f.join("eu-1")
	f.synchronised(2)
	flood := f.flood()
	watch := f.watchLog(flood)
	watch.epoch(1)

	b := f.instance(next, "b")
	f.await(b.stands)
	if err := a.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	watch.epoch(2)
	if err := a.cmd.Wait(); err != nil {
		t.Errorf("the former leader ends with %v", err)
	}
	late := f.instance(former, "c")
	f.await(late.outdated)
	if err := late.cmd.Process.Kill(); err != nil { // or it may follow the next one of its engine
		t.Fatal(err)
	}
	if err := b.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	told := f.instance(former, "d", "--lead-backwards")
	f.await(told.leads)
	watch.epoch(3)
	close(flood.enough)
	all := watch.all()
	f.consistent(all)
	f.orderly(all)
	f.byEngine(all, map[uint64]string{1: "2", 2: "3", 3: "2"})
	f.sameAsFolded()
}

// byEngine checks that each epoch decides by its engine's rules, and that both clusters
// were used where they allow it.
func (f *fleet) byEngine(all []event.Event, engines map[uint64]string) {
	f.t.Helper()
	onShunned := map[uint64]int{}
	for _, e := range all {
		switch d := e.Data.(type) {
		case *event.EpochStarted:
			if d.Engine != engines[d.Epoch] {
				f.t.Errorf("epoch %d is by engine %s, want %s", d.Epoch, d.Engine, engines[d.Epoch])
			}
		case *event.PlacementDecided:
			if d.Engine != engines[d.Epoch] {
				f.t.Errorf("record %d of epoch %d is by engine %s", e.At.Sequence, d.Epoch, d.Engine)
			}
		case *event.CommandPlace:
			if d.Cluster == shunned {
				onShunned[d.Epoch]++
			}
		}
	}
	if onShunned[1] == 0 || onShunned[2] != 0 {
		f.t.Errorf("placed on %s by epoch: %v", shunned, onShunned)
	}
}

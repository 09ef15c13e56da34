package placement

import (
	"fairlead.dev/pkg/event"
	"fairlead.dev/test/harness"
)

// sameAsFolded compares the newest checkpoint with a fold of the whole log that shares
// no code with the service: every record after the facts that it names.
func (f *fleet) sameAsFolded() {
	f.t.Helper()
	for c, err := range f.log.Checkpoints(f.soon()) {
		if err != nil {
			f.t.Fatal(err)
		}
		s, err := harness.Fold(f.soon(), f.log, c)
		if err != nil {
			f.t.Fatal(err)
		}
		if s.Digest() != c.Digest {
			f.t.Errorf("the checkpoint at %d has another digest than the fold of the log", c.Placements)
		}
		return
	}
	f.t.Fatal("there is no checkpoint")
}

// consistent checks what must hold of every log: epochs rise, the command numbers of a
// cluster are 1, 2, 3, … and each workload is placed once.
func (f *fleet) consistent(all []event.Event) {
	f.t.Helper()
	numbers, placed, epoch := map[event.ClusterID]uint64{}, map[event.WorkloadName]int{}, uint64(0)
	next := func(c event.ClusterID, number uint64) {
		if number != numbers[c]+1 {
			f.t.Errorf("command %d of %s follows %d", number, c, numbers[c])
		}
		numbers[c] = number
	}
	for _, e := range all {
		switch d := e.Data.(type) {
		case *event.CommandPlace:
			next(d.Cluster, d.Number)
		case *event.CommandWithdraw:
			next(d.Cluster, d.Number)
		case *event.EpochStarted:
			if d.Epoch != epoch+1 {
				f.t.Errorf("epoch %d follows %d", d.Epoch, epoch)
			}
			epoch = d.Epoch
		case *event.PlacementDecided:
			if d.Verdict == event.VerdictPlaced {
				placed[d.Workload]++
			}
		}
	}
	for w, n := range placed {
		if n != 1 {
			f.t.Errorf("%s was placed %d times", w, n)
		}
	}
}

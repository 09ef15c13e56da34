package placement

import (
	"testing"
	"time"

	runtime "fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	agentsim "fairlead.dev/services/agent-sim"
	service "fairlead.dev/services/placement"
)

// hasty lets silence count within seconds.
func hasty(c *service.Config) {
	c.Scheduler = scheduler.DefaultConfig()
	c.Scheduler.TickMillis, c.Scheduler.SuspectMillis, c.Scheduler.LostMillis = 100, 2000, 4000
}

// A cluster comes back as an old backup of it knew it: with less of what is wanted, and
// with something that was withdrawn since. Its agent puts both right, and no other cluster
// is asked to do anything.
func TestClusterRestoredFromABackup(t *testing.T) {
	f := newFleet(t)
	f.lead()
	sims := f.threeClusters()
	f.want("web", 6, event.Policy{})
	f.eventually(sims, "six run", func(all map[string]int) bool { return all["web"] == 6 })
	before := map[event.ClusterID]int{}
	for name, s := range sims {
		before[name] = s.runs("web")
	}
	home := event.ClusterID("a")
	if before[home] == 0 {
		home = "b"
	}
	sims[home].kill()
	sims[home].cluster = sims[home].backup(map[event.WorkloadName]int{"web": 1, "withdrawn": 2})
	sims[home].start()
	f.eventually(sims, "what is wanted runs, where it ran", func(all map[string]int) bool {
		for name, s := range sims {
			if s.runs("web") != before[name] {
				return false
			}
		}
		return all["web"] == 6 && all["withdrawn"] == 0
	})
}

// backup is the cluster as it once was.
func (s *sim) backup(held map[event.WorkloadName]int) *agentsim.Cluster {
	s.f.t.Helper()
	old := agentsim.New(s.cluster.Spec())
	for name, replicas := range held {
		spec := submission("shop", string(name)).Data.(*event.WorkloadSubmitted)
		err := old.Apply(s.f.t.Context(), runtime.Desired{
			Workload: event.WorkloadID{Tenant: "shop", Name: name}, Token: 1, Generation: 1, Kind: spec.Kind, Replicas: replicas, Template: spec.Template, Hash: "old",
		})
		must(s.f.t, err)
	}
	s.follow(old)
	return old
}

// Placement is away for longer than it takes to lose a cluster, while agents report on;
// when it is back it has not missed them: nobody is suspected, and nothing moves.
func TestPlacementOutageLosesNobody(t *testing.T) {
	f := newFleet(t)
	leader := f.lead(hasty)
	sims := f.threeClusters()
	f.want("web", 6, event.Policy{})
	f.eventually(sims, "six run", func(all map[string]int) bool { return all["web"] == 6 })
	f.end(leader)
	f.reported(sims, 4500*time.Millisecond)
	f.lead(hasty)
	f.reported(sims, 2500*time.Millisecond) // longer than it takes to suspect somebody
	for _, e := range f.everything()[event.Placements] {
		switch d := e.Data.(type) {
		case *event.ClusterSuspected, *event.ClusterLost:
			t.Errorf("record %d: %T %+v", e.At.Sequence, d, d)
		case *event.PlacementDecided:
			if d.Verdict != event.VerdictPlaced {
				t.Errorf("record %d: %s was %s", e.At.Sequence, d.Workload, d.Verdict)
			}
		}
	}
}

// reported waits until every cluster has reported for a while, by the store's time.
func (f *fleet) reported(sims map[event.ClusterID]*sim, whole time.Duration) {
	f.t.Helper()
	state, err := f.log.State(f.soon(), event.Capacity)
	must(f.t, err)
	r, err := f.log.Read(f.soon(), event.Capacity, state.Last+1)
	must(f.t, err)
	defer r.Close()
	first, long := map[event.ClusterID]time.Time{}, map[event.ClusterID]bool{}
	for len(long) < len(sims) {
		batch, err := r.Next(f.soon())
		must(f.t, err)
		for _, m := range batch {
			e, err := m.Event()
			must(f.t, err)
			c := e.Data.(*event.ClusterCapacityReported).Cluster
			if first[c].IsZero() {
				first[c] = m.At.Stored
			}
			if m.At.Stored.Sub(first[c]) >= whole {
				long[c] = true
			}
		}
	}
}

// The clocks of agents are wrong by days in both directions. Nobody is suspected for it,
// and work goes to all of them.
func TestClocksOfAgentsDoNotCount(t *testing.T) {
	f := newFleet(t)
	f.lead(hasty, func(c *service.Config) { c.Scheduler.SuspectMillis = 3900 })
	for name, wrong := range map[event.ClusterID]time.Duration{"ahead": 72 * time.Hour, "behind": -72 * time.Hour, "right": 0} {
		f.joinAt(name, wrong)
	}
	f.synchronised(3)
	f.want("web", 9, event.Policy{Spread: []event.Spread{{By: "cluster", Min: 3}}})
	placed := f.records(1, isPlaced)
	if d := placed[len(placed)-1].Data.(*event.PlacementDecided); len(d.Assignments) != 3 {
		t.Errorf("placed on %d clusters, want 3", len(d.Assignments))
	}
	ticks := 0 // a silence of 39 would be suspected
	for _, e := range f.records(1, func(e event.Event) bool {
		if _, ok := e.Data.(*event.PlacementTicked); ok {
			ticks++
		}
		return ticks == 60
	}) {
		if d, ok := e.Data.(*event.ClusterSuspected); ok {
			t.Errorf("record %d suspects %s", e.At.Sequence, d.Cluster)
		}
	}
}

// Three of four clusters fall silent together: that may be ours, so evictions stand still
// although all three are lost by their time, and whoever asks is told. They come back.
func TestMassSilence(t *testing.T) {
	f := newFleet(t)
	f.lead(hasty)
	sims := f.threeClusters()
	sims["d"] = f.simulate("d")
	sims["d"].start()
	f.synchronised(4)
	f.want("web", 8, event.Policy{})
	f.eventually(sims, "eight run", func(all map[string]int) bool { return all["web"] == 8 })
	for _, name := range []event.ClusterID{"a", "b", "c"} {
		sims[name].kill()
	}
	changed := func(paused bool) func(event.Event) bool {
		return func(e event.Event) bool { d, ok := e.Data.(*event.EvictionsChanged); return ok && d.Paused == paused }
	}
	f.records(1, changed(true))
	status, _, err := query.New(f.nc).Status(f.soon())
	if err != nil || !status.Paused {
		t.Errorf("status %+v, %v", status, err)
	}
	f.reported(map[event.ClusterID]*sim{"d": sims["d"]}, 4500*time.Millisecond) // long enough to lose the others
	for _, name := range []event.ClusterID{"a", "b", "c"} {
		sims[name].start()
	}
	all := f.records(1, changed(false))
	for _, e := range all {
		if d, ok := e.Data.(*event.PlacementDecided); ok && d.Verdict != event.VerdictPlaced && d.Verdict != event.VerdictScaled {
			t.Errorf("record %d: %s was %s for %s", e.At.Sequence, d.Workload, d.Verdict, d.Cause)
		}
	}
	f.eventually(sims, "eight run again, and no more", func(all map[string]int) bool { return all["web"] == 8 })
}

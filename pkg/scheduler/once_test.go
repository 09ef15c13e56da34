package scheduler

import (
	"fmt"

	"fairlead.dev/pkg/event"
	"pgregory.net/rapid"
)

// ending is what a cluster took away: it runs until the cluster has said that it is
// gone, and the first status after a withdrawal still shows it.
type ending struct {
	replicas int
	token    uint64
	shown    bool
}

// gone tells of a workload without an object: first that it is on its way out, then
// that nothing is left.
func (f *fleet) gone(id event.ClusterID, w event.WorkloadID) {
	sc := f.clusters[id]
	e, was := sc.ending[w]
	if !was && sc.last[w] == 0 {
		return // never heard of
	}
	d := &event.WorkloadStatusReported{Cluster: id, Incarnation: sc.incarnation, Report: sc.report, Tenant: w.Tenant, Workload: w.Name}
	d.Last = sc.settlement(w)
	if was && !e.shown {
		d.Token, e.shown = e.token, true
		sc.ending[w] = e
	} else {
		delete(sc.ending, w)
	}
	f.fact(event.Status, d)
}

// instances counts what runs of a workload on the cluster in truth.
func (sc *simCluster) instances(w event.WorkloadID) int {
	if sc.leased {
		return 0
	}
	return len(sc.of(w)) + sc.ending[w].replicas
}

// mustRunOnce holds at every moment for a workload that may not run twice, whatever
// clusters are cut off: there are never more instances than wanted.
func (f *fleet) mustRunOnce(rt *rapid.T) {
	w := event.WorkloadID{Tenant: "t", Name: "once"}
	n, where := 0, ""
	for _, id := range f.order {
		if here := f.clusters[id].instances(w); here > 0 {
			n += here
			where += fmt.Sprintf(" %s:%d", id, here)
		}
	}
	if n > 2 {
		f.tb.Fatalf("%d instances of %s, at most 2 may run:%s", n, w, where)
	}
}

// comeBack ends a cut: the agent finds its commands before anything runs again.
func (f *fleet) comeBack(c event.ClusterID) {
	sc := f.clusters[c]
	sc.dead = false
	f.settle(c, 0)
	sc.leased = false
}

// awaits says whether a command for the workload is on its way to the cluster.
func (f *fleet) awaits(c event.ClusterID, w event.WorkloadID) bool {
	for _, p := range f.clusters[c].inbox {
		if d, ok := p.(*event.CommandPlace); ok && d.Workload == w.Name {
			return true
		}
	}
	return false
}

// leave is the orderly end of an agent; what it ran goes on.
func (f *fleet) leave(c event.ClusterID) {
	if inc := f.clusters[c].incarnation; inc > 0 {
		f.fact(event.Intents, &event.ClusterLeft{Cluster: c, Incarnation: inc})
	}
}

// ends notes what was taken away. A trial of what fits remembers nothing.
func (sc *simCluster) ends(w event.WorkloadID, e ending) {
	if sc.ending != nil {
		sc.ending[w] = e
	}
}

package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// Difference is what a what-if changes.
type Difference struct {
	Workloads int      `json:"workloads"` // in all
	Changes   []Change `json:"changes"`   // by tenant and name
	Moved     int      `json:"moved"`     // replicas that run elsewhere
	Held      int      `json:"held"`      // replicas that have no place any more
	Placed    int      `json:"placed"`    // replicas that have one now
	Price     int64    `json:"price"`     // difference in micro-units of currency per hour
}

// Change is one workload that would run elsewhere, or not at all.
type Change struct {
	Workload string  `json:"workload"`
	Before   []Where `json:"before,omitempty"`
	After    []Where `json:"after,omitempty"`
	Moved    int     `json:"moved,omitempty"`
	Held     int     `json:"held,omitempty"`
	Placed   int     `json:"placed,omitempty"`
	Price    int64   `json:"price,omitempty"` // difference in micro-units of currency per hour
	Why      string  `json:"why,omitempty"`   // it is held
}

// Where is how many replicas stand on a cluster for good.
type Where struct {
	Cluster  event.ClusterID `json:"cluster"`
	Replicas int             `json:"replicas"`
}

// Compare gives what became of workloads. What is still assigned to a lost cluster, since
// nothing else takes it, does not run.
func Compare(before, after []scheduler.WorkloadView, lost ...Loss) Difference {
	d := Difference{Workloads: len(after), Changes: []Change{}}
	old := map[event.WorkloadID]scheduler.WorkloadView{}
	for _, v := range before {
		old[v.Spec.ID()] = v
	}
	for _, v := range after {
		c := change(old[v.Spec.ID()], v, lost)
		delete(old, v.Spec.ID())
		d.add(c)
	}
	for _, v := range before {
		if _, gone := old[v.Spec.ID()]; gone {
			d.add(change(v, scheduler.WorkloadView{Spec: v.Spec}, lost))
		}
	}
	slices.SortFunc(d.Changes, func(a, b Change) int { return cmp.Compare(a.Workload, b.Workload) })
	return d
}

func (d *Difference) add(c Change) {
	if slices.Equal(c.Before, c.After) && c.Price == 0 {
		return
	}
	d.Changes = append(d.Changes, c)
	d.Moved, d.Held, d.Placed, d.Price = d.Moved+c.Moved, d.Held+c.Held, d.Placed+c.Placed, d.Price+c.Price
}

func change(before, after scheduler.WorkloadView, lostClusters []Loss) Change {
	c := Change{Workload: after.Spec.ID().String(), Before: where(before), After: where(after, lostClusters...), Price: priceOf(after, lostClusters) - priceOf(before, nil)}
	lost, gained := 0, 0
	for _, at := range c.Before {
		lost += max(0, at.Replicas-on(c.After, at.Cluster))
	}
	for _, at := range c.After {
		gained += max(0, at.Replicas-on(c.Before, at.Cluster))
	}
	c.Moved = min(lost, gained)
	c.Held, c.Placed = lost-c.Moved, gained-c.Moved
	if c.Held > 0 || after.Phase == scheduler.PhaseHeld {
		c.Why = why(after)
	}
	return c
}

func where(v scheduler.WorkloadView, lost ...Loss) []Where {
	var out []Where
	for _, a := range v.Assignments {
		gone := slices.ContainsFunc(lost, func(l Loss) bool { return l.Cluster == a.Cluster })
		if n := a.Replicas - a.Leaving; n > 0 && !gone {
			out = append(out, Where{a.Cluster, n})
		}
	}
	return out
}

// priceOf is what the replicas cost that stand for good, per hour.
func priceOf(v scheduler.WorkloadView, lost []Loss) int64 {
	sum := int64(0)
	for _, a := range v.Assignments {
		if n := on(where(v, lost...), a.Cluster); n > 0 {
			sum += a.Cost / int64(a.Replicas) * int64(n)
		}
	}
	return sum
}

func on(all []Where, id event.ClusterID) int {
	for _, w := range all {
		if w.Cluster == id {
			return w.Replicas
		}
	}
	return 0
}

// why says what keeps a workload from its place.
func why(v scheduler.WorkloadView) string {
	var words []string
	for _, r := range v.Refusals {
		words = append(words, fmt.Sprintf("%s fails on %d (%s)", r.Check, r.Clusters, r.Message))
	}
	if len(words) == 0 {
		return v.Reason
	}
	return strings.Join(words, "; ")
}

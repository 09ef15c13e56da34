package scheduler

import "fairlead.dev/pkg/event"

// limit bounds how many replicas of a workload get ready on a cluster.
type limit struct {
	ready    int
	image    string // of this one alone; empty means any
	stranded bool   // the rest cannot be scheduled
}

// limit reads ready=N image=I stranded; without ready the limit is lifted.
func (sc *simCluster) limit(w event.WorkloadID, args map[string]string) {
	if sc.limits == nil {
		sc.limits = map[event.WorkloadID]limit{}
	}
	ready, limited := args["ready"]
	if !limited {
		delete(sc.limits, w)
		return
	}
	_, stranded := args["stranded"]
	sc.limits[w] = limit{ready: int(number(ready)), image: args["image"], stranded: stranded}
}

// limited gives how many of n replicas are ready, and how many cannot be scheduled.
func (sc *simCluster) limited(w event.WorkloadID, o *event.CommandPlace, n int) (ready, unschedulable int) {
	l, is := sc.limits[w]
	if !is || l.image != "" && l.image != o.Template.Image {
		return n, 0
	}
	if n = min(n, l.ready); l.stranded {
		unschedulable = o.Replicas - n
	}
	return n, unschedulable
}

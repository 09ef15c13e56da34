package laws

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// account is what the log says of one cluster, up to a record.
type account struct {
	c           *check
	name        event.ClusterID
	last        uint64 // highest command number recorded
	first       uint64 // of the last synchronisation: all lower numbers are superseded
	incarnation uint64 // that was answered last
	answered    bool   // it has reported since

	reportOf, report, applied uint64 // of the newest report: incarnation, number, appliedThrough

	outcomes map[uint64]event.Outcome
	sent     map[event.WorkloadID][]sent // what may be in effect, oldest first
	shapes   map[string]event.NodeShape  // of the last report
}

// sent is a command as the cluster was told it.
type sent struct {
	number  uint64
	uses    []event.ShapeUse // of a place
	request event.Resources
	gone    bool // it is a withdrawal
}

// synchronise: an answer goes on with the numbers where the last command ended.
func (a *account) synchronise(e event.Event, d *event.CommandSynchronise) {
	if d.First != a.last+1 {
		a.c.broken("record %d: %s is synchronised from %d, the last command was %d", e.At.Sequence, a.name, d.First, a.last)
	}
	a.first, a.incarnation, a.answered = d.First, d.Incarnation, false
	clear(a.sent)
}

// number: command numbers are 1, 2, 3, …, each once, and for the incarnation that was
// answered last.
func (a *account) number(e event.Event, n, incarnation uint64) {
	a.c.Commands++
	switch {
	case n <= a.last:
		a.c.Double++
		a.c.broken("record %d: command %d of %s was recorded before", e.At.Sequence, n, a.name)
		return
	case n != a.last+1:
		a.c.broken("record %d: command %d of %s follows %d", e.At.Sequence, n, a.name, a.last)
	}
	if incarnation != a.incarnation {
		a.c.broken("record %d: command %d of %s is for incarnation %d, %d was answered", e.At.Sequence, n, a.name, incarnation, a.incarnation)
	}
	a.last = n
}

// outcome: a number ends in one way.
func (a *account) outcome(n uint64, o event.Outcome) {
	if before, known := a.outcomes[n]; known && before != o {
		a.c.Double++
		a.c.broken("command %d of %s was settled twice: %s and %s", n, a.name, before, o)
		return
	}
	a.outcomes[n] = o
	if o == event.OutcomeRejected {
		a.without(n)
	}
}

// without takes out a command that has no effect: what it was to replace stands.
func (a *account) without(n uint64) {
	for id, list := range a.sent { // each on its own: the order does not matter
		a.sent[id] = slices.DeleteFunc(list, func(t sent) bool { return t.number == n })
	}
}

func (a *account) tell(id event.WorkloadID, t sent) { a.sent[id] = append(a.sent[id], t) }

// reported takes a capacity report: what it says was applied is in effect, and what that
// replaced is not any more.
func (a *account) reported(d *event.ClusterCapacityReported) {
	if d.Incarnation < a.reportOf || d.Incarnation == a.reportOf && d.Report < a.report {
		return // told late: the newer report counts, whatever its place in the stream
	}
	a.reportOf, a.report, a.applied = d.Incarnation, d.Report, d.AppliedThrough
	clear(a.shapes)
	for _, s := range d.Shapes {
		a.shapes[s.Name] = s
	}
	if d.Incarnation != a.incarnation {
		return
	}
	a.answered = true
	for _, n := range d.Rejected {
		a.without(n)
	}
	for id, list := range a.sent { // each on its own: the order does not matter
		for len(list) > 1 && list[1].number <= d.AppliedThrough {
			list = list[1:]
		}
		a.sent[id] = list
	}
}

// promised: what a command asks on top of what its cluster holds was free. Free is what the
// newest report says, less what the commands that are not inside it ask on top; what they
// give back does not count. Of commands of one workload the largest counts.
func (a *account) promised(e event.Event, id event.WorkloadID) {
	if !a.answered {
		return // its whole desired state is being told again: what was before is not known here
	}
	if epoch, _ := epochOf(e.Data); a.c.last[id] == nil || a.c.last[id].Epoch != epoch {
		return // derived again after a crash: it was promised by the reports of then
	}
	list := a.sent[id]
	newest := list[len(list)-1]
	for _, use := range newest.uses {
		before := largest(list[:len(list)-1])[use.Shape]
		if plus(event.Resources{}, newest.request, use.Replicas).CPUMilli <= before.CPUMilli {
			continue // it asks for nothing more
		}
		sum := used(a.shapes[use.Shape])
		for _, of := range a.sent { // a sum: the order does not matter
			sum = plus(sum, a.onTop(of, use.Shape), 1)
		}
		if what := exceeds(sum, a.shapes[use.Shape]); what != "" {
			a.c.broken("record %d promises more %s of shape %s on %s than there is: %+v of %d nodes with what was reported through command %d",
				e.At.Sequence, what, use.Shape, a.name, sum, a.shapes[use.Shape].Nodes, a.applied)
		}
	}
}

// onTop is what commands of a workload ask beyond what is inside the newest report.
func (a *account) onTop(list []sent, shape string) event.Resources {
	most := largest(list)[shape]
	inside := event.Resources{}
	if len(list) > 0 && list[0].number <= a.applied {
		inside = largest(list[:1])[shape]
	}
	return event.Resources{
		CPUMilli: most.CPUMilli - inside.CPUMilli, MemoryBytes: most.MemoryBytes - inside.MemoryBytes, GPUMilli: most.GPUMilli - inside.GPUMilli,
	}
}

// used is what a report says is taken of a shape.
func used(s event.NodeShape) event.Resources {
	n := int64(s.Nodes)
	sum := event.Resources{CPUMilli: n * s.CPUMilli, MemoryBytes: n * s.MemoryBytes, GPUMilli: n * int64(s.GPUs) * 1000}
	for _, f := range s.Free {
		sum.CPUMilli -= int64(f.Nodes) * f.CPUMilli
		sum.MemoryBytes -= int64(f.Nodes) * f.MemoryBytes
		for _, g := range f.GPUs {
			sum.GPUMilli -= int64(f.Nodes) * int64(g)
		}
	}
	return sum
}

// largest is the most that any of the commands takes of each shape.
func largest(list []sent) map[string]event.Resources {
	out := map[string]event.Resources{}
	for _, t := range list {
		for _, use := range t.uses {
			sum, most := plus(event.Resources{}, t.request, use.Replicas), out[use.Shape]
			out[use.Shape] = event.Resources{
				CPUMilli: max(sum.CPUMilli, most.CPUMilli), MemoryBytes: max(sum.MemoryBytes, most.MemoryBytes), GPUMilli: max(sum.GPUMilli, most.GPUMilli),
			}
		}
	}
	return out
}

func plus(sum, request event.Resources, replicas int) event.Resources {
	n := int64(replicas)
	sum.CPUMilli += n * request.CPUMilli
	sum.MemoryBytes += n * request.MemoryBytes
	sum.GPUMilli += n * request.GPUMilli
	return sum
}

// exceeds names the resource of which all nodes of the shape together have less.
func exceeds(sum event.Resources, s event.NodeShape) string {
	n := int64(s.Nodes)
	switch {
	case sum.CPUMilli > n*s.CPUMilli:
		return "cpu"
	case sum.MemoryBytes > n*s.MemoryBytes:
		return "memory"
	case sum.GPUMilli > n*int64(s.GPUs)*1000:
		return "gpu"
	}
	return ""
}

// settled: every number ended as applied, rejected or superseded.
func (c *check) settled() {
	for _, name := range slices.Sorted(keys(c.accounts)) {
		a := c.accounts[name]
		for n := uint64(1); n <= a.last; n++ {
			switch {
			case a.outcomes[n] == event.OutcomeRejected:
				c.Rejected++
			case n < a.first:
				c.Superseded++
			case n <= a.applied:
				c.Applied++
			default:
				c.restless("command %d of %s was neither applied (through %d) nor rejected nor superseded", n, name, a.applied)
			}
		}
	}
}

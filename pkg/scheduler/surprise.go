package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// Others place on clusters too, past the core, and a report tells of it only later. A
// command that meant the last room of a shape is rejected then. How often that is to be
// expected is learnt from the reports: a shape that has less free than it had, beyond
// all that commands asked of it since, is a surprise. What is given back in between
// hides some, so the rate is a lower bound; a cluster that the core has to itself never
// has any, and its score never changes.

// surprises is what the reports of a cluster had of them. It is part of the state.
type surprises struct {
	Count  int64 `json:"count,omitempty"`  // in thousandths, older ones fading
	Millis int64 `json:"millis,omitempty"` // observed time they were gathered in, fading alike
	AsOf   int64 `json:"asOf,omitempty"`   // observed time of the last report
}

const (
	fading   = 8         // with each report, what came before counts for 1/256 less
	prior    = 32        // surprises for which the mean of the fleet counts
	longGap  = 3_600_000 // ms between two reports that count as such at most
	underWay = 2_000     // ms for which a command is exposed beside the age of the report
	unknown  = 30_000    // ms between two surprises of a cluster, before anybody has told
	doubt    = 300_000   // ms of all clusters together without any, and there are none
	mostCome = 4_000     // thousandths
	mostOdds = 750       // thousandths of it that count where nodes are rated roughly
	spares   = 8         // room for so many makes a shape safe there
)

// What a rejected command may cost, in GPUs as packing rates nodes (pkg/pack weighs a
// GPU about forty times), and in millionths where nodes are rated by how full they are.
const (
	stake      = 500
	roughStake = million
)

// watch takes a report of that observed time into the counts, if there is one of the same
// agent before it to hold it against.
func (c *cluster) watch(d *event.ClusterCapacityReported, now int64) {
	u := &c.surprises
	if c.report != nil && c.report.Incarnation == d.Incarnation {
		u.Count += int64(c.surprised(d))*1000 - fade(u.Count)
		u.Millis += min(now-u.AsOf, longGap) - fade(u.Millis)
	}
	u.AsOf = now
}

// fade is the part that is lost, rounded up so that in the end nothing is left.
func fade(v int64) int64 { return (v + 1<<fading - 1) >> fading }

// odds is how many surprises are to be expected, in thousandths, before a command told
// now is carried out. What the fleet has of them stands in for what the cluster has not
// shown yet.
func (u *surprises) odds(now, lull int64) int64 {
	if lull == 0 {
		return 0
	}
	exposed := min(now-u.AsOf, longGap) + underWay
	return min(mostCome, (u.Count+prior*1000)*exposed/(u.Millis+prior*lull))
}

// noteSurprises works out how much time passes between two surprises of a cluster in the
// mean of the fleet. It is taken up where it changed much: then no index is good any more.
func (s *State) noteSurprises() {
	var count, millis int64
	for _, c := range s.clusters.sorted {
		if !c.left {
			count, millis = count+c.surprises.Count, millis+c.surprises.Millis
		}
	}
	lull := int64(0)
	switch {
	case count > 0:
		lull = min(longGap, max(1, millis/count*1000+millis%count*1000/count))
	case millis < doubt && s.fine() && len(s.demand.Classes) > 0:
		lull = unknown + millis // nobody can tell yet
	}
	if lull > s.lull+s.lull/4 || lull < s.lull-s.lull/4 {
		s.lull, s.known.lull = lull, lull
		s.known.log.reset()
	}
}

// surprised counts the shapes of which a newer report has less than can be explained by
// the commands it contains. Whether a command was rejected does not count: rejections
// come by another stream, in any order.
func (c *cluster) surprised(d *event.ClusterCapacityReported) int {
	left := make([]room.Leftover, len(c.report.Shapes))
	for i := range c.report.Shapes {
		left[i] = freeSum(&c.report.Shapes[i])
	}
	for _, t := range c.pending {
		if t.Number > d.AppliedThrough {
			break
		}
		for _, use := range t.footprint.shapes() {
			if at := shapeNamed(c.report.Shapes, use.Shape); at >= 0 {
				left[at] = less(left[at], t.class.request, use.Replicas)
			}
		}
	}
	n := 0
	for i := range left {
		var now room.Leftover
		if at := shapeNamed(d.Shapes, c.report.Shapes[i].Name); at >= 0 {
			now = freeSum(&d.Shapes[at])
		}
		if now.CPUMilli < left[i].CPUMilli || now.MemoryBytes < left[i].MemoryBytes || now.GPUMilli < left[i].GPUMilli {
			n++
		}
	}
	return n
}

func shapeNamed(shapes []event.NodeShape, name string) int {
	return slices.IndexFunc(shapes, func(sh event.NodeShape) bool { return sh.Name == name })
}

// freeSum is what all nodes of the shape have free.
func freeSum(sh *event.NodeShape) room.Leftover {
	var out room.Leftover
	for _, f := range sh.Free {
		size := room.Size(f)
		out.CPUMilli = addUp(out.CPUMilli, size.CPUMilli, f.Nodes)
		out.MemoryBytes = addUp(out.MemoryBytes, size.MemoryBytes, f.Nodes)
		out.GPUMilli = addUp(out.GPUMilli, size.GPUMilli, f.Nodes)
	}
	return out
}

func less(l room.Leftover, q event.Resources, n int) room.Leftover {
	l.CPUMilli -= addUp(0, q.CPUMilli, n)
	l.MemoryBytes -= addUp(0, q.MemoryBytes, n)
	l.GPUMilli -= addUp(0, q.GPUMilli, n)
	return l
}

// risk is what it takes off the packing part of a spot that others may be there first.
// Where nodes are rated finely it follows from what others would take (rivals.go); else
// it is the less, the more of what is usually asked for the shape would still take.
func (r *free) risk(sh *shapeRoom, q *query, fine bool) int64 {
	if r.odds == 0 || q.weigh.pack <= 0 {
		return 0
	}
	if fine && r.known.mix != nil {
		return stake * r.gone(sh, q.class)
	}
	n := r.spare(sh, q.class)
	if n == 0 || n >= spares {
		return 0
	}
	// Who comes packs as we do, or goes anywhere in the cluster: half is said of each.
	all := r.spareRooms(q.class)
	out, odds := int64(roughStake), min(mostOdds, r.odds)*int64(all+n)/int64(2*all)
	for range n {
		out = out * odds / 1000
	}
	return out
}

// spareRooms is spare over all shapes that the class may use, and at least 1.
func (r *free) spareRooms(cl *class) int {
	n := 0
	for i := range r.shapes {
		if sh := &r.shapes[i]; r.open(sh, cl) {
			n += r.spare(sh, cl)
		}
	}
	return max(1, n)
}

// spare counts how often others could take room of the shape before none is left for
// the class, up to spares.
func (r *free) spare(sh *shapeRoom, cl *class) int {
	n, usual := 0, r.known.usual(cl)
	for _, g := range sh.groups {
		if n < spares && r.known.holds(g.node, cl) {
			n = min(spares, n+min(g.count, spares)*min(spares, max(1, int(r.known.fit(g.node, usual).fits))))
		}
	}
	return n
}

// usual is a request for all that the class asks for, and at least for what is usual:
// whoever comes first may ask for that.
func (t *tables) usual(cl *class) *class {
	if cl.usual == nil || cl.usualOf != t.stamp {
		q := cl.request
		q.CPUMilli, q.MemoryBytes = max(q.CPUMilli, t.mean.CPUMilli), max(q.MemoryBytes, t.mean.MemoryBytes)
		if q.GPUMilli > 0 {
			q.GPUMilli = max(q.GPUMilli, room.Device)
		}
		t.ids++
		cl.usual, cl.usualOf = &class{id: t.ids, request: q}, t.stamp
	}
	return cl.usual
}

// meanOf is what a replica of the mix asks for of CPU and memory.
func meanOf(all []wanted) event.Resources {
	var cpu, mem, n int64
	for _, w := range all {
		asked := int(min(w.Asked, maxFit))
		cpu, mem, n = addUp(cpu, w.Request.CPUMilli, asked), addUp(mem, w.Request.MemoryBytes, asked), n+int64(asked)
	}
	return event.Resources{CPUMilli: cpu / max(1, n), MemoryBytes: mem / max(1, n)}
}

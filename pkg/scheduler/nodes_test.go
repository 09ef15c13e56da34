package scheduler

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// simNode is one node of a simulated cluster: a group of one.
type simNode struct {
	shape string
	free  event.FreeNodes
	taken event.Resources // by others
}

// simReplica runs on a node and stays there until it ends.
type simReplica struct {
	workload event.WorkloadID
	node     *simNode
	request  event.Resources
}

func (sc *simCluster) boot() {
	for _, sh := range sc.rep.Shapes {
		for range sh.Nodes {
			sc.nodes = append(sc.nodes, &simNode{shape: sh.Name, free: event.FreeNodes{Nodes: 1, CPUMilli: sh.CPUMilli, MemoryBytes: sh.MemoryBytes, GPUs: slices.Clone(sh.Free[0].GPUs)}})
		}
	}
}

// apply makes the replicas of a workload what the command says, each on the shape
// that was debited. Replicas whose request covers the new one are updated where they
// run; otherwise the new ones start before the old ones end.
func (sc *simCluster) apply(w event.WorkloadID, d *event.CommandPlace) {
	request := d.Template.Resources
	old := sc.objects[w]
	sc.objects[w] = d
	if old != nil && old.Replicas > d.Replicas {
		sc.ends(w, ending{replicas: old.Replicas - d.Replicas})
	}
	if old != nil && covers(old.Template.Resources, request) {
		for _, use := range d.Shapes {
			sc.scale(w, use, request)
		}
		for _, shape := range sc.shapes() {
			if shapeReplicas(d.Shapes, shape) == 0 {
				sc.scale(w, event.ShapeUse{Shape: shape}, request)
			}
		}
		return
	}
	leaving := sc.of(w)
	for _, use := range d.Shapes {
		for i := range use.Replicas {
			sc.start(w, use.Shape, request, room.Meant(use.On, i, use.Replicas))
		}
	}
	for _, r := range leaving {
		sc.stop(r)
	}
}

// takes tries the command on a copy of the nodes: others may have taken the room.
func (sc *simCluster) takes(w event.WorkloadID, d *event.CommandPlace) bool {
	trial := &simCluster{rep: sc.rep, objects: maps.Clone(sc.objects)}
	copies := map[*simNode]*simNode{}
	for _, n := range sc.nodes {
		c := &simNode{shape: n.shape, free: n.free}
		c.free.GPUs = slices.Clone(n.free.GPUs)
		copies[n] = c
		trial.nodes = append(trial.nodes, c)
	}
	for _, r := range sc.replicas {
		r.node = copies[r.node]
		trial.replicas = append(trial.replicas, r)
	}
	trial.apply(w, d)
	return trial.overdrawn == ""
}

func (sc *simCluster) rejection(id event.ClusterID, d *event.CommandPlace) *event.CommandRejected {
	return &event.CommandRejected{
		Cluster: id, Incarnation: sc.incarnation, Report: sc.report, Number: d.Number,
		Tenant: d.Tenant, Workload: d.Workload, Reason: event.RejectReasonCapacity,
	}
}

// intrude lets another user of the cluster take a node's free CPU and memory, or
// give all of it back.
func (sc *simCluster) intrude(node int, take bool) {
	sc.foreign = true
	n := sc.nodes[node%len(sc.nodes)]
	if take {
		n.taken.CPUMilli, n.taken.MemoryBytes = n.taken.CPUMilli+n.free.CPUMilli, n.taken.MemoryBytes+n.free.MemoryBytes
		n.free.CPUMilli, n.free.MemoryBytes = 0, 0
		return
	}
	n.free.CPUMilli, n.free.MemoryBytes = n.free.CPUMilli+n.taken.CPUMilli, n.free.MemoryBytes+n.taken.MemoryBytes
	n.taken = event.Resources{}
}

func (sc *simCluster) shapes() []string {
	var out []string
	for _, sh := range sc.rep.Shapes {
		out = append(out, sh.Name)
	}
	return out
}

func (sc *simCluster) of(w event.WorkloadID) []simReplica {
	return slices.DeleteFunc(slices.Clone(sc.replicas), func(r simReplica) bool { return r.workload != w })
}

// scale ends or starts replicas on a shape; those that stay shrink to the request.
func (sc *simCluster) scale(w event.WorkloadID, use event.ShapeUse, request event.Resources) {
	n := use.Replicas
	for _, r := range sc.of(w) {
		if r.node.shape != use.Shape {
			continue
		}
		sc.stop(r)
		if n > 0 {
			sc.startOn(r.node, w, request)
			n--
		}
	}
	for i := range n {
		sc.start(w, use.Shape, request, room.Meant(use.On, i, n))
	}
}

// start takes the node of the shape that is meant, else the tightest.
func (sc *simCluster) start(w event.WorkloadID, shape string, request event.Resources, meant *event.FreeNodes) {
	for _, n := range sc.nodes {
		if meant != nil && n.shape == shape && room.Alike(n.free, *meant) && room.Fits(n.free, request) > 0 {
			sc.startOn(n, w, request)
			return
		}
	}
	var best *simNode
	var least room.Leftover
	for _, n := range sc.nodes {
		if n.shape != shape {
			continue
		}
		if l, ok := room.Left(n.free, request); ok && (best == nil || cmp.Or(l.Compare(least), room.Compare(n.free, best.free)) < 0) {
			best, least = n, l
		}
	}
	if best == nil {
		sc.overdrawn = fmt.Sprintf("no node of shape %s takes a replica of %s (%+v)", shape, w, request)
		return
	}
	sc.startOn(best, w, request)
}

func (sc *simCluster) startOn(n *simNode, w event.WorkloadID, request event.Resources) {
	if room.Fits(n.free, request) == 0 {
		sc.overdrawn = fmt.Sprintf("node of shape %s does not take %s again (%+v)", n.shape, w, request)
		return
	}
	n.free = room.Take(n.free, request)
	sc.replicas = append(sc.replicas, simReplica{workload: w, node: n, request: request})
}

// stop gives the room back. A GPU share is given back to any device that lacks as
// much, which keeps the sums right and the devices within bounds.
func (sc *simCluster) stop(r simReplica) {
	at := slices.IndexFunc(sc.replicas, func(o simReplica) bool {
		return o.node == r.node && o.workload == r.workload && covers(o.request, r.request) && covers(r.request, o.request)
	})
	sc.replicas = slices.Delete(sc.replicas, at, at+1)
	r.node.free.CPUMilli += r.request.CPUMilli
	r.node.free.MemoryBytes += r.request.MemoryBytes
	milli := int(r.request.GPUMilli)
	if at := slices.IndexFunc(r.node.free.GPUs, func(free int) bool { return free > 0 && free+milli <= room.Device }); at >= 0 && milli < room.Device {
		r.node.free.GPUs[at] += milli // a device that others share, before one that may be somebody's whole
		milli = 0
	}
	for i := len(r.node.free.GPUs) - 1; i >= 0 && milli > 0; i-- {
		part := min(milli, room.Device)
		if milli < room.Device && r.node.free.GPUs[i]+part > room.Device {
			continue
		}
		if milli >= room.Device && r.node.free.GPUs[i] != 0 {
			continue
		}
		r.node.free.GPUs[i] += part
		milli -= part
	}
	slices.SortFunc(r.node.free.GPUs, func(a, b int) int { return b - a })
}

func (sc *simCluster) remove(w event.WorkloadID) {
	if o := sc.objects[w]; o != nil {
		sc.ends(w, ending{replicas: len(sc.of(w)), token: o.Number})
	}
	for _, r := range sc.of(w) {
		sc.stop(r)
	}
	delete(sc.objects, w)
}

// endOfSync ends what a synchronisation did not name, once all of it is settled.
func (sc *simCluster) endOfSync() {
	if sc.settled != sc.through {
		return
	}
	for _, w := range slices.SortedFunc(mapKeys(sc.objects), event.WorkloadID.Compare) {
		if !sc.mentioned[w] {
			sc.remove(w)
		}
	}
}

// free is the cluster's real room, as a report tells it.
func (sc *simCluster) free() []event.NodeShape {
	out := slices.Clone(sc.rep.Shapes)
	for i := range out {
		groups := room.Groups{}
		for _, n := range sc.nodes {
			if n.shape == out[i].Name {
				g := n.free
				g.GPUs = slices.Clone(g.GPUs)
				groups = groups.Add(g)
			}
		}
		out[i].Free = groups
	}
	return out
}

package live

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"fairlead.dev/test/openb/trace"
)

// site is one cluster: its nodes, what runs there, and what it has told.
type site struct {
	f           *Fleet
	id          event.ClusterID
	incarnation uint64
	reports     uint64
	known       uint64 // last command told
	settled     uint64 // last command carried out or rejected
	since       int    // commands carried out since the last report
	spoke       int64  // when it last reported, in ms
	inbox       []command
	shapes      []event.NodeShape // without nodes and free room, by name
	nodes       []*node
	runs        map[event.WorkloadID]*run
	thought     *site // as an oracle knows it, if one is asked
}

// command is one under way since that time, in ms.
type command struct {
	event.Payload
	since int64
}

// node is one machine; its devices are in no order.
type node struct {
	shape string
	free  event.FreeNodes
}

// run is one replica on a node.
type run struct {
	on      *node
	request event.Resources
	devices []int
}

func newSite(f *Fleet, i int, machines []trace.Machine, nodes []int) *site {
	s := &site{f: f, id: event.ClusterID(fmt.Sprintf("openb-%02d", i)), runs: map[event.WorkloadID]*run{}}
	for _, at := range nodes {
		m := machines[at]
		n := &node{shape: m.Shape(), free: event.FreeNodes{
			Nodes: 1, CPUMilli: m.CPUMilli, MemoryBytes: m.MemoryBytes, GPUs: slices.Repeat([]int{room.Device}, m.GPUs),
		}}
		s.nodes = append(s.nodes, n)
		if !slices.ContainsFunc(s.shapes, func(sh event.NodeShape) bool { return sh.Name == n.shape }) {
			s.shapes = append(s.shapes, event.NodeShape{
				Name: n.shape, CPUMilli: m.CPUMilli, MemoryBytes: m.MemoryBytes, GPUs: m.GPUs, Labels: map[string]string{trace.ModelLabel: m.Model},
			})
		}
	}
	slices.SortFunc(s.shapes, func(a, b event.NodeShape) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// tell puts a command in the channel; when too many are under way the oldest is
// carried out.
func (s *site) tell(number uint64, p event.Payload) {
	if s.known++; number != s.known {
		s.f.wrong("%s was told command %d after %d", s.id, number, s.known-1)
	}
	s.inbox = append(s.inbox, command{p, s.f.clock})
	if s.thought != nil {
		s.thought.imagine(p)
	}
	if over := len(s.inbox) - s.f.cfg.InFlight; over > 0 {
		s.settle(over)
	}
}

// settle carries out the oldest n commands, and reports when it is time.
func (s *site) settle(n int) {
	due := slices.Clone(s.inbox[:n])
	s.inbox = slices.Delete(s.inbox, 0, n)
	for _, c := range due {
		s.settled++
		switch d := c.Payload.(type) {
		case *event.CommandPlace:
			s.place(d)
		case *event.CommandWithdraw:
			s.end(d.ID())
		}
		if s.since++; s.since >= s.f.cfg.Every {
			s.report()
		}
	}
}

// late counts the commands that have been under way for long.
func (s *site) late() int {
	n := 0
	for n < len(s.inbox) && s.f.clock-s.inbox[n].since >= slowest {
		n++
	}
	return n
}

func (s *site) place(d *event.CommandPlace) {
	request := d.Template.Resources
	s.end(d.ID())
	if d.Replicas != 1 || len(d.Shapes) != 1 {
		s.f.wrong("%s is told to run %d replicas of %s on %d shapes", s.id, d.Replicas, d.Workload, len(d.Shapes))
		return
	}
	n := s.choose(d.Shapes[0], request)
	if n == nil {
		s.f.Rejected++
		s.f.fact(event.Status, &event.CommandRejected{
			Cluster: s.id, Incarnation: s.incarnation, Number: d.Number, Reason: event.RejectReasonCapacity, Report: s.reports,
			Tenant: d.Tenant, Workload: d.Workload,
		})
		return
	}
	s.start(d.ID(), n, request)
}

// choose is the node of the shape that was meant, else the one that package room has.
func (s *site) choose(use event.ShapeUse, request event.Resources) *node {
	if meant := room.Meant(use.On, 0, use.Replicas); meant != nil {
		for _, n := range s.nodes {
			if n.shape == use.Shape && room.Alike(n.free, *meant) && room.Fits(n.free, request) > 0 {
				return n
			}
		}
	}
	return tightest(s.nodes, use.Shape, request)
}

// tightest is the node with the least left over; of all shapes if none is named.
func tightest(nodes []*node, shape string, request event.Resources) *node {
	var best *node
	var least room.Leftover
	for _, n := range nodes {
		if shape != "" && n.shape != shape {
			continue
		}
		if l, ok := room.Left(n.free, request); ok && (best == nil || cmp.Or(l.Compare(least), room.Compare(n.free, best.free)) < 0) {
			best, least = n, l
		}
	}
	return best
}

func (s *site) start(id event.WorkloadID, n *node, request event.Resources) {
	r := &run{on: n, request: request, devices: room.Pick(n.free.GPUs, request.GPUMilli)}
	n.change(r, -1)
	if n.free.CPUMilli < 0 || n.free.MemoryBytes < 0 || slices.ContainsFunc(n.free.GPUs, func(g int) bool { return g < 0 }) {
		s.f.wrong("a node of %s is overdrawn: %+v", s.id, n.free)
	}
	s.runs[id] = r
}

func (s *site) end(id event.WorkloadID) {
	if r := s.runs[id]; r != nil {
		r.on.change(r, 1)
		delete(s.runs, id)
	}
}

func (n *node) change(r *run, sign int) {
	n.free.CPUMilli += int64(sign) * r.request.CPUMilli
	n.free.MemoryBytes += int64(sign) * r.request.MemoryBytes
	for _, d := range r.devices {
		n.free.GPUs[d] += sign * int(min(r.request.GPUMilli, room.Device))
	}
}

// report tells the core what is free, with every command up to the last settled in it.
func (s *site) report() {
	s.reports++
	s.since, s.spoke = 0, s.f.clock
	if s.f.cfg.Others != nil {
		s.rethink()
	}
	d := &event.ClusterCapacityReported{
		Cluster: s.id, Incarnation: s.incarnation, Report: s.reports, AppliedThrough: s.settled,
		Orchestrator: "simulated", Provider: "trace", Kinds: []event.Kind{event.KindService}, Shapes: slices.Clone(s.shapes),
	}
	groups := map[string]int{} // a group's place in its shape
	for i := range d.Shapes {
		sh := &d.Shapes[i]
		for _, n := range s.nodes {
			if n.shape != sh.Name {
				continue
			}
			sh.Nodes++
			free := n.sorted()
			key := fmt.Sprint(sh.Name, free)
			if at, known := groups[key]; known {
				sh.Free[at].Nodes++
				continue
			}
			groups[key] = len(sh.Free)
			sh.Free = append(sh.Free, free)
		}
	}
	s.f.fact(event.Capacity, d)
}

func (n *node) sorted() event.FreeNodes {
	out := n.free
	out.GPUs = slices.Clone(out.GPUs)
	slices.SortFunc(out.GPUs, func(a, b int) int { return cmp.Compare(b, a) })
	return out
}

package scheduler

import (
	"cmp"
	"slices"
	"strconv"

	"fairlead.dev/pkg/event"
	packer "fairlead.dev/pkg/pack"
	"fairlead.dev/pkg/room"
)

// What a node's free room is worth depends on what else is asked for. The mix of
// requests is learnt from the workloads that are wanted and from the room that is
// left for each, at records of placement, so that it is the same for every process
// that folds the log.
const (
	mostKinds   = 256 // classes in a mix, the most wanted ones
	mostSampled = 256 // clusters whose room is counted
)

// demand is the mix as it was learnt last. It is part of the state.
type demand struct {
	Classes   []wanted `json:"classes,omitempty"`
	Asked     int64    `json:"asked,omitempty"`     // replicas wanted by all workloads then
	Free      int64    `json:"free,omitempty"`      // GPU thousandths free in the fleet then
	Decisions uint64   `json:"decisions,omitempty"` // since
}

// wanted is one class of the mix.
type wanted struct {
	Request       event.Resources     `json:"request"`
	Nodes         []event.Requirement `json:"nodes,omitempty"`
	Architectures []string            `json:"architectures,omitempty"`
	Tolerations   []event.Toleration  `json:"tolerations,omitempty"`
	Asked         int64               `json:"asked"`
	Room          int64               `json:"room"`
}

func (d *wanted) open(shape *event.NodeShape) bool {
	c := class{nodes: d.Nodes, architectures: d.Architectures, tolerations: d.Tolerations}
	return c.open(shape)
}

// ask counts the replicas a workload wants into its class; a negative sign takes them
// out again.
func (s *State) ask(w *workload, sign int64) {
	if w.query != nil {
		c, n := w.query.class, sign*int64(w.spec.Replicas)
		was := c.asked > 0
		c.asked += n
		s.asked += n
		if is := c.asked > 0; is != was {
			s.kinds += int(sign)
		}
	}
}

// learn makes the mix anew when the demand or the room has changed much. Everything
// that is known of nodes is forgotten then, so it waits longer the more that is.
func (s *State) learn() {
	d := &s.demand
	d.Decisions++
	pairs := 20 // of cluster and class, to be known anew, for one decision between
	if s.fine() {
		pairs = 200
	}
	every := uint64(1 + len(s.clusters.sorted)*min(s.kinds, mostKinds)/pairs)
	if d.Decisions%every != 0 {
		return
	}
	free := s.freeGPU()
	if s.asked <= d.Asked+d.Asked/8+8 && free >= d.Free-d.Free/10 && free <= d.Free+d.Free/10 {
		return
	}
	s.demand = demand{Classes: s.wantedClasses(), Asked: s.asked, Free: free}
	s.known.setMix(&s.demand)
}

func (s *State) freeGPU() int64 {
	sum := int64(0)
	for _, c := range s.clusters.sorted {
		if c.report != nil && !c.left {
			sum = addUp(sum, c.freeRoom().left.GPUMilli, 1)
		}
	}
	return sum
}

// wantedClasses are the classes that workloads ask for, with the room that a sample of
// clusters has for them.
func (s *State) wantedClasses() []wanted {
	var all []*class
	for _, key := range sortedKeys(s.known.classes) {
		if c := s.known.classes[key]; c.asked > 0 {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *class) int { return cmp.Compare(b.asked, a.asked) })
	stride := 1 + len(s.clusters.sorted)/mostSampled
	var out []wanted
	for _, c := range all[:min(len(all), mostKinds)] {
		w := wanted{Request: c.request, Nodes: c.nodes, Architectures: c.architectures, Tolerations: c.tolerations, Asked: c.asked}
		for i := 0; i < len(s.clusters.sorted); i += stride {
			if cl := s.clusters.sorted[i]; cl.report != nil && !cl.left {
				w.Room += int64(cl.freeRoom().fit(c)) * int64(stride)
			}
		}
		out = append(out, w)
	}
	return out
}

// setMix takes a mix into use.
func (t *tables) setMix(d *demand) {
	t.mix, t.views, t.mean = nil, nil, meanOf(d.Classes)
	if len(d.Classes) > 0 {
		classes := make([]packer.Class, len(d.Classes))
		for i, c := range d.Classes {
			classes[i] = packer.Class{Request: c.Request, Asked: c.Asked, Room: c.Room}
		}
		t.mix, t.wanted = packer.Learn(classes, d.Free), d.Classes
	}
	t.learnRivals(d.Classes)
	t.forget()
}

// sort numbers the shapes that the same classes may use, as far as labels, taints and
// architecture tell.
func (t *tables) sort(shape *event.NodeShape) int32 {
	b := append(t.key[:0], shape.Arch...)
	for _, name := range sortedKeys(shape.Labels) {
		b = strconv.AppendQuote(append(b, 'l'), name)
		b = strconv.AppendQuote(b, shape.Labels[name])
	}
	for _, taint := range shape.Taints {
		b = strconv.AppendQuote(append(b, 't'), taint.Key)
		b = strconv.AppendQuote(b, taint.Value)
		b = append(b, taint.Effect...)
	}
	t.key = b
	n, known := t.sorts[string(b)]
	if !known {
		n = int32(len(t.sortShapes))
		t.sorts[string(b)] = n
		t.sortShapes = append(t.sortShapes, shape)
	}
	return n
}

// view is the mix as shapes of a sort see it.
func (t *tables) view(sort int32) *packer.View {
	if len(t.views) <= int(sort) {
		t.views = append(t.views, make([]*packer.View, int(sort)+1-len(t.views))...)
	}
	if t.views[sort] == nil {
		shape := t.sortShapes[sort]
		t.views[sort] = t.mix.On(func(i int) bool { return t.wanted[i].open(shape) })
	}
	return t.views[sort]
}

// packing is what a replica of the class on a node in that state is worth: millionths
// of a GPU that are lost to what else is asked for, as a negative number. Before
// anything is learnt it is how full the node would be.
func (t *tables) packing(n *node, cl *class) int64 {
	f := t.fit(n, cl) // good until the end: nothing below asks for another
	if f.rated {
		return f.pack
	}
	value := n.full(cl)
	if t.mix != nil {
		v := t.view(n.sort)
		if n.stamp != t.stamp {
			n.stamp, n.worth = t.stamp, v.Worth(n.free)
		}
		score := v.Worth(room.Take(n.free, cl.request)) - n.worth
		value = score / 1000
	}
	f.pack, f.rated = value, true
	return value
}

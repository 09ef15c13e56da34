package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// Shapes groups the nodes by all that does not change, and the nodes of each shape by the room they
// have free, largest first. The same cluster always gives the same list.
func (b *Book) Shapes() []event.NodeShape {
	groups := map[string]*group{}
	for _, n := range b.nodes {
		name := n.Shape()
		if groups[name] == nil {
			groups[name] = &group{sample: n, free: map[string]*event.FreeNodes{}}
		}
		groups[name].count(b.free(n), n.Room)
	}
	shapes := make([]event.NodeShape, 0, len(groups))
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		shapes = append(shapes, groups[name].shape(name))
	}
	return shapes
}

// group is a shape in the making.
type group struct {
	sample *Node // any of its nodes: they are alike
	nodes  int
	free   map[string]*event.FreeNodes // by the room in one line
}

func (g *group) count(free, all Room) {
	g.nodes++
	line := free.line()
	if same := g.free[line]; same != nil {
		same.Nodes++
		return
	}
	f := &event.FreeNodes{Nodes: 1, CPUMilli: free.CPUMilli, MemoryBytes: free.MemoryBytes, Extended: free.units()}
	if all.GPUs > 0 {
		f.GPUs = make([]int, all.GPUs)
	}
	for i := range free.GPUs { // devices in use are used whole: their share stays zero
		f.GPUs[i] = room.Device
	}
	g.free[line] = f
}

func (g *group) shape(name string) event.NodeShape {
	free := make([]event.FreeNodes, 0, len(g.free))
	for _, line := range slices.SortedFunc(maps.Keys(g.free), g.larger) {
		free = append(free, *g.free[line])
	}
	return event.NodeShape{
		Name:        name,
		Nodes:       g.nodes,
		Arch:        g.sample.Arch,
		CPUMilli:    g.sample.Room.CPUMilli,
		MemoryBytes: g.sample.Room.MemoryBytes,
		GPUs:        int(g.sample.Room.GPUs),
		Extended:    g.sample.Room.units(),
		Labels:      g.sample.Labels,
		Taints:      g.sample.Taints,
		Free:        free,
	}
}

func (g *group) larger(a, b string) int {
	x, y := g.free[a], g.free[b]
	return cmp.Or(cmp.Compare(y.CPUMilli, x.CPUMilli), cmp.Compare(y.MemoryBytes, x.MemoryBytes), strings.Compare(b, a))
}

// units are the extended resources with the replicas a node admits among them, where they are limited.
func (r Room) units() map[string]int64 {
	if len(r.Extended) == 0 && r.Instances == Unlimited {
		return nil
	}
	units := make(map[string]int64, len(r.Extended)+1)
	maps.Copy(units, r.Extended)
	if r.Instances != Unlimited {
		units[room.Instances] = r.Instances
	}
	return units
}

// line writes the room so that equal rooms, and they alone, give equal lines.
func (r Room) line() string {
	var line strings.Builder
	fmt.Fprintf(&line, "%d %d %d %d", r.CPUMilli, r.MemoryBytes, r.GPUs, r.Instances)
	for _, name := range r.names() {
		fmt.Fprintf(&line, " %s=%d", name, r.Extended[name])
	}
	return line.String()
}

// Shape names the group of nodes that n is like: its instance type, or its architecture, and a hash
// of all that makes the group. It stays the same as long as those properties do.
func (n *Node) Shape() string {
	if n.shape == "" {
		hash := sha256.Sum256([]byte(n.properties()))
		kind := cmp.Or(n.Labels[LabelInstanceType], n.Arch, "node")
		n.shape = kind + "-" + hex.EncodeToString(hash[:6])
	}
	return n.shape
}

func (n *Node) properties() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%q %s", n.Arch, n.Room.line())
	for _, key := range slices.Sorted(maps.Keys(n.Labels)) {
		fmt.Fprintf(&text, " %q=%q", key, n.Labels[key])
	}
	for _, t := range n.Taints {
		fmt.Fprintf(&text, " %q=%q:%q", t.Key, t.Value, t.Effect)
	}
	return text.String()
}

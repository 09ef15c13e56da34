package room

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// Groups are the nodes of one shape by their free room.
type Groups []event.FreeNodes

// Tightest is the group with the least left over after one replica; -1 if none has
// room.
func (g Groups) Tightest(q event.Resources) (at int, left Leftover) {
	at = -1
	for i, free := range g {
		if free.Nodes == 0 {
			continue
		}
		if l, ok := Left(free, q); ok && (at < 0 || cmp.Or(l.Compare(left), Compare(free, g[at])) < 0) {
			at, left = i, l
		}
	}
	return at, left
}

// Choose is the group for one replica: the one with exactly the room that was meant, if
// there is one and it fits, else the tightest; -1 if none has room. Nil means nothing in
// particular.
func (g Groups) Choose(q event.Resources, meant *event.FreeNodes) int {
	if meant != nil {
		for i, free := range g {
			if free.Nodes > 0 && Equal(free, *meant) && Fits(free, q) > 0 {
				return i
			}
		}
	}
	at, _ := g.Tightest(q)
	return at
}

// Meant is the room that was meant for replica i of n, by what a use says of the last
// ones; nil if nothing was.
func Meant(on []event.FreeNodes, i, n int) *event.FreeNodes {
	if at := i - n + len(on); at >= 0 && at < len(on) {
		return &on[at]
	}
	return nil
}

// TakeAt fills one node of the group with up to n replicas and says how many it took.
// After one replica the same node is the tightest again, so it is filled at once.
func (g Groups) TakeAt(at int, q event.Resources, n int) (Groups, int) {
	node := g[at]
	node.Nodes = 1
	took := min(n, max(1, Fits(node, q)))
	for range took {
		node = Take(node, q)
	}
	return g.without(at).Add(node), took
}

// Forfeit gives up one whole node of the largest free room, for a replica that will
// take room where nothing fits yet; false if no room is left to give up.
func (g Groups) Forfeit() (Groups, bool) {
	at, largest := -1, Leftover{}
	for i, free := range g {
		if l := Size(free); free.Nodes > 0 && l.Compare(largest) > 0 {
			at, largest = i, l
		}
	}
	if at < 0 {
		return g, false
	}
	return g.without(at).Add(Empty(g[at])), true
}

// Empty is one node of the group with nothing free.
func Empty(free event.FreeNodes) event.FreeNodes {
	out := event.FreeNodes{Nodes: 1}
	if len(free.GPUs) > 0 {
		out.GPUs = make([]int, len(free.GPUs))
	}
	if len(free.Extended) > 0 {
		out.Extended = make(map[string]int64, len(free.Extended))
		for _, name := range Names(free.Extended) {
			out.Extended[name] = 0
		}
	}
	return out
}

// without takes one node out of a group; the groups passed in stay as they are.
func (g Groups) without(at int) Groups {
	out := slices.Clone(g)
	if out[at].Nodes--; out[at].Nodes == 0 {
		out = slices.Delete(out, at, at+1)
	}
	return out
}

// Add joins nodes to the group with the same free room, or makes one. The groups are
// changed.
func (g Groups) Add(nodes event.FreeNodes) Groups {
	if same := slices.IndexFunc(g, func(f event.FreeNodes) bool { return Equal(f, nodes) }); same >= 0 {
		g[same].Nodes += nodes.Nodes
		return g
	}
	return append(g, nodes)
}

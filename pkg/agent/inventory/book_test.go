package inventory

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// TestFreeRoomIsBruteForce changes nodes and claims at random and compares the book's running sums
// with sums made anew from what is there: equal after every step, and never negative.
func TestFreeRoomIsBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book, world := NewBook(), world{nodes: map[string]*Node{}, claims: map[string]*Claim{}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			world.step(t, book)
			if want, got := world.free(), book.freeByNode(); !reflect.DeepEqual(want, got) {
				t.Fatalf("free room: want %v, got %v", want, got)
			}
			checkReport(t, book.Shapes(), len(world.nodes))
		}
	})
}

// TestEmptyAgain shows that sums return to nothing: what claims took, they give back to the unit.
func TestEmptyAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book, world := NewBook(), world{nodes: map[string]*Node{}, claims: map[string]*Claim{}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			world.step(t, book)
		}
		for id := range world.claims {
			book.RemoveClaim(id)
		}
		if len(book.used) != 0 || len(book.owned) != 0 || len(book.claims) != 0 {
			t.Fatalf("left over: used %v, owned %v, claims %v", book.used, book.owned, book.claims)
		}
	})
}

// world is the plain list of what there is.
type world struct {
	nodes  map[string]*Node
	claims map[string]*Claim
}

func (w world) step(t *rapid.T, book *Book) {
	switch rapid.IntRange(0, 5).Draw(t, "act") {
	case 0:
		n := drawNode(t)
		w.nodes[n.Name] = n
		book.SetNode(n)
	case 1:
		name := drawName(t)
		delete(w.nodes, name)
		book.RemoveNode(name)
	case 2:
		id := drawID(t)
		delete(w.claims, id)
		book.RemoveClaim(id)
	default:
		p := drawClaim(t)
		w.claims[p.ID] = p
		book.SetClaim(p)
	}
}

// free is the specification: what a node offers less what its claims ask for, nothing below zero.
func (w world) free() map[string]Room {
	free := map[string]Room{}
	for name, n := range w.nodes {
		left := n.Room
		left.Extended = map[string]int64{"x.io/fpga": n.Room.Extended["x.io/fpga"]}
		for _, p := range w.claims {
			if p.Node != name || p.Ended {
				continue
			}
			left.CPUMilli -= p.Asked.CPUMilli
			left.MemoryBytes -= p.Asked.MemoryBytes
			left.GPUs -= p.Asked.GPUs
			left.Instances--
			left.Extended["x.io/fpga"] -= p.Asked.Extended["x.io/fpga"]
		}
		if !n.Open {
			left = Room{Extended: map[string]int64{}}
		}
		left.Extended["x.io/fpga"] = max(0, left.Extended["x.io/fpga"])
		free[name] = Room{max(0, left.CPUMilli), max(0, left.MemoryBytes), max(0, left.GPUs), max(0, left.Instances), left.Extended}
	}
	return free
}

func (b *Book) freeByNode() map[string]Room {
	free := map[string]Room{}
	for name, n := range b.nodes {
		free[name] = b.free(n)
	}
	return free
}

func checkReport(t *rapid.T, shapes []event.NodeShape, nodes int) {
	for _, shape := range shapes {
		alike := 0
		for _, f := range shape.Free {
			alike += f.Nodes
			if f.CPUMilli < 0 || f.MemoryBytes < 0 || f.Extended[room.Instances] < 0 || len(f.GPUs) != shape.GPUs {
				t.Fatalf("shape %s: free %+v", shape.Name, f)
			}
			if f.CPUMilli > shape.CPUMilli || f.MemoryBytes > shape.MemoryBytes {
				t.Fatalf("shape %s: more free than there is: %+v", shape.Name, f)
			}
		}
		if alike != shape.Nodes {
			t.Fatalf("shape %s: %d nodes, %d by free room", shape.Name, shape.Nodes, alike)
		}
		nodes -= alike
	}
	if nodes != 0 {
		t.Fatalf("%d nodes are in no shape", nodes)
	}
}

func drawName(t *rapid.T) string { return fmt.Sprint("n", rapid.IntRange(0, 4).Draw(t, "node")) }

func drawID(t *rapid.T) string {
	return fmt.Sprint("c", rapid.IntRange(0, 15).Draw(t, "claim"))
}

func drawNode(t *rapid.T) *Node {
	size := rapid.Int64Range(1, 3).Draw(t, "size")
	return &Node{
		Name: drawName(t),
		Arch: rapid.SampledFrom([]string{"amd64", "arm64"}).Draw(t, "arch"),
		Open: rapid.IntRange(0, 4).Draw(t, "open") > 0,
		Room: Room{
			CPUMilli: 1000 * size, MemoryBytes: 1 << 30 * size, GPUs: size, Instances: 3 * size,
			Extended: map[string]int64{"x.io/fpga": size},
		},
	}
}

func drawClaim(t *rapid.T) *Claim {
	p := &Claim{
		ID:    drawID(t),
		Asked: Room{CPUMilli: rapid.Int64Range(0, 900).Draw(t, "cpu"), MemoryBytes: rapid.Int64Range(0, 1<<30).Draw(t, "memory"), Instances: 1},
		Ended: rapid.IntRange(0, 5).Draw(t, "ended") == 0,
	}
	if rapid.Bool().Draw(t, "bound") {
		p.Node = drawName(t)
	}
	if rapid.Bool().Draw(t, "accelerated") {
		p.Asked.GPUs, p.Asked.Extended = 1, map[string]int64{"x.io/fpga": 1}
	}
	if rapid.Bool().Draw(t, "owned") {
		p.Workload = event.WorkloadID{Tenant: "shop", Name: "web"}
	}
	return p
}

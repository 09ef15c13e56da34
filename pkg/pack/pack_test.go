package pack_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/pack"
	"fairlead.dev/pkg/room"
)

func all(int) bool { return true }

func gpu(milli, cpu int64) event.Resources {
	return event.Resources{CPUMilli: cpu, MemoryBytes: 1 << 30, GPUMilli: milli}
}

func node(cpu int64, gpus ...int) event.FreeNodes {
	return event.FreeNodes{Nodes: 1, CPUMilli: cpu, MemoryBytes: 64 << 30, GPUs: gpus}
}

func Example() {
	mix := pack.Learn([]pack.Class{
		{Request: gpu(500, 1000), Asked: 10, Room: 8},
		{Request: gpu(2000, 4000), Asked: 1, Room: 1},
	}, 3500)
	view := mix.On(func(int) bool { return true })
	fresh, _ := view.Score(gpu(500, 1000), node(16000, 1000, 1000))
	begun, _ := view.Score(gpu(500, 1000), node(16000, 1000, 500))
	fmt.Println(begun > fresh)
	// Output: true
}

// TestScore: which of two nodes is the better place, for reasons that the parts of
// worth are made of.
func TestScore(t *testing.T) {
	classes := []pack.Class{
		{Request: gpu(0, 8000), Asked: 20, Room: 40},
		{Request: gpu(300, 2000), Asked: 20, Room: 30},
		{Request: gpu(700, 4000), Asked: 20, Room: 20},
		{Request: gpu(1000, 8000), Asked: 60, Room: 20},
		{Request: gpu(2000, 16000), Asked: 2, Room: 2},
	}
	view := pack.Learn(classes, 24_000).On(all)
	for name, c := range map[string]struct {
		ask           event.Resources
		better, worse event.FreeNodes
	}{
		"a share completes a device":            {gpu(300, 2000), node(16000, 1000, 300), node(16000, 1000, 1000)},
		"one device spares the pair":            {gpu(1000, 8000), node(16000, 1000), node(16000, 1000, 1000)},
		"a request without GPUs stays away":     {gpu(0, 8000), node(16000), node(16000, 1000, 1000)},
		"CPU is taken where GPUs do not starve": {gpu(0, 8000), node(32000, 1000), node(15000, 1000)},
	} {
		better, ok := view.Score(c.ask, c.better)
		worse, too := view.Score(c.ask, c.worse)
		if !ok || !too || better <= worse {
			t.Errorf("%s: %d (%t) against %d (%t)", name, better, ok, worse, too)
		}
	}
	if _, ok := view.Score(gpu(2000, 1), node(16000, 1000)); ok {
		t.Error("two devices fit on one")
	}
}

// TestScarcity: the last room of a class is dearer than one of many.
func TestScarcity(t *testing.T) {
	ask := gpu(1000, 1000)
	score := func(left int64) int64 {
		view := pack.Learn([]pack.Class{
			{Request: ask, Asked: 50, Room: 100},
			{Request: gpu(2000, 2000), Asked: 1, Room: left},
		}, 100_000).On(all)
		s, _ := view.Score(ask, node(16000, 1000, 1000))
		return s
	}
	if many, last := score(50), score(1); last >= many {
		t.Errorf("breaking the last pair scores %d, one of many %d", last, many)
	}
}

// TestShut: what may not run on a shape does not make its room dear.
func TestShut(t *testing.T) {
	mix := pack.Learn([]pack.Class{
		{Request: gpu(1000, 1000), Asked: 50, Room: 3},
		{Request: gpu(2000, 2000), Asked: 50, Room: 1},
	}, 3000)
	open, _ := mix.On(all).Score(gpu(1000, 1000), node(16000, 1000, 1000))
	shut, _ := mix.On(func(c int) bool { return c == 0 }).Score(gpu(1000, 1000), node(16000, 1000, 1000))
	if shut <= open {
		t.Errorf("without the pairs %d, with them %d", shut, open)
	}
}

// TestWorthNeverOverflows: extreme numbers keep the sign and the order of worth: what
// has less room is not worth more, apart from fragmentation, which it bounds.
func TestWorthNeverOverflows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		huge := rapid.SampledFrom([]int64{0, 1, 1000, 1 << 40, 1 << 61})
		var classes []pack.Class
		for range rapid.IntRange(1, 300).Draw(rt, "classes") {
			classes = append(classes, pack.Class{
				Request: event.Resources{
					CPUMilli:    huge.Draw(rt, "cpu"),
					MemoryBytes: huge.Draw(rt, "memory"),
					GPUMilli:    rapid.SampledFrom([]int64{0, 1, 10, 333, 999, 1000, 8000, 1 << 40}).Draw(rt, "gpu"),
				},
				Asked: huge.Draw(rt, "asked"),
				Room:  huge.Draw(rt, "room"),
			})
		}
		mix := pack.Learn(classes, huge.Draw(rt, "free"))
		full := event.FreeNodes{CPUMilli: 1 << 61, MemoryBytes: 1 << 61, GPUs: slices.Repeat([]int{1000}, 16)}
		bound := int64(1) << 62
		for _, n := range []event.FreeNodes{full, {GPUs: []int{1000, 500, 1}}, {}} {
			if w := mix.On(all).Worth(n); w > bound || w < -bound {
				rt.Fatalf("%v is worth %d", n, w)
			}
		}
	})
}

// TestAnEmptyMix rates everything alike.
func TestAnEmptyMix(t *testing.T) {
	view := pack.Learn(nil, 0).On(all)
	if s, ok := view.Score(gpu(300, 1), node(16000, 1000)); s != 0 || !ok {
		t.Errorf("%d, %t", s, ok)
	}
}

// TestScoreIsDifferenceOfWorths, and the mix is the same however often it is learnt.
func TestScoreIsDifferenceOfWorths(t *testing.T) {
	classes := openClasses(40)
	a, b := pack.Learn(classes, 100_000).On(all), pack.Learn(classes, 100_000).On(all)
	n := node(96000, 1000, 1000, 700, 300)
	for _, c := range classes {
		s, ok := a.Score(c.Request, n)
		if !ok {
			continue
		}
		if want := b.Worth(room.Take(n, c.Request)) - b.Worth(n); s != want {
			t.Errorf("%v scores %d, the worths differ by %d", c.Request, s, want)
		}
	}
}

// openClasses are like those of a shared GPU cluster.
func openClasses(n int) []pack.Class {
	var out []pack.Class
	shares := []int64{0, 50, 110, 160, 230, 320, 470, 550, 650, 810, 1000, 1000, 1000, 2000, 4000, 8000}
	for i := range n {
		out = append(out, pack.Class{
			Request: gpu(shares[i%len(shares)], int64(2000+1500*(i%11))),
			Asked:   int64(1 + 500/(i+1)), Room: int64(100 + 7*i),
		})
	}
	return out
}

func BenchmarkWorth(b *testing.B) {
	view := pack.Learn(openClasses(150), 1_000_000).On(all)
	for name, n := range map[string]event.FreeNodes{
		"empty": node(96000, slices.Repeat([]int{1000}, 8)...),
		"half":  node(40000, 1000, 1000, 1000, 700, 300, 190, 0, 0),
		"full":  node(2000, 190, 60, 0, 0, 0, 0, 0, 0),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				view.Worth(n)
			}
		})
	}
}

func BenchmarkLearn(b *testing.B) {
	classes := openClasses(150)
	for b.Loop() {
		pack.Learn(classes, 1_000_000)
	}
}

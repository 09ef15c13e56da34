package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// checkCapacity asks for as much as should fit and for one more, each in a federation of
// its own: all of the first is placed, not all of the second. Sets of components are one
// workload for each component, the largest decided first, with so many times its replicas.
func checkCapacity(c *testCase) error {
	want := c.Expect.MaxReplicas
	if want == nil {
		want = c.Expect.MaxSets
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		n := want[name]
		if n > 0 {
			if fits, err := fits(c, n); err != nil || !fits {
				return orSay(err, "%d do not fit", n)
			}
		}
		if c.Request.UpperBoundSets == n && n > 0 {
			continue // more may fit; nobody asks
		}
		if fits, err := fits(c, n+1); err != nil || fits {
			return orSay(err, "%d fit", n+1)
		}
	}
	return nil
}

func orSay(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return fmt.Errorf(format, args...)
}

// fits submits n of what the case asks for and says whether all of it is placed.
func fits(c *testCase, n int) (bool, error) {
	w, err := build(c)
	if err != nil {
		return false, err
	}
	if err := w.begunInFlight(); err != nil {
		return false, err
	}
	asks, err := w.components(n)
	if err != nil {
		return false, err
	}
	for _, spec := range asks {
		if err := w.submit(spec); err != nil {
			return false, err
		}
	}
	if err := w.settle(); err != nil {
		return false, err
	}
	for _, spec := range asks {
		d := w.decided[event.WorkloadID{Tenant: spec.Tenant, Name: spec.Name}]
		if d == nil || d.Verdict != event.VerdictPlaced || d.Unfilled > 0 {
			return false, nil
		}
	}
	return true, nil
}

// begunInFlight decides what is under way: the cluster says nothing of it.
func (w *world) begunInFlight() error {
	i := 0
	for _, cluster := range slices.Sorted(maps.Keys(w.c.Request.InFlight)) {
		for _, flight := range w.c.Request.InFlight[cluster] {
			for _, part := range flight.Components {
				i++
				spec, err := w.component(number("flight-", i), part, part.Replicas)
				if err != nil {
					return err
				}
				spec.Policy.Clusters = named([]string{cluster})
				if err := w.submit(spec); err != nil {
					return err
				}
			}
		}
	}
	return w.settle()
}

// components are the workloads of n sets, or of n replicas where there are no sets.
func (w *world) components(n int) ([]*event.WorkloadSubmitted, error) {
	r := &w.c.Request
	all := r.Components
	if len(all) == 0 {
		all = []component{{Replicas: 1, Resources: r.Resources, Constraints: r.NodeConstraints}}
	}
	var out []*event.WorkloadSubmitted
	for i, part := range all {
		spec, err := w.component(number("part-", i), part, n*part.Replicas)
		if err != nil {
			return nil, err
		}
		out = append(out, spec)
	}
	slices.SortStableFunc(out, larger)
	for i, spec := range out {
		spec.Policy.Priority = -i
	}
	return out, nil
}

func (w *world) component(name string, part component, replicas int) (*event.WorkloadSubmitted, error) {
	spec := w.spec(workloadID(name), replicas)
	var err error
	if spec.Template.Resources, err = asked(part.Resources); err != nil {
		return nil, err
	}
	return spec, nodeConditions(&spec.Policy, part.Constraints)
}

// larger orders by what a replica asks for, the most first.
func larger(a, b *event.WorkloadSubmitted) int {
	x, y := a.Template.Resources, b.Template.Resources
	for _, d := range []int64{y.GPUMilli - x.GPUMilli, y.CPUMilli - x.CPUMilli, y.MemoryBytes - x.MemoryBytes} {
		if d != 0 {
			return int(max(-1, min(1, d)))
		}
	}
	return 0
}

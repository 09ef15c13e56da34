package simulate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// lines is a fleet of two clusters of four cores and a workload of two replicas on
// either, as events; after them stand further lines.
func lines(more ...string) string {
	var all []string
	for i, c := range []string{"eu-1", "us-1"} {
		all = append(all, fmt.Sprintf(`{"specversion":"1.0","id":"h%d","source":"/clusters/%s/agent","type":"dev.fairlead.agent.started.v1","time":"2026-05-01T12:00:00Z","data":{"cluster":%q,"instance":"a","orchestrator":"kubernetes"}}`, i, c, c))
	}
	for i, c := range []string{"eu-1", "us-1"} {
		all = append(all, fmt.Sprintf(`{"specversion":"1.0","id":"r%d","source":"/clusters/%s/agent","type":"dev.fairlead.cluster.capacity.reported.v1","time":"2026-05-01T12:00:01Z","data":{"cluster":%q,"incarnation":%d,"report":1,"appliedThrough":0,"orchestrator":"kubernetes","kinds":["service"],"shapes":[{"name":"n","nodes":1,"cpuMilli":4000,"memoryBytes":17179869184,"free":[{"nodes":1,"cpuMilli":4000,"memoryBytes":17179869184}]}]}}`, i, c, c, i+1))
	}
	for i, cpu := range []int{1000, 3000} {
		all = append(all, fmt.Sprintf(`{"specversion":"1.0","id":"w%d","source":"/tenants/shop/test","type":"dev.fairlead.workload.submitted.v1","time":"2026-05-01T12:00:02Z","data":{"tenant":"shop","name":"w%d","kind":"service","replicas":%d,"template":{"image":"i:1","resources":{"cpuMilli":%d,"memoryBytes":1073741824}},"policy":{"clusters":[{"key":"fairlead.dev/cluster","operator":"In","values":["eu-1","us-1"]}]}}}`, i, i, 2-i, cpu))
	}
	return strings.Join(append(all, more...), "\n")
}

func final(t *testing.T, c Config, in string) (Summary, error) {
	t.Helper()
	c.File, c.In, c.Emit = "test", strings.NewReader(in), func(event.Event) error { return nil }
	return Run(t.Context(), c)
}

// A lost cluster's replicas go where there is room; what has none is held, and says why.
func TestLose(t *testing.T) {
	was, err := final(t, Config{}, lines())
	if err != nil || len(was.Workloads) != 2 {
		t.Fatalf("%+v, %v", was, err)
	}
	would, err := final(t, Config{WhatIf: WhatIf{Lose: []Loss{{Cluster: "us-1"}}}}, lines())
	if err != nil {
		t.Fatal(err)
	}
	d := Compare(was.Workloads, would.Workloads, Loss{Cluster: "us-1"})
	if d.Held != 1 || d.Moved != 0 {
		t.Errorf("one replica has no place beside the rest: %+v", d)
	}
	roomy, err := final(t, Config{WhatIf: WhatIf{Lose: []Loss{{Cluster: "us-1", At: 5}}}}, strings.ReplaceAll(lines(), "4000", "9000"))
	if err != nil || len(roomy.Workloads) != 2 {
		t.Fatal(err)
	}
	for _, v := range roomy.Workloads {
		if at := where(v); len(at) != 1 || at[0].Cluster != "eu-1" {
			t.Errorf("%s is at %v", v.Spec.ID(), at)
		}
	}
	for _, c := range d.Changes {
		if on(c.After, "us-1") > 0 {
			t.Errorf("%s stays on a lost cluster: %+v", c.Workload, c)
		}
		if c.Held > 0 && c.Why == "" {
			t.Errorf("%s is held without a reason", c.Workload)
		}
	}
	early, err := final(t, Config{WhatIf: WhatIf{Lose: []Loss{{Cluster: "us-1", At: 2}}}}, lines())
	if !errors.As(err, new(*Unknown)) {
		t.Errorf("a cluster lost before it ever reported: %+v, %v", early, err)
	}
	if _, err := final(t, Config{WhatIf: WhatIf{Lose: []Loss{{Cluster: "nowhere"}}}}, lines()); !errors.As(err, new(*Unknown)) {
		t.Errorf("an unknown cluster: %v", err)
	}
}

// A policy takes the place of those in the input.
func TestPolicyInPlace(t *testing.T) {
	set := `{"specversion":"1.0","id":"p","source":"/operators/test","type":"dev.fairlead.policy.set.v1","time":"2026-05-01T12:00:03Z","data":{"agingSeconds":5}}`
	c := Config{WhatIf: WhatIf{Policy: &event.PolicySet{AgingSeconds: 7}}, File: "test", In: strings.NewReader(lines(set)), Emit: func(event.Event) error { return nil }}
	if !c.passesOver(event.Event{Data: &event.PolicySet{}}, 1) || (Config{}).passesOver(event.Event{Data: &event.PolicySet{}}, 1) {
		t.Error("a recorded policy counts beside the one in its place, or does not count at all")
	}
	if _, err := Run(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// From a state it goes on without touching the log; the mass guard ends it as well.
func TestFrom(t *testing.T) {
	g := newEngine(scheduler.DefaultConfig(), func(event.Event) error { return nil })
	in := newReader("test", strings.NewReader(lines()))
	for e, err := in.next(); err == nil; e, err = in.next() {
		if err := g.take(e); err != nil {
			t.Fatal(err)
		}
	}
	before := g.state.Workloads()
	sum, err := From(t.Context(), g.state, g.now.Add(time.Hour), WhatIf{Lose: []Loss{{Cluster: "eu-1"}}}, 0)
	if err != nil || sum.Records == 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if d := Compare(before, sum.Workloads, Loss{Cluster: "eu-1"}); len(d.Changes) == 0 {
		t.Error("nothing changes though a cluster is lost")
	}
}

func TestCompare(t *testing.T) {
	view := func(name string, price int64, at ...Where) scheduler.WorkloadView {
		v := scheduler.WorkloadView{Spec: event.WorkloadSubmitted{Tenant: "t", Name: event.WorkloadName(name)}}
		for _, w := range at {
			v.Assignments = append(v.Assignments, scheduler.AssignmentView{Assignment: event.Assignment{Cluster: w.Cluster, Replicas: w.Replicas}, Cost: price * int64(w.Replicas)})
		}
		return v
	}
	d := Compare(
		[]scheduler.WorkloadView{view("gone", 1, Where{"a", 1}), view("moves", 5, Where{"a", 3}, Where{"b", 1}), view("same", 2, Where{"a", 1})},
		[]scheduler.WorkloadView{view("moves", 9, Where{"b", 3}), view("new", 1, Where{"b", 2}), view("same", 2, Where{"a", 1})})
	got := fmt.Sprintf("%d changes, moved %d, held %d, placed %d, price %+d", len(d.Changes), d.Moved, d.Held, d.Placed, d.Price)
	if want := "3 changes, moved 2, held 2, placed 2, price +8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestParseLoss(t *testing.T) {
	for in, want := range map[string]Loss{"eu-1": {Cluster: "eu-1"}, "eu-1@12": {Cluster: "eu-1", At: 12}} {
		if got, err := ParseLoss(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "EU", "eu-1@", "eu-1@0", "eu-1@-3", "eu-1@1x", "eu-1@99999999999999999999999", "@4"} {
		if got, err := ParseLoss(in); err == nil {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

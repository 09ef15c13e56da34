package agentsim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
)

// clock is a time that only the test moves.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time { return c.now }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func workload(name string) event.WorkloadID {
	return event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)}
}

func want(name string, token uint64, replicas int, q event.Resources, shapes ...event.ShapeUse) agent.Desired {
	d := agent.Desired{
		Workload: workload(name), Token: token, Generation: 1, Kind: event.KindService, Replicas: replicas,
		Template: event.Template{Image: "app", Resources: q}, Shapes: shapes,
	}
	d.Hash = agent.Hash(d)
	return d
}

func observe(t testing.TB, c *agentsim.Cluster) agent.View {
	t.Helper()
	v, err := c.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func apply(t testing.TB, c *agentsim.Cluster, d agent.Desired) {
	t.Helper()
	if err := c.Apply(t.Context(), d); err != nil {
		t.Fatalf("apply %s: %v", d.Workload, err)
	}
}

func TestReplicasLiveByTheClock(t *testing.T) {
	second := agentsim.Duration(time.Second)
	clock := newClock()
	c := agentsim.New(agentsim.Spec{
		Name:      "a",
		Nodes:     []agentsim.Nodes{{Count: 1, Shape: "s", CPU: 1000}},
		Behaviour: agentsim.Behaviour{BindDelay: second, StartDelay: second, ReadyDelay: second, StopDelay: second, JobDuration: 10 * second},
	}, agentsim.WithClock(clock.read))
	d := want("job", 1, 2, event.Resources{CPUMilli: 500})
	d.Kind = event.KindJob
	apply(t, c, d)
	for i, step := range []struct{ bound, ready, succeeded int }{{0, 0, 0}, {2, 0, 0}, {2, 0, 0}, {2, 2, 0}} {
		o := observe(t, c).Objects[0]
		if n := c.Running()[d.Workload]; n != step.bound || o.Ready != step.ready || o.Succeeded != step.succeeded {
			t.Errorf("after %d s: %d bound, object %+v, want %+v", i, n, o, step)
		}
		clock.pass(time.Second)
	}
	clock.pass(10 * time.Second)
	v := observe(t, c)
	if o := v.Objects[0]; o.Succeeded != 2 || o.Pending != 0 || len(o.Bound) != 0 || v.Shapes[0].Free[0].CPUMilli != 1000 {
		t.Errorf("at the end: %+v, free %+v; want 2 succeeded and all room back", o, v.Shapes[0].Free)
	}
}

func TestStoppingReplicasKeepTheirRoom(t *testing.T) {
	clock := newClock()
	c := agentsim.New(agentsim.Spec{
		Name:      "a",
		Nodes:     []agentsim.Nodes{{Count: 1, Shape: "s", CPU: 1000}},
		Behaviour: agentsim.Behaviour{StopDelay: agentsim.Duration(time.Second)},
	}, agentsim.WithClock(clock.read))
	apply(t, c, want("a", 1, 2, event.Resources{CPUMilli: 500}))
	if err := c.Withdraw(t.Context(), agent.Withdrawal{Workload: workload("a"), Token: 2}); err != nil {
		t.Fatal(err)
	}
	v := observe(t, c)
	if len(v.Objects) != 1 || !v.Objects[0].Removed || v.Shapes[0].Free[0].CPUMilli != 0 {
		t.Errorf("while stopping: %+v, free %+v; want an object on its way out and no room", v.Objects, v.Shapes[0].Free)
	}
	clock.pass(time.Second)
	if v = observe(t, c); len(v.Objects) != 0 || v.Shapes[0].Free[0].CPUMilli != 1000 {
		t.Errorf("after stopping: %+v, free %+v; want nothing left", v.Objects, v.Shapes[0].Free)
	}
}

// Where replicas go: to the debited shape when pinned, to the tightest node of all when
// the cluster chooses; shares of a GPU to the fullest device that has room.
func TestPlacement(t *testing.T) {
	nodes := []agentsim.Nodes{{Count: 2, Shape: "big", CPU: 8000, GPUs: 2}, {Count: 1, Shape: "small", CPU: 2000, GPUs: 1}}
	share := event.Resources{CPUMilli: 100, GPUMilli: 300}
	for placement, free := range map[agentsim.Placement]string{
		agentsim.Pinned: "big: 1×[1000 100] 1×[1000 1000] small: 1×[1000]",
		agentsim.Own:    "big: 2×[1000 1000] small: 1×[100]",
	} {
		c := agentsim.New(agentsim.Spec{Name: "a", Placement: placement, Nodes: nodes})
		apply(t, c, want("w", 1, 3, share, event.ShapeUse{Shape: "big", Replicas: 3}))
		if got := devices(observe(t, c)); got != free {
			t.Errorf("%s: %s, want %s", placement, got, free)
		}
	}
}

func devices(v agent.View) string {
	out := ""
	for _, s := range v.Shapes {
		out += " " + s.Name + ":"
		for _, f := range s.Free {
			out += fmt.Sprintf(" %d×%v", f.Nodes, f.GPUs)
		}
	}
	return out[1:]
}

// A change that does not fit in full changes nothing.
func TestRejectionIsWhole(t *testing.T) {
	c := agentsim.New(agentsim.Spec{Name: "a", Nodes: []agentsim.Nodes{{Count: 1, Shape: "s", CPU: 1000}, {Count: 1, Shape: "t", CPU: 9000}}})
	use := func(n int) event.ShapeUse { return event.ShapeUse{Shape: "s", Replicas: n} }
	apply(t, c, want("a", 1, 2, event.Resources{CPUMilli: 300}, use(2)))
	before := observe(t, c)
	for token, d := range []agent.Desired{
		want("a", 2, 5, event.Resources{CPUMilli: 300}, use(5)),
		want("a", 3, 2, event.Resources{CPUMilli: 600}, use(2)),
		want("b", 4, 1, event.Resources{CPUMilli: 500}, use(1)),
	} {
		var r *agent.Rejection
		if err := c.Apply(t.Context(), d); !errors.As(err, &r) || r.Reason != event.RejectReasonCapacity {
			t.Errorf("token %d: error %v, want a rejection for capacity", token+2, err)
		}
	}
	if after := observe(t, c); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("rejections changed the cluster:\n%+v\n%+v", before, after)
	}
}

// A workload runs only where its conditions let it.
func TestConditions(t *testing.T) {
	c := agentsim.New(agentsim.Spec{Name: "a", Nodes: []agentsim.Nodes{
		{Count: 1, Shape: "arm", Arch: "arm64", CPU: 1000},
		{Count: 1, Shape: "hdd", CPU: 1000, Labels: map[string]string{"disk": "hdd", "cores": "16"}},
		{Count: 1, Shape: "tainted", CPU: 1000, Labels: map[string]string{"disk": "ssd"}, Taints: []agentsim.Taint{{Key: "team", Value: "ml"}}},
	}})
	require := func(key string, op event.Operator, values ...string) func(*agent.Desired) {
		return func(d *agent.Desired) {
			d.Nodes = append(d.Nodes, event.Requirement{Key: key, Operator: op, Values: values})
		}
	}
	tolerate := func(d *agent.Desired) { d.Tolerations = []event.Toleration{{Key: "team", Value: "ml"}} }
	for name, tt := range map[string]struct {
		change []func(*agent.Desired)
		on     string
	}{
		"architecture":       {[]func(*agent.Desired){func(d *agent.Desired) { d.Template.Architectures = []string{"arm64"} }}, "arm"},
		"label in":           {[]func(*agent.Desired){require("disk", event.OperatorIn, "hdd", "tape")}, "hdd"},
		"label not in":       {[]func(*agent.Desired){require("disk", event.OperatorNotIn, "hdd")}, "arm"},
		"label absent":       {[]func(*agent.Desired){require("disk", event.OperatorDoesNotExist)}, "arm"},
		"label greater":      {[]func(*agent.Desired){require("cores", event.OperatorGt, "8")}, "hdd"},
		"label less":         {[]func(*agent.Desired){require("cores", event.OperatorLt, "8")}, ""},
		"taint kept away":    {[]func(*agent.Desired){require("disk", event.OperatorIn, "ssd")}, ""},
		"taint is tolerated": {[]func(*agent.Desired){require("disk", event.OperatorIn, "ssd"), tolerate}, "tainted"},
	} {
		d := want("w-"+fmt.Sprint(len(name)), 1, 1, event.Resources{CPUMilli: 10})
		for _, f := range tt.change {
			f(&d)
		}
		err := c.Apply(t.Context(), d)
		if (err != nil) != (tt.on == "") {
			t.Errorf("%s: %v", name, err)
		}
		for _, o := range observe(t, c).Objects {
			if o.Workload == d.Workload && o.Bound[0].Shape != tt.on {
				t.Errorf("%s: on %s, want %s", name, o.Bound[0].Shape, tt.on)
			}
		}
		c.DeleteByHand(d.Workload)
	}
}

// Whatever is asked of a cluster, no node is ever overdrawn, what is bound and what is
// free add up, and equal seeds give equal clusters.
func TestAnyUseAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := agentsim.Spec{
			Name: "a", Seed: rapid.Uint64().Draw(t, "seed"),
			Placement: rapid.SampledFrom([]agentsim.Placement{agentsim.Pinned, agentsim.Own}).Draw(t, "placement"),
			Nodes: []agentsim.Nodes{
				{Count: 3, Shape: "s", CPU: 4000, Extended: map[string]int64{"instances": 5}},
				{Count: 2, Shape: "g", CPU: 8000, GPUs: 2},
			},
			Behaviour: agentsim.Behaviour{
				BindDelay: ms(t, "bind"), StartDelay: ms(t, "start"), StopDelay: ms(t, "stop"), JobDuration: ms(t, "job"),
				RejectionRate: 0.1, ErrorRate: 0.1, LostRate: 0.1,
			},
			Foreign: []agentsim.Foreign{{Every: agentsim.Duration(70 * time.Millisecond), Lasts: agentsim.Duration(time.Second), CPU: 700, GPU: 500}},
		}
		seed, steps := rapid.Uint64().Draw(t, "use"), rapid.IntRange(1, 80).Draw(t, "steps")
		if first, second := use(t, spec, seed, steps), use(t, spec, seed, steps); first != second {
			t.Fatalf("the same use of equal clusters differs:\n%s\n%s", first, second)
		}
	})
}

func ms(t *rapid.T, what string) agentsim.Duration {
	return agentsim.Duration(rapid.SampledFrom([]time.Duration{0, 50, 300}).Draw(t, what) * time.Millisecond)
}

// use does steps with a new cluster of the spec and gives what it looks like at the end.
func use(t *rapid.T, spec agentsim.Spec, seed uint64, steps int) string {
	clock, chance := newClock(), rand.New(rand.NewPCG(seed, 1))
	c := agentsim.New(spec, agentsim.WithClock(clock.read))
	for token := range uint64(steps) {
		name := fmt.Sprintf("w%d", chance.IntN(5))
		d := want(name, token+1, chance.IntN(6), event.Resources{CPUMilli: 500 * chance.Int64N(4), GPUMilli: []int64{0, 300, 500, 1000, 2000}[chance.IntN(5)]})
		d.Shapes = []event.ShapeUse{{Shape: []string{"s", "g", "other"}[chance.IntN(3)], Replicas: chance.IntN(6)}}
		switch chance.IntN(6) {
		case 0:
			_ = c.Withdraw(t.Context(), agent.Withdrawal{Workload: d.Workload, Token: d.Token})
		case 1:
			_ = c.ScaleByHand(d.Workload, chance.IntN(8))
		case 2:
			d.Kind = event.KindJob
			_ = c.Apply(t.Context(), d)
		default:
			_ = c.Apply(t.Context(), d)
		}
		clock.pass(time.Duration(chance.IntN(200)) * time.Millisecond)
		if wrong := c.Audit(); len(wrong) > 0 {
			t.Fatal(wrong)
		}
	}
	v, err := c.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range v.Objects {
		if n := bound(o); n != c.Running()[o.Workload] || n > o.Wanted {
			t.Fatalf("%+v: %d bound, %d running", o, n, c.Running()[o.Workload])
		}
	}
	return fmt.Sprint(v)
}

func bound(o agent.Object) int {
	n := 0
	for _, use := range o.Bound {
		n += use.Replicas
	}
	return n
}

// A replica without a node does not run, whatever the object asks for.
func TestRunningCountsWhatHoldsRoom(t *testing.T) {
	c := agentsim.New(agentsim.Spec{Name: "a", Nodes: []agentsim.Nodes{{Count: 2, Shape: "s", CPU: 1000}}})
	apply(t, c, want("a", 1, 3, event.Resources{CPUMilli: 400}))
	apply(t, c, want("b", 2, 1, event.Resources{CPUMilli: 100}))
	if err := c.ScaleByHand(workload("a"), 9); err != nil {
		t.Fatal(err)
	}
	got := c.Running()
	if got[workload("a")] != 4 || got[workload("b")] != 1 {
		t.Errorf("running %v, want 4 of a and 1 of b: two nodes take two each", got)
	}
	if !slices.Equal(c.Audit(), nil) {
		t.Error(c.Audit())
	}
}

// What wants a node and finds none is told as such; what has not been tried yet is not.
func TestUnschedulable(t *testing.T) {
	clock := newClock()
	c := agentsim.New(agentsim.Spec{
		Name:      "a",
		Nodes:     []agentsim.Nodes{{Count: 1, Shape: "s", CPU: 1000}},
		Behaviour: agentsim.Behaviour{BindDelay: agentsim.Duration(time.Second)},
	}, agentsim.WithClock(clock.read))
	d := want("a", 1, 2, event.Resources{CPUMilli: 500})
	apply(t, c, d)
	if err := c.ScaleByHand(d.Workload, 5); err != nil {
		t.Fatal(err)
	}
	if o := observe(t, c).Objects[0]; o.Pending != 5 || o.Unschedulable != 0 {
		t.Errorf("before anything was tried: %+v, want 5 pending, none of them unschedulable", o)
	}
	clock.pass(time.Second)
	if o := observe(t, c).Objects[0]; o.Ready != 2 || o.Unschedulable != 3 {
		t.Errorf("after a try: %+v, want 2 ready and 3 unschedulable", o)
	}
}

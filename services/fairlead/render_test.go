package fairlead

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/logtail"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/simulate"
)

// The table of the design page: a cluster that gets more, one that gets fewer, one that
// fails two checks.
func explanation() scheduler.Explanation {
	free := event.Resources{CPUMilli: 96_000, MemoryBytes: 410 << 30}
	return scheduler.Explanation{
		Tenant: "shop", Workload: "web", State: 184402, Decision: 184403, Verdict: event.VerdictScaled, Changed: true, Replicas: 12,
		Clusters: []scheduler.ClusterChecks{
			{Cluster: "dc1-os", Orchestrator: "openstack", Free: free, Fits: 8, Replicas: 8, Score: 914_000,
				Checks: []scheduler.Check{{Name: "cpu", OK: true}, {Name: "fresh", OK: true}}},
			{Cluster: "eu-k8s-1", Orchestrator: "kubernetes", Free: free, Fits: 6, Held: 6, Replicas: 4, Score: 770_000,
				Checks: []scheduler.Check{{Name: "cpu", OK: true}}},
			{Cluster: "swarm-3", Orchestrator: "swarm", Free: free,
				Checks: []scheduler.Check{{Name: "label", Message: "tier In prod (has dev)"}, {Name: "arch", Message: "amd64 (cluster is arm64)"}, {Name: "cpu", OK: true}}},
		},
	}
}

func web() *event.WorkloadSubmitted {
	return &event.WorkloadSubmitted{
		Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: 12,
		Template: event.Template{Resources: event.Resources{CPUMilli: 2000, MemoryBytes: 4 << 30}},
		Policy:   event.Policy{Regions: []string{"eu"}, MaxPerCluster: 8},
	}
}

func view() scheduler.WorkloadView {
	return scheduler.WorkloadView{
		Spec: *web(), Generation: 7, Phase: scheduler.PhaseProgressing, Decision: 184403, Verdict: event.VerdictPlaced,
		Assignments: []scheduler.AssignmentView{
			{Assignment: event.Assignment{Cluster: "dc1-os", Replicas: 8, Command: 3, Score: 914_000}, Confirmed: true, Ready: 7,
				Reasons: []event.Reason{{Reason: "Unschedulable", Count: 1, Message: "0/3 nodes"}}},
			{Assignment: event.Assignment{Cluster: "eu-k8s-1", Replicas: 4, Leaving: 1}, Ready: 4},
		},
		Refusals: []event.Refusal{{Check: "region", Clusters: 2, Nearest: "us-1", Message: "us, wanted eu"}},
	}
}

// Every table is compared with what stands in testdata/golden, in each format.
func TestGolden(t *testing.T) {
	plan := planned{Explanation: explanation(), AgeMillis: 840, spec: web()}
	cluster := scheduler.ClusterView{
		Cluster: "eu-1", Orchestrator: "kubernetes", Version: "v1.34", Provider: "aws", Region: "eu-west-1", State: scheduler.ClusterCordon,
		Kinds: []event.Kind{event.KindService, event.KindJob}, Labels: map[string]string{"tier": "prod"}, Nodes: 3, SilentMillis: 252_000,
		Allocatable: event.Resources{CPUMilli: 48_000, MemoryBytes: 192 << 30}, Free: event.Resources{CPUMilli: 12_500, MemoryBytes: 61 << 30},
		Shapes: []scheduler.ShapeView{{Name: "m5", Arch: "amd64", Nodes: 3, Overdrawn: true, Allocatable: event.Resources{CPUMilli: 16_000, MemoryBytes: 64 << 30}}},
	}
	priced := explanation()
	priced.Currency, priced.Price = "USD", 657_000
	for i, cost := range []int64{336_000, 321_000} {
		priced.Clusters[i].Price, priced.Clusters[i].Cost = 42_000, cost
		priced.Clusters[i].Parts = []event.ScorePart{{Part: "price", Value: 620_000, Weight: 2}, {Part: "steady", Value: 100_000, Weight: 1}}
	}
	costly := planned{Explanation: priced, AgeMillis: 840, spec: web(), Plan: "p_7Q2M4XKD"}
	swarm := scheduler.WhyNot{Explanation: priced, Cluster: priced.Clusters[2],
		Alone:    []scheduler.Mend{{Checks: []string{"label"}, Still: []string{"arch"}}, {Checks: []string{"arch"}, Still: []string{"label"}}},
		Together: &scheduler.Mend{Checks: []string{"label", "arch"}, Score: 802_000, Rank: 2, Replicas: 4, Price: -90_000, From: []scheduler.Taken{{Cluster: "eu-k8s-1", Replicas: 4}}}}
	room := swarm
	room.Alone, room.Together = nil, &scheduler.Mend{Checks: []string{"cpu"}, Score: 802_000, Rank: 3}
	there := scheduler.WhyNot{Explanation: priced, Cluster: priced.Clusters[0], Rank: 1}
	later := scheduler.WhyNot{Explanation: explanation(), Cluster: scheduler.ClusterChecks{Cluster: "us-1", Checks: []scheduler.Check{{Name: "cpu", OK: true}}}, Rank: 3}
	hostile := view()
	hostile.Refusals[0].Message = "\x1b[31mred\x07\nsecond line"
	for name, draw := range map[string]func(output.Printer) error{
		"plan":         func(p output.Printer) error { return printPlan(p, plan, true, []string{"web.yaml"}) },
		"plan-priced":  func(p output.Printer) error { return printPlan(p, costly, true, []string{"web.yaml"}) },
		"whynot":       func(p output.Printer) error { return printWhyNot(p, swarm, "0.8 s old") },
		"whynot-room":  func(p output.Printer) error { return printWhyNot(p, room, "before d_184404") },
		"whynot-there": func(p output.Printer) error { return printWhyNot(p, there, "0.8 s old") },
		"whynot-later": func(p output.Printer) error { return printWhyNot(p, later, "0.8 s old") },
		"difference": func(p output.Printer) error {
			return printDifference(p, "From state 184402: eu-1 lost", simulate.Difference{Workloads: 40, Moved: 3, Held: 1, Price: 120_000, Changes: []simulate.Change{
				{Workload: "shop/big", Before: []simulate.Where{{Cluster: "eu-1", Replicas: 1}}, Held: 1, Why: "cpu fails on 3 (64 asked, best node has 16 free)"},
				{Workload: "shop/web", Before: []simulate.Where{{Cluster: "eu-1", Replicas: 3}, {Cluster: "us-1", Replicas: 1}}, After: []simulate.Where{{Cluster: "us-1", Replicas: 4}}, Moved: 3, Price: 120_000},
			}}, "USD")
		},
		"replay-same": func(p output.Printer) error {
			return printReplay(p, replayed{Decision: "d_9", Workload: "shop/web", Verdict: "placed", Same: true, Engine: "1", Program: "1", Recorded: []byte(`{}`)})
		},
		"replay-differs": func(p output.Printer) error {
			return printReplay(p, replayed{Decision: "d_9", Workload: "shop/web", Verdict: "placed", Engine: "1", Program: "1", From: 4,
				Recorded: []byte(`{"verdict":"placed","replicas":2}`), Decided: []byte(`{"verdict":"held","replicas":2}`)})
		},
		"replay-nothing": func(p output.Printer) error {
			return printReplay(p, replayed{Decision: "d_9", Workload: "shop/web", Verdict: "placed", Engine: "1", Program: "1"})
		},
		"replay-engine": func(p output.Printer) error {
			return printReplay(p, replayed{Decision: "d_9", Workload: "shop/web", Verdict: "placed", Engine: "0", Program: "1"})
		},
		"explain-cluster": func(p output.Printer) error { return explainCluster(p, plan.Clusters[2]) },
		"explain-passed":  func(p output.Printer) error { return explainCluster(p, plan.Clusters[0]) },
		"describe":        func(p output.Printer) error { return describe(p, view()) },
		"hostile":         func(p output.Printer) error { return describe(p, hostile) },
		"workloads":       func(p output.Printer) error { return p.Table(workloadRows([]scheduler.WorkloadView{view()})) },
		"clusters":        func(p output.Printer) error { return p.Table(fleetRows([]scheduler.ClusterView{cluster})) },
		"cluster":         func(p output.Printer) error { return showCluster(p, cluster) },
		"value":           func(p output.Printer) error { return p.Value(plan) },
	} {
		for _, format := range []output.Format{output.Table, output.Wide, output.YAML} {
			if (format == output.YAML) != (name == "value") {
				continue
			}
			t.Run(name+"-"+string(format), func(t *testing.T) {
				var b bytes.Buffer
				if err := draw(output.Printer{Out: &b, Format: format}); err != nil {
					t.Fatal(err)
				}
				if bytes.ContainsAny(b.Bytes(), "\x1b\x07") {
					t.Errorf("a control character got through: %q", b.String())
				}
				golden(t, filepath.Join("testdata", "golden", name+"."+string(format)), b.String())
			})
		}
	}
}

// A line for every type of the catalog: none may fall back to the bare entity but
// those that say nothing more.
func TestTailLines(t *testing.T) {
	at := event.At{Stream: event.Placements, Sequence: 9, Stored: time.Date(2026, 5, 4, 12, 4, 31, 207e6, time.UTC)}
	var b bytes.Buffer
	for _, row := range event.Catalog() {
		e := event.Event{ID: "x", Source: "/test", Data: row.New(), At: at}
		if summary(e.Data) == "" {
			t.Errorf("%s: no summary", row.Name)
		}
		b.WriteString(tailLine(logtail.Item{Event: &e}, false)[len("15:04:05.000"):] + "\n") // the time is local
	}
	b.WriteString(tailLine(logtail.Item{Gap: &stream.Gap{Stream: event.Placements, From: 184404, To: 184409}}, false) + "\n")
	b.WriteString(tailLine(logtail.Item{Invalid: &logtail.Unreadable{At: at, Reason: "bad-data", Detail: "no\x1b cluster"}}, false) + "\n")
	golden(t, filepath.Join("testdata", "golden", "tail.table"), b.String())
}

func TestColourOnlyWhenWanted(t *testing.T) {
	for colour, want := range map[bool]bool{true: true, false: false} {
		var b bytes.Buffer
		p := output.Printer{Out: &b, Format: output.Table, Colour: colour}
		if err := p.Table(workloadRows([]scheduler.WorkloadView{view()})); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(b.Bytes(), []byte("\x1b[")); got != want {
			t.Errorf("colour %v: escape sequences %v", colour, got)
		}
	}
}

// A plan's exit code: nothing placeable weighs more than a change, and a change counts
// only when asked for.
func TestPlanOutcome(t *testing.T) {
	held := scheduler.Explanation{Replicas: 1, Verdict: event.VerdictHeld, Changed: true}
	placed := scheduler.Explanation{Replicas: 1, Verdict: event.VerdictPlaced, Changed: true}
	same := scheduler.Explanation{Replicas: 1, Verdict: event.VerdictPlaced}
	for _, c := range []struct {
		asked bool
		plans []scheduler.Explanation
		want  int
	}{
		{true, []scheduler.Explanation{same}, 0}, {false, []scheduler.Explanation{placed}, 0}, {true, []scheduler.Explanation{same, placed}, 10},
		{true, []scheduler.Explanation{placed, held}, 3}, {false, []scheduler.Explanation{held}, 3},
	} {
		var plans []planned
		for _, e := range c.plans {
			plans = append(plans, planned{Explanation: e})
		}
		err := (&planOptions{code: c.asked}).outcome(plans)
		if got := int(exit.Of(err)); got != c.want {
			t.Errorf("%+v: exit %d, want %d", c, got, c.want)
		}
	}
}

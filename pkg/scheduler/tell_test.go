package scheduler

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
)

// tell writes records the way a person would note them.
func tell(records []event.Payload) string {
	if len(records) == 0 {
		return "(nothing)\n"
	}
	var b strings.Builder
	for _, p := range records {
		fmt.Fprintln(&b, tellOne(p))
	}
	return b.String()
}

func tellOne(p event.Payload) string {
	switch d := p.(type) {
	case *event.PlacementDecided:
		return tellDecision(d)
	case *event.CommandPlace:
		return fmt.Sprintf("  → %s #%d place %s/%s ×%d %s%s", d.Cluster, d.Number, d.Tenant, d.Workload, d.Replicas, usesWords(d.Shapes), imageWords(d))
	case *event.CommandWithdraw:
		return fmt.Sprintf("  → %s #%d withdraw %s/%s", d.Cluster, d.Number, d.Tenant, d.Workload)
	case *event.CommandSynchronise:
		return fmt.Sprintf("  → %s synchronise incarnation %d: #%d to #%d", d.Cluster, d.Incarnation, d.First, d.Through)
	case *event.ClusterSuspected:
		return fmt.Sprintf("%s suspected after %s", d.Cluster, seconds(d.Silent))
	case *event.ClusterLost:
		return fmt.Sprintf("%s lost after %s", d.Cluster, seconds(d.Silent))
	case *event.EvictionsChanged:
		return fmt.Sprintf("evictions paused %v: %d of %d clusters silent", d.Paused, d.Silent, d.Clusters)
	case *event.ClusterRecovered:
		return fmt.Sprintf("%s recovered", d.Cluster)
	}
	return fmt.Sprintf("%T", p)
}

// imageWords tell an image or variables that are not those of most scripts.
func imageWords(d *event.CommandPlace) string {
	var out string
	if image := d.Template.Image; image == "" || !strings.HasSuffix(image, ":1") && !strings.HasSuffix(image, ":2") {
		out += " " + image
	}
	for _, name := range sortedKeys(d.Template.Env) {
		out += " " + name + "=" + d.Template.Env[name]
	}
	return out
}

func tellDecision(d *event.PlacementDecided) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s %s", d.Tenant, d.Workload, d.Verdict)
	for _, a := range d.Assignments {
		fmt.Fprintf(&b, " %s×%d", a.Cluster, a.Replicas)
		if a.Leaving > 0 {
			fmt.Fprintf(&b, "(leaving %d)", a.Leaving)
		}
		if a.Group > 0 {
			fmt.Fprintf(&b, "(step %d%s)", a.Group, map[bool]string{true: ", waits"}[a.Waiting])
		}
		if a.Command > 0 {
			fmt.Fprintf(&b, "#%d", a.Command)
		}
	}
	if d.Attempt > 0 {
		fmt.Fprintf(&b, " attempt %d", d.Attempt)
	}
	if d.Cause != event.CauseWish && d.Cause != event.CauseRoom && d.Cause != event.CauseRejected {
		fmt.Fprintf(&b, " because %s", d.Cause)
	}
	if d.Preempting != "" {
		fmt.Fprintf(&b, " preempting %s", d.Preempting)
	}
	for _, v := range d.Victims {
		fmt.Fprintf(&b, " -%s/%s×%d", v.Tenant, v.Workload, v.Replicas)
	}
	if d.For != "" {
		fmt.Fprintf(&b, " for %s", d.For)
	}
	if d.Reason != "" {
		fmt.Fprintf(&b, " (%s)", d.Reason)
	}
	for _, r := range d.Refusals {
		if r.Nearest == "" {
			fmt.Fprintf(&b, "\n  ✗ %s", r.Message)
			continue
		}
		fmt.Fprintf(&b, "\n  ✗ %s on %d, nearest %s: %s", r.Check, r.Clusters, r.Nearest, r.Message)
	}
	return b.String()
}

func usesWords(uses []event.ShapeUse) string {
	var out []string
	for _, u := range uses {
		out = append(out, fmt.Sprintf("%s:%d", u.Shape, u.Replicas))
	}
	return strings.Join(out, " ")
}

func (f *fleet) explainWords(name string) string {
	e, ok := f.s.Explain(mustID(f.tb, name))
	if !ok {
		return "not known\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s %s, changed %v\n", e.Tenant, e.Workload, e.Verdict, e.Changed)
	for _, ch := range e.Fleet {
		fmt.Fprintf(&b, "%s %s\n", map[bool]string{true: "✓", false: "✗"}[ch.OK], ch.Message)
	}
	for _, c := range e.Clusters {
		fmt.Fprintf(&b, "%s fits %d held %d gets %d score %d\n", c.Cluster, c.Fits, c.Held, c.Replicas, c.Score)
		for _, ch := range c.Checks {
			fmt.Fprintf(&b, "  %s %s: %s\n", tick(ch), ch.Name, ch.Message)
		}
	}
	for _, ch := range e.Steps {
		fmt.Fprintf(&b, "%s %s: %s\n", tick(ch), ch.Name, ch.Message)
	}
	return b.String()
}

func tick(ch Check) string {
	if ch.OK {
		return "✓"
	}
	return "✗"
}

func (f *fleet) clusterWords() string {
	var b strings.Builder
	for _, c := range f.s.Clusters() {
		fmt.Fprintf(&b, "%s %s %s %s nodes %d free %s cpu %s of %s %s; %d workloads, %d replicas, command %d, applied %d\n",
			c.Cluster, c.State, c.Orchestrator, c.Region, c.Nodes, amount("cpu", c.Free.CPUMilli), bytesWords(c.Free.MemoryBytes),
			amount("cpu", c.Allocatable.CPUMilli), bytesWords(c.Allocatable.MemoryBytes), c.Workloads, c.Replicas, c.LastCommand, c.AppliedThrough)
	}
	return b.String()
}

func (f *fleet) workloadWords() string {
	var b strings.Builder
	for _, w := range f.s.Workloads() {
		fmt.Fprintf(&b, "%s/%s %s %s", w.Spec.Tenant, w.Spec.Name, w.Phase, w.Verdict)
		for _, a := range w.Assignments {
			fmt.Fprintf(&b, " %s×%d (ready %d)", a.Cluster, a.Replicas, a.Ready)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

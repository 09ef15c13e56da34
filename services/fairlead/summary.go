package fairlead

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
)

// summary says an event's data in one line for people. A new type needs a line
// here; until then its entity is shown.
func summary(p event.Payload) string {
	switch d := p.(type) {
	case *event.WorkloadSubmitted:
		return fmt.Sprintf("%s  %d × (%s) %s", d.ID(), d.Replicas, resources(d.Template.Resources), d.Kind)
	case *event.WorkloadWithdrawn:
		return fmt.Sprintf("%s%s", d.ID(), because(d.Reason))
	case *event.WorkloadStatusReported:
		if d.Wanted+d.Ready+d.Pending+d.Failed+d.Succeeded == 0 {
			return fmt.Sprintf("%s  nothing left%s", d.ID(), because(reasons(d.Reasons)))
		}
		return fmt.Sprintf("%s  %d of %d ready%s", d.ID(), d.Ready, d.Wanted, because(reasons(d.Reasons)))
	case *event.PlacementDecided:
		return decided(d)
	case *event.CommandPlace:
		return fmt.Sprintf("%s  → %d  command %d", d.ID(), d.Replicas, d.Number)
	case *event.CommandWithdraw:
		return fmt.Sprintf("%s  → none  command %d", d.ID(), d.Number)
	case *event.CommandRejected:
		return fmt.Sprintf("%s  command %d: %s%s", d.ID(), d.Number, d.Reason, because(d.Message))
	case *event.CommandSynchronise:
		return fmt.Sprintf("incarnation %d: commands %d to %d are everything", d.Incarnation, d.First, d.Through)
	case *event.ClusterCapacityReported:
		return capacity(d)
	case *event.AgentStarted:
		return fmt.Sprintf("%s agent %s%s", d.Orchestrator, d.Instance, because(d.Reason))
	}
	return administrative(p)
}

// administrative covers the types about clusters and placement itself.
func administrative(p event.Payload) string {
	switch d := p.(type) {
	case *event.ClusterCordoned:
		return "nothing new is placed there" + because(d.Reason)
	case *event.ClusterUncordoned:
		return "takes new work again" + because(d.Reason)
	case *event.ClusterDrained:
		return "what runs there moves" + because(d.Reason)
	case *event.ClusterLeft:
		return "left the fleet" + because(d.Reason)
	case *event.ClusterSuspected:
		return "silent for " + silence(d.Silent)
	case *event.ClusterRecovered:
		return "heard again after " + silence(d.Silent)
	case *event.PlacementTicked:
		return "observed " + silence(d.Observed)
	case *event.EpochStarted:
		return fmt.Sprintf("epoch %d, leader %s, engine %s", d.Epoch, d.Leader, d.Engine)
	case *event.EpochEnded:
		return fmt.Sprintf("epoch %d, leader %s gives way", d.Epoch, d.Leader)
	}
	if text := settingsSummary(p); text != "" {
		return text
	}
	return p.Entity()
}

func decided(d *event.PlacementDecided) string {
	parts := make([]string, len(d.Assignments))
	if d.Verdict == event.VerdictWithdrawn {
		parts = nil // what is left everywhere is nothing
	}
	for i, a := range d.Assignments[:len(parts)] {
		parts[i] = fmt.Sprintf("%s %d", a.Cluster, a.Replicas)
		if a.Leaving > 0 {
			parts[i] += fmt.Sprintf(" (%d leaving)", a.Leaving)
		}
	}
	text := fmt.Sprintf("%s  %s", d.ID(), d.Verdict)
	if len(parts) > 0 {
		text += " → " + strings.Join(parts, ", ")
	}
	for _, r := range d.Refusals {
		text += "; " + refusal(r)
	}
	return text
}

func capacity(d *event.ClusterCapacityReported) string {
	var nodes int
	var cpu, memory int64
	for _, s := range d.Shapes {
		nodes += s.Nodes
		for _, f := range s.Free {
			cpu += f.CPUMilli * int64(f.Nodes)
			memory += f.MemoryBytes * int64(f.Nodes)
		}
	}
	return fmt.Sprintf("%d nodes, free %sc %s, applied through %d, report %d",
		nodes, quantity.Cores(cpu), quantity.Memory(memory), d.AppliedThrough, d.Report)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

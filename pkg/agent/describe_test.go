package agent_test

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// describe writes an effect as a line of a script.
func describe(e agent.Effect) string {
	switch e := e.(type) {
	case agent.Publish:
		return "publish " + describeEvent(e.Event)
	case agent.Apply:
		return fmt.Sprintf("apply %s token %d, %d replicas", e.Desired.Workload.Name, e.Desired.Token, e.Desired.Replicas)
	case agent.Withdraw:
		return fmt.Sprintf("withdraw %s token %d", e.Withdrawal.Workload.Name, e.Withdrawal.Token)
	case agent.Observe:
		return "observe"
	case agent.Ack:
		return fmt.Sprintf("ack %d", e.Sequence)
	case agent.Stop:
		return fmt.Sprintf("stop: %v", e.Reason)
	}
	return fmt.Sprintf("%T", e)
}

func describeEvent(e event.Event) string {
	switch p := e.Data.(type) {
	case *event.AgentStarted:
		return fmt.Sprintf("%s: hello, %s", e.ID, p.Reason)
	case *event.ClusterLeft:
		return fmt.Sprintf("%s: left", e.ID)
	case *event.CommandRejected:
		return fmt.Sprintf("%s: %s rejected for %s, after report %d", e.ID, p.Workload, p.Reason, p.Report)
	case *event.ClusterCapacityReported:
		rejected := ""
		if len(p.Rejected) > 0 {
			rejected = fmt.Sprintf(", rejected %v", p.Rejected)
		}
		return fmt.Sprintf("%s: applied through %d%s; free%s", e.ID, p.AppliedThrough, rejected, describeFree(p))
	case *event.WorkloadStatusReported:
		return fmt.Sprintf("%s: %s %s", e.ID, p.Workload, describeStatus(p))
	}
	return e.ID
}

func describeStatus(p *event.WorkloadStatusReported) string {
	out := fmt.Sprintf("token %d, wanted %d, ready %d", p.Token, p.Wanted, p.Ready)
	if p.Succeeded > 0 {
		out += fmt.Sprintf(", succeeded %d", p.Succeeded)
	}
	if p.Unschedulable > 0 {
		out += fmt.Sprintf(", unschedulable %d", p.Unschedulable)
	}
	if p.Last != nil {
		out += fmt.Sprintf("; last command %d %s %s", p.Last.Number, p.Last.Outcome, p.Last.Reason)
	}
	for _, r := range p.Reasons {
		out += "; " + r.Reason
	}
	return strings.TrimSpace(out)
}

func describeFree(r *event.ClusterCapacityReported) string {
	var out strings.Builder
	for _, s := range r.Shapes {
		fmt.Fprintf(&out, " %s:", s.Name)
		for _, f := range s.Free {
			fmt.Fprintf(&out, " %d×%d", f.Nodes, f.CPUMilli)
			if len(f.GPUs) > 0 {
				fmt.Fprintf(&out, "%v", f.GPUs)
			}
		}
	}
	if r.Rounded {
		out.WriteString(" (rounded)")
	}
	return out.String()
}

package inventory

import (
	"slices"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// The labels by which nodes of every orchestrator say where they stand and what they are. Adapters
// translate what their system calls it, so that one workload file means the same everywhere.
const (
	LabelRegion       = "topology.kubernetes.io/region"
	LabelZone         = "topology.kubernetes.io/zone"
	LabelInstanceType = "node.kubernetes.io/instance-type"
)

// Node is what an agent keeps of a node.
type Node struct {
	Name     string // unique in the cluster: a name or an ID
	Room     Room   // allocatable
	Arch     string // as in GOARCH
	Labels   map[string]string
	Taints   []event.Taint // without those that a passing condition puts there
	Open     bool          // takes new replicas
	Provider string        // who runs it, for example aws; empty when it does not say

	shape string // name of its shape, once asked for
}

// Claim is the room that one replica, ours or foreign, asks for.
type Claim struct {
	ID      string // unique in the cluster
	Node    string // empty until a scheduler binds it
	Asked   Room
	Ended   bool // asks for nothing any more
	Leaving bool // on its way out: still asks

	Workload event.WorkloadID // zero for what is not ours
	Ready    bool
	Reason   event.Reason // why an owned replica is not ready, Count unused
}

// Suits says whether a workload may run on the node: its architecture, taints, and the conditions
// on labels. What known does not know counts as met: what cannot be judged is not refused.
func (n *Node) Suits(d agent.Desired, known func(label string) bool) bool {
	if len(d.Template.Architectures) > 0 && !slices.Contains(d.Template.Architectures, n.Arch) {
		return false
	}
	if event.Repelled(n.Taints, d.Tolerations) != nil {
		return false
	}
	return !slices.ContainsFunc(d.Nodes, func(r event.Requirement) bool {
		return known(r.Key) && !r.Matches(n.Labels)
	})
}

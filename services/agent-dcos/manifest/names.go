package manifest

import (
	"fmt"
	"regexp"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Prefix begins every label of ours.
const Prefix = agent.OwnPrefix

// Labels of both apps: who they belong to. Mesos shows those of main on its tasks.
const (
	LabelCluster  = agent.LabelCluster
	LabelTenant   = agent.LabelTenant
	LabelWorkload = agent.LabelWorkload
)

// Labels of the fence.
const (
	LabelToken      = Prefix + "token"      // command number
	LabelGeneration = Prefix + "generation" // of the workload
	LabelHash       = Prefix + "hash"       // agent.Desired.Hash of what was applied
	LabelWithdrawn  = Prefix + "withdrawn"  // of a tombstone: when, in RFC 3339
	LabelWrites     = Prefix + "writes"     // counted, so that the fence changes with every write of ours
)

// mostRoot keeps task ids, which hold the whole path, within the 255 bytes of a file name.
const mostRoot = 60

// Scheme is how workloads of one federation are named in one Marathon.
type Scheme struct {
	Cluster event.ClusterID
	// Root is the group that holds all of ours, such as /fairlead.
	Root string
}

var roots = regexp.MustCompile(`^(/[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$`)

// Validate says whether apps can be named so.
func (s Scheme) Validate() error {
	if !roots.MatchString(s.Root) || len(s.Root) > mostRoot {
		return fmt.Errorf("group %q: want a path such as /fairlead of lower-case letters, digits and hyphens, at most %d bytes", s.Root, mostRoot)
	}
	return nil
}

// Group is the path of a workload's group. Names hold no slash, so no two workloads share one.
func (s Scheme) Group(w event.WorkloadID) string {
	return s.Root + "/" + string(w.Tenant) + "/" + string(w.Name)
}

// Main is the path of the app that runs.
func (s Scheme) Main(w event.WorkloadID) string { return s.Group(w) + "/main" }

// Fence is the path of the app that keeps the token.
func (s Scheme) Fence(w event.WorkloadID) string { return s.Group(w) + "/fence" }

// Labels mark an app as ours and as the workload's.
func (s Scheme) Labels(w event.WorkloadID) map[string]string {
	return agent.OwnLabels(s.Cluster, w)
}

// Owner tells from labels which workload of ours something belongs to.
func (s Scheme) Owner(labels map[string]string) (event.WorkloadID, bool) {
	return agent.Owner(s.Cluster, labels)
}

// checkLabels refuses labels of the workload's owner that would pass for ours, or for DC/OS's own:
// those of its package manager make it treat an app as a package of its own.
func checkLabels(labels map[string]string) error {
	return agent.CheckLabels(labels, "DCOS_")
}

func unsupported(format string, args ...any) error {
	return agent.Reject(event.RejectReasonUnsupported, format, args...)
}

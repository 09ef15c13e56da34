package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Prefix begins every label of ours.
const Prefix = "fairlead.dev/"

// Labels of both apps: who they belong to. Mesos shows those of main on its tasks.
const (
	LabelCluster  = Prefix + "cluster"
	LabelTenant   = Prefix + "tenant"
	LabelWorkload = Prefix + "workload"
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
	return map[string]string{
		LabelCluster:  string(s.Cluster),
		LabelTenant:   string(w.Tenant),
		LabelWorkload: string(w.Name),
	}
}

// Owner tells from labels which workload of ours something belongs to.
func (s Scheme) Owner(labels map[string]string) (event.WorkloadID, bool) {
	w := event.WorkloadID{Tenant: event.Tenant(labels[LabelTenant]), Name: event.WorkloadName(labels[LabelWorkload])}
	ours := labels[LabelCluster] == string(s.Cluster) && w.Tenant != "" && w.Name != ""
	return w, ours
}

// checkLabels refuses labels of the workload's owner that would pass for ours, or for DC/OS's own:
// those of its package manager make it treat an app as a package of its own.
func checkLabels(labels map[string]string) error {
	for key := range labels {
		if strings.HasPrefix(key, Prefix) || strings.HasPrefix(key, "DCOS_") {
			return reject(event.RejectReasonInvalid, "label %s is reserved", key)
		}
	}
	return nil
}

func reject(reason event.RejectReason, format string, args ...any) error {
	return &agent.Rejection{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) error {
	return reject(event.RejectReasonUnsupported, format, args...)
}

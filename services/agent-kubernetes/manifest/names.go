package manifest

import (
	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Manager is the field manager of everything the agent applies.
const Manager = "fairlead"

// Prefix begins every label and annotation of ours.
const Prefix = agent.OwnPrefix

// Labels, on objects and pods alike.
const (
	LabelManagedBy = "app.kubernetes.io/managed-by"
	LabelCluster   = agent.LabelCluster
	LabelTenant    = agent.LabelTenant
	LabelWorkload  = agent.LabelWorkload
)

// Annotations, on objects alone.
const (
	AnnotationToken      = Prefix + "token"      // command number: the fence
	AnnotationGeneration = Prefix + "generation" // of the workload
	AnnotationHash       = Prefix + "hash"       // agent.Desired.Hash of what was applied
	AnnotationDigest     = Prefix + "digest"     // of the object as it was applied
)

// Scheme is how workloads of one federation are named in one cluster.
type Scheme struct {
	Cluster event.ClusterID
	// NamespacePrefix and the tenant make the namespace. It is not empty, so that no tenant can
	// name a namespace that is not the federation's (default, kube-system).
	NamespacePrefix string
}

// Namespace is the prefix and the tenant's name: different tenants never share one. A tenant whose
// name is too long for that is refused, not shortened: a name is never changed.
func (s Scheme) Namespace(t event.Tenant) (string, error) {
	name := s.NamespacePrefix + string(t)
	if err := event.CheckName(name); err != nil {
		return "", agent.Reject(event.RejectReasonUnsupported, "tenant %s has no namespace here: %v", t, err)
	}
	return name, nil
}

// Selector selects, in label selector syntax, all that belongs to the federation in this cluster.
func (s Scheme) Selector() string { return LabelCluster + "=" + string(s.Cluster) }

// Labels mark an object or pod as ours and as the workload's.
func (s Scheme) Labels(w event.WorkloadID) map[string]string {
	labels := agent.OwnLabels(s.Cluster, w)
	labels[LabelManagedBy] = Manager
	return labels
}

// Owner tells from labels which workload of ours an object or pod belongs to.
func (s Scheme) Owner(labels map[string]string) (event.WorkloadID, bool) {
	return agent.Owner(s.Cluster, labels)
}

// checkLabels refuses labels of the workload's owner that would pass for ours.
func checkLabels(labels map[string]string) error {
	return agent.CheckLabels(labels, LabelManagedBy)
}

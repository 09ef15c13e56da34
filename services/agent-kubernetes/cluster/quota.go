package cluster

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"fairlead.dev/services/agent-kubernetes/reading"
)

// quota is what a ResourceQuota leaves for pods. A resource it does not limit is not among them.
type quota struct {
	name    types.NamespacedName
	version string
	left    map[string]int64 // by the name a Room gives it
}

// GetObjectMeta lets informers store a quota without the metadata it came with.
func (q *quota) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: q.name.Namespace, Name: q.name.Name, ResourceVersion: q.version}
}

// keepQuota reads what is left. A quota with scopes counts some pods and not others; it is left to
// the API server.
func keepQuota(rq *corev1.ResourceQuota) *quota {
	q := &quota{
		name:    types.NamespacedName{Namespace: rq.Namespace, Name: rq.Name},
		version: rq.ResourceVersion,
		left:    map[string]int64{},
	}
	if len(rq.Spec.Scopes) > 0 || rq.Spec.ScopeSelector != nil {
		return q
	}
	left := corev1.ResourceList{}
	for name, hard := range rq.Status.Hard {
		amount := hard.DeepCopy()
		amount.Sub(rq.Status.Used[name])
		asked, counts := askedBy(name)
		if had, known := left[asked]; counts && (!known || amount.Cmp(had) < 0) {
			left[asked] = amount
		}
	}
	room := reading.Allocatable(left)
	for name := range left {
		q.left[string(name)] = reading.Amount(room, name)
	}
	return q
}

// askedBy is the resource of a pod that a quota's resource counts, as far as our pods ask for it.
func askedBy(name corev1.ResourceName) (corev1.ResourceName, bool) {
	switch name {
	case corev1.ResourcePods, "count/pods":
		return corev1.ResourcePods, true
	case corev1.ResourceCPU, corev1.ResourceMemory:
		return name, true
	case corev1.ResourceLimitsMemory: // our limit is our request
		return corev1.ResourceMemory, true
	}
	asked, ok := strings.CutPrefix(string(name), corev1.DefaultResourceRequestsPrefix)
	return corev1.ResourceName(asked), ok
}

package manifest

import (
	"cmp"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	apps "k8s.io/client-go/applyconfigurations/apps/v1"
	batch "k8s.io/client-go/applyconfigurations/batch/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"
	meta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/component-helpers/resource"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// Object is what the agent keeps of a Deployment or Job of ours. Bound and the pods' reasons are
// not in it.
type Object struct {
	agent.Object
	Resource        schema.GroupVersionResource
	Namespace, Name string
	UID             types.UID
	Version         string         // resourceVersion
	Asked           inventory.Room // by one replica of the present specification
}

// GetObjectMeta lets informers store an Object without the metadata it came with.
func (o *Object) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name, UID: o.UID, ResourceVersion: o.Version}
}

// Deployment reads a Deployment of ours.
func (s Scheme) Deployment(d *appsv1.Deployment) *Object {
	o := s.object(Deployments, d, d.Spec.Template.Spec)
	if ours, err := apps.ExtractDeployment(d, Manager); err == nil {
		o.Hash = unchanged(d, ours, ours.ObjectMetaApplyConfiguration, containersOf(ours))
	}
	o.Ready = int(d.Status.ReadyReplicas)
	o.want(valueOr(d.Spec.Replicas, 1))
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			o.because(c.Reason, c.Message, o.Wanted-int(d.Status.Replicas))
		}
	}
	return o
}

// Job reads a Job of ours. A Job that has failed has given up all that did not succeed.
func (s Scheme) Job(j *batchv1.Job) *Object {
	o := s.object(Jobs, j, j.Spec.Template.Spec)
	if ours, err := batch.ExtractJob(j, Manager); err == nil {
		o.Hash = unchanged(j, ours, ours.ObjectMetaApplyConfiguration, containersOfJob(ours))
	}
	o.Ready = int(valueOr(j.Status.Ready, 0))
	o.Succeeded = int(j.Status.Succeeded)
	o.want(valueOr(j.Spec.Completions, 1))
	for _, c := range j.Status.Conditions {
		if c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
			o.Failed, o.Pending = max(0, o.Wanted-o.Succeeded), 0
			o.because(c.Reason, c.Message, o.Failed)
		}
	}
	return o
}

func (s Scheme) object(r schema.GroupVersionResource, m metav1.Object, pod corev1.PodSpec) *Object {
	id, _ := s.Owner(m.GetLabels())
	notes := m.GetAnnotations()
	return &Object{
		Object: agent.Object{
			Workload:   id,
			Token:      number(notes[AnnotationToken]),
			Generation: number(notes[AnnotationGeneration]),
			Removed:    m.GetDeletionTimestamp() != nil,
		},
		Resource:  r,
		Namespace: m.GetNamespace(),
		Name:      m.GetName(),
		UID:       m.GetUID(),
		Version:   m.GetResourceVersion(),
		Asked:     reading.Requested(resource.PodRequests(&corev1.Pod{Spec: pod}, resource.PodResourcesOptions{})),
	}
}

// want fills in what follows from the replicas that the object asks for.
func (o *Object) want(replicas int32) {
	if o.Removed {
		return
	}
	o.Wanted = int(replicas)
	o.Pending = max(0, o.Wanted-o.Ready-o.Succeeded)
}

func (o *Object) because(reason, message string, count int) {
	if count > 0 {
		o.Reasons = append(o.Reasons, agent.ReasonOf(reason, message, count))
	}
}

// Token is the fence that an object carries; 0 for none that can be read.
func Token(m metav1.Object) uint64 { return number(m.GetAnnotations()[AnnotationToken]) }

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64) // unreadable is 0: any command may mend it
	return n
}

// unchanged is the hash that was applied, if what our field manager owns is still what it was then.
func unchanged(m metav1.Object, ours any, owned *meta.ObjectMetaApplyConfiguration, containers []core.ContainerApplyConfiguration) string {
	if owned == nil {
		return ""
	}
	owned.Annotations = nil
	for i := range containers {
		inOrder(&containers[i])
	}
	now, err := digest(ours)
	notes := m.GetAnnotations()
	if err != nil || now != notes[AnnotationDigest] {
		return ""
	}
	return notes[AnnotationHash]
}

// inOrder sorts the lists that Kubernetes keeps by key: after a merge their order is not ours.
func inOrder(c *core.ContainerApplyConfiguration) {
	slices.SortFunc(c.Env, func(a, b core.EnvVarApplyConfiguration) int {
		return cmp.Compare(valueOr(a.Name, ""), valueOr(b.Name, ""))
	})
	slices.SortFunc(c.Ports, func(a, b core.ContainerPortApplyConfiguration) int {
		return cmp.Or(
			cmp.Compare(valueOr(a.ContainerPort, 0), valueOr(b.ContainerPort, 0)),
			cmp.Compare(valueOr(a.Protocol, ""), valueOr(b.Protocol, "")))
	})
}

func containersOf(d *apps.DeploymentApplyConfiguration) []core.ContainerApplyConfiguration {
	if d.Spec == nil || d.Spec.Template == nil || d.Spec.Template.Spec == nil {
		return nil
	}
	return d.Spec.Template.Spec.Containers
}

func containersOfJob(j *batch.JobApplyConfiguration) []core.ContainerApplyConfiguration {
	if j.Spec == nil || j.Spec.Template == nil || j.Spec.Template.Spec == nil {
		return nil
	}
	return j.Spec.Template.Spec.Containers
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

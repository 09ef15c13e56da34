package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	apps "k8s.io/client-go/applyconfigurations/apps/v1"
	batch "k8s.io/client-go/applyconfigurations/batch/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"
	meta "k8s.io/client-go/applyconfigurations/meta/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// The resources that workloads become.
var (
	Deployments = appsv1.SchemeGroupVersion.WithResource("deployments")
	Jobs        = batchv1.SchemeGroupVersion.WithResource("jobs")
)

// Manifest is the object that a workload should be.
type Manifest struct {
	Resource        schema.GroupVersionResource
	Namespace, Name string
	Asked           inventory.Room // by one replica

	object any                                // the apply configuration
	meta   *meta.ObjectMetaApplyConfiguration // its metadata
}

// Build maps what is desired. The error is a *agent.Rejection.
func (s Scheme) Build(d agent.Desired) (*Manifest, error) {
	namespace, err := s.Namespace(d.Workload.Tenant)
	if err != nil {
		return nil, err
	}
	if err := refuse(d); err != nil {
		return nil, err
	}
	labels := maps.Clone(d.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, s.Labels(d.Workload))
	pod, err := podTemplate(d, labels)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Namespace: namespace, Name: string(d.Workload.Name), Asked: asked(d.Template.Resources)}
	if d.Kind == event.KindJob {
		m.job(d, labels, pod)
	} else {
		m.deployment(d, labels, pod)
	}
	return m, m.annotate(d)
}

func (m *Manifest) deployment(d agent.Desired, labels map[string]string, pod *core.PodTemplateSpecApplyConfiguration) {
	selector := map[string]string{LabelTenant: labels[LabelTenant], LabelWorkload: labels[LabelWorkload]}
	spec := apps.DeploymentSpec().
		WithReplicas(int32(d.Replicas)).
		WithSelector(meta.LabelSelector().WithMatchLabels(selector)).
		WithTemplate(pod)
	if limits := updateLimits(d.Template); limits != nil {
		spec.WithStrategy(apps.DeploymentStrategy().
			WithType(appsv1.RollingUpdateDeploymentStrategyType).
			WithRollingUpdate(limits))
	}
	object := apps.Deployment(m.Name, m.Namespace).WithLabels(labels).WithSpec(spec)
	m.Resource, m.object, m.meta = Deployments, object, object.ObjectMetaApplyConfiguration
}

func updateLimits(t event.Template) *apps.RollingUpdateDeploymentApplyConfiguration {
	if t.MaxSurge == 0 && t.MaxUnavailable == 0 {
		return nil
	}
	limits := apps.RollingUpdateDeployment()
	if t.MaxSurge > 0 {
		limits.WithMaxSurge(intstr.FromInt32(int32(t.MaxSurge)))
	}
	if t.MaxUnavailable > 0 {
		limits.WithMaxUnavailable(intstr.FromInt32(int32(t.MaxUnavailable)))
	}
	return limits
}

func (m *Manifest) job(d agent.Desired, labels map[string]string, pod *core.PodTemplateSpecApplyConfiguration) {
	spec := batch.JobSpec().
		WithParallelism(int32(d.Replicas)).
		WithCompletions(int32(d.Replicas)).
		WithCompletionMode(batchv1.IndexedCompletion).
		WithTemplate(pod)
	object := batch.Job(m.Name, m.Namespace).WithLabels(labels).WithSpec(spec)
	m.Resource, m.object, m.meta = Jobs, object, object.ObjectMetaApplyConfiguration
}

// annotate takes the digest of the object as it is so far, then adds what changes with every command.
func (m *Manifest) annotate(d agent.Desired) error {
	digest, err := digest(m.object)
	if err != nil {
		return err
	}
	m.meta.Annotations = map[string]string{
		AnnotationToken:      strconv.FormatUint(d.Token, 10),
		AnnotationGeneration: strconv.FormatUint(d.Generation, 10),
		AnnotationHash:       d.Hash,
		AnnotationDigest:     digest,
	}
	return nil
}

// Absent, as the version given to Body, makes an apply create the object or fail with a conflict: no
// stored object ever has this resourceVersion, and a server that creates does not look at it.
const Absent = "1"

// Body is the manifest as a server-side apply takes it. The server applies it to exactly the object
// of this uid in exactly this version, or answers with a conflict.
func (m *Manifest) Body(uid types.UID, version string) ([]byte, error) {
	m.meta.UID = nil
	if uid != "" {
		m.meta.WithUID(uid)
	}
	m.meta.WithResourceVersion(version)
	body, err := json.Marshal(m.object)
	if err != nil {
		return nil, fmt.Errorf("write manifest of %s/%s: %w", m.Namespace, m.Name, err)
	}
	return body, nil
}

func digest(object any) (string, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("take the digest of an object: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

func asked(r event.Resources) inventory.Room { return reading.Requested(requests(r)) }

// requests are what the scheduler counts for one replica.
func requests(r event.Resources) corev1.ResourceList {
	list := limits(r)
	if r.CPUMilli > 0 {
		list[corev1.ResourceCPU] = milli(r.CPUMilli)
	}
	return list
}

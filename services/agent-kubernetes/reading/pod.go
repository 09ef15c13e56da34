package reading

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-helpers/resource"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// Pod is what the agent keeps of a pod.
type Pod struct {
	inventory.Claim // its ID is the uid; it has ended when the pod succeeded or failed
	Namespace, Name string
	Version         string // resourceVersion, which the informer's store asks for
}

// GetObjectMeta lets informers store a Pod without the metadata it came with.
func (p *Pod) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: p.Namespace, Name: p.Name, UID: types.UID(p.ID), ResourceVersion: p.Version}
}

// Owner tells from an object's labels which workload it belongs to, if any.
type Owner func(labels map[string]string) (event.WorkloadID, bool)

// FromPod keeps of a pod what reports need. The reasons of foreign pods are not looked at.
func FromPod(pod *corev1.Pod, owner Owner) *Pod {
	p := &Pod{
		Claim: inventory.Claim{
			ID:      string(pod.UID),
			Node:    pod.Spec.NodeName,
			Ended:   pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed,
			Leaving: pod.DeletionTimestamp != nil,
			Asked: Requested(resource.PodRequests(pod, resource.PodResourcesOptions{
				UseStatusResources: true,
				InPlacePodLevelResourcesVerticalScalingEnabled: true,
			})),
		},
		Namespace: pod.Namespace,
		Name:      pod.Name,
		Version:   pod.ResourceVersion,
	}
	id, owned := owner(pod.Labels)
	if !owned {
		return p
	}
	p.Workload = id
	p.Ready = condition(pod, corev1.PodReady).Status == corev1.ConditionTrue
	if !p.Ready && !p.Ended {
		p.Reason = unready(pod)
	}
	return p
}

// unready is the most telling reason a pod gives: what keeps a container from running, else what
// keeps the pod from a node, else its own.
func unready(pod *corev1.Pod) event.Reason {
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, s := range statuses {
			if w := s.State.Waiting; w != nil && w.Reason != "" && w.Reason != "PodInitializing" {
				return event.Reason{Reason: w.Reason, Message: w.Message}
			}
		}
	}
	if c := condition(pod, corev1.PodScheduled); c.Status == corev1.ConditionFalse {
		return event.Reason{Reason: c.Reason, Message: c.Message}
	}
	if pod.Status.Reason != "" {
		return event.Reason{Reason: pod.Status.Reason, Message: pod.Status.Message}
	}
	c := condition(pod, corev1.PodReady)
	return event.Reason{Reason: c.Reason, Message: c.Message}
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}

package reading

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

func list(pairs ...string) corev1.ResourceList {
	l := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		l[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return l
}

// TestRounding: what a node offers is rounded down, what a pod asks for is rounded up.
func TestRounding(t *testing.T) {
	odd := list("cpu", "1500100u", "memory", "1000m", "ephemeral-storage", "1Gi", "nvidia.com/gpu", "2",
		"example.com/fpga", "3", "hugepages-2Mi", "4Mi", "pods", "110")
	if got, want := Allocatable(odd), (inventory.Room{CPUMilli: 1500, MemoryBytes: 1, GPUs: 2, Instances: 110, Extended: map[string]int64{"example.com/fpga": 3}}); !reflect.DeepEqual(got, want) {
		t.Errorf("allocatable %+v, want %+v", got, want)
	}
	if got, want := Requested(odd), (inventory.Room{CPUMilli: 1501, MemoryBytes: 1, GPUs: 2, Instances: 1, Extended: map[string]int64{"example.com/fpga": 3}}); !reflect.DeepEqual(got, want) {
		t.Errorf("requested %+v, want %+v", got, want)
	}
}

// TestAsked is what the scheduler counts for one pod.
func TestAsked(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	asking := func(cpu string) corev1.Container {
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: list("cpu", cpu)}}
	}
	sidecar := asking("200m")
	sidecar.RestartPolicy = &always
	for name, c := range map[string]struct {
		pod  corev1.Pod
		want int64
	}{
		"containers add up":        {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{asking("100m"), asking("300m")}}}, 400},
		"the largest init counts":  {corev1.Pod{Spec: corev1.PodSpec{InitContainers: []corev1.Container{asking("900m")}, Containers: []corev1.Container{asking("100m")}}}, 900},
		"a sidecar stays":          {corev1.Pod{Spec: corev1.PodSpec{InitContainers: []corev1.Container{sidecar}, Containers: []corev1.Container{asking("100m")}}}, 300},
		"overhead is on top":       {corev1.Pod{Spec: corev1.PodSpec{Overhead: list("cpu", "50m"), Containers: []corev1.Container{asking("100m")}}}, 150},
		"the whole pod may ask":    {corev1.Pod{Spec: corev1.PodSpec{Resources: &corev1.ResourceRequirements{Requests: list("cpu", "2")}, Containers: []corev1.Container{asking("100m")}}}, 2000},
		"nothing asked is nothing": {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{}}}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := FromPod(&c.pod, func(map[string]string) (event.WorkloadID, bool) { return event.WorkloadID{}, false })
			if p.Asked.CPUMilli != c.want || p.Asked.Instances != 1 {
				t.Errorf("asked %+v, want %d thousandths of CPU and one pod", p.Asked, c.want)
			}
		})
	}
}

// TestOpen is which nodes take new pods, and that what closes one for a while does not change its shape.
func TestOpen(t *testing.T) {
	base := corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{corev1.LabelArchStable: "amd64"}},
		Status: corev1.NodeStatus{
			Allocatable: list("cpu", "4", "pods", "110"),
			Conditions:  []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
	shape := FromNode(&base, nil).Shape()
	for name, c := range map[string]struct {
		change func(*corev1.Node)
		open   bool
		same   bool
	}{
		"as it is":        {func(*corev1.Node) {}, true, true},
		"cordoned":        {func(n *corev1.Node) { n.Spec.Unschedulable = true }, false, true},
		"not ready":       {func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }, false, true},
		"under pressure":  {taint("node.kubernetes.io/memory-pressure", corev1.TaintEffectNoSchedule), false, true},
		"dedicated":       {taint("dedicated", corev1.TaintEffectNoSchedule), true, false},
		"another kubelet": {func(n *corev1.Node) { n.Labels = map[string]string{corev1.LabelArchStable: "arm64"} }, true, false},
		"larger":          {func(n *corev1.Node) { n.Status.Allocatable = list("cpu", "8", "pods", "110") }, true, false},
		"another label":   {func(n *corev1.Node) { n.Annotations = map[string]string{"x": "y"} }, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := base.DeepCopy()
			c.change(n)
			kept := FromNode(n, nil)
			if kept.Open != c.open || (kept.Shape() == shape) != c.same {
				t.Errorf("open %t with shape %s, want open %t, the same as %s: %t", kept.Open, kept.Shape(), c.open, shape, c.same)
			}
		})
	}
}

func taint(key string, effect corev1.TaintEffect) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: key, Effect: effect}} }
}

// TestUnready is the reason that says most.
func TestUnready(t *testing.T) {
	waiting := func(reason string) []corev1.ContainerStatus {
		return []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}}}
	}
	lost := []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/5 nodes"}}
	for want, status := range map[string]corev1.PodStatus{
		"CrashLoopBackOff": {ContainerStatuses: waiting("CrashLoopBackOff")},
		"ErrImagePull":     {InitContainerStatuses: waiting("ErrImagePull"), ContainerStatuses: waiting("PodInitializing")},
		"Unschedulable":    {Conditions: lost},
		"Evicted":          {Reason: "Evicted"},
	} {
		if got := unready(&corev1.Pod{Status: status}); got.Reason != want {
			t.Errorf("reason %+v, want %s", got, want)
		}
	}
}

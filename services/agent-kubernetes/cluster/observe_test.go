package cluster

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// TestUnschedulable counts the replicas that the scheduler tried and could not place, which
// placement takes back after a while: neither those that wait for something else, nor those that are
// on their way out, nor those of others.
func TestUnschedulable(t *testing.T) {
	web := event.WorkloadID{Tenant: "shop", Name: "web"}
	other := event.WorkloadID{Tenant: "shop", Name: "other"}
	lost := func(p *corev1.Pod) {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "0/5 nodes"}}
	}
	gated := func(p *corev1.Pod) {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonSchedulingGated}}
	}
	pulling := func(p *corev1.Pod) {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}}}}
	}
	leaving := func(p *corev1.Pod) { lost(p); p.DeletionTimestamp = &metav1.Time{} }
	ended := func(p *corev1.Pod) { lost(p); p.Status.Phase = corev1.PodFailed }
	for name, c := range map[string]struct {
		pending int
		pods    []func(*corev1.Pod)
		want    int
	}{
		"none":                  {2, []func(*corev1.Pod){pulling, gated}, 0},
		"some":                  {3, []func(*corev1.Pod){lost, pulling, lost}, 2},
		"on their way out":      {2, []func(*corev1.Pod){lost, leaving, ended}, 1},
		"nothing is waited for": {0, []func(*corev1.Pod){lost}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			book := inventory.NewBook()
			add := func(owner event.WorkloadID, change func(*corev1.Pod)) {
				pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(fmt.Sprintf("%s-%d", owner, next(book, owner)))}}
				change(pod)
				book.SetClaim(&reading.FromPod(pod, func(map[string]string) (event.WorkloadID, bool) { return owner, true }).Claim)
			}
			for _, change := range c.pods {
				add(web, change)
				add(other, lost)
			}
			object := &manifest.Object{Object: agent.Object{Workload: web, Pending: c.pending}}
			if got := (&Cluster{book: book}).complete(object); got.Unschedulable != c.want || got.Pending != c.pending {
				t.Errorf("%d of %d pending replicas are unschedulable, want %d", got.Unschedulable, got.Pending, c.want)
			}
		})
	}
}

// next numbers the pods of a workload.
func next(b *inventory.Book, w event.WorkloadID) (n int) {
	b.Claims(w, func(*inventory.Claim) { n++ })
	return n
}

package agent

import (
	"fmt"
	"strconv"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/agenttest"
	"fairlead.dev/pkg/event"
	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

// TestContractBare runs the contract where nobody writes but we: a write that should not be shows as
// another resourceVersion.
func TestContractBare(t *testing.T) {
	plane := controlplanetest.Start(t, controlplane.Config{Name: "bare", Nodes: nodes()})
	agenttest.Run(t, agenttest.Suite{
		New:    func(t *testing.T) agenttest.Cluster { return newHooks(newScene(t, plane, false)) },
		Sample: sample,
	})
}

// TestContractFull runs it where controllers write status, replicas run and deletion takes its time.
func TestContractFull(t *testing.T) {
	plane := full.Cluster(t)
	agenttest.Run(t, agenttest.Suite{
		New:    func(t *testing.T) agenttest.Cluster { return newHooks(newScene(t, plane, true)) },
		Sample: sample,
		Runs:   true,
	})
}

func sample(w event.WorkloadID, n int) agent.Desired {
	d := service(w, 1, 1)
	d.Template.Image = fmt.Sprintf("registry.example/app:%d", n)
	return d
}

// hooks is the cluster as the suite provokes it, by an administrator's hand.
type hooks struct {
	*scene
	foreign map[event.WorkloadID]types.UID
}

func newHooks(s *scene) hooks {
	return hooks{s, map[event.WorkloadID]types.UID{}}
}

func (h hooks) Orchestrator(t testing.TB) agent.Orchestrator {
	t.Helper()
	return h.agent()
}

func (h hooks) Stored(t testing.TB) []agenttest.Stored {
	t.Helper()
	list, err := h.admin.AppsV1().Deployments("").List(t.Context(), metav1.ListOptions{LabelSelector: "fairlead.dev/cluster=" + string(h.name)})
	if err != nil {
		t.Fatal(err)
	}
	var stored []agenttest.Stored
	for _, d := range list.Items {
		if d.DeletionTimestamp != nil {
			continue
		}
		token, err := strconv.ParseUint(d.Annotations["fairlead.dev/token"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, agenttest.Stored{
			Workload: event.WorkloadID{Tenant: event.Tenant(d.Labels["fairlead.dev/tenant"]), Name: event.WorkloadName(d.Labels["fairlead.dev/workload"])},
			Token:    token,
			Replicas: int(*d.Spec.Replicas),
			Revision: h.revision(d),
		})
	}
	return stored
}

// revision is the resourceVersion where nobody else writes. Elsewhere controllers change it with
// every pod; what they leave alone stands for it.
func (h hooks) revision(d appsv1.Deployment) string {
	if !h.runs {
		return d.ResourceVersion
	}
	return fmt.Sprint(d.UID, d.Generation, d.Annotations["fairlead.dev/token"], d.Annotations["fairlead.dev/generation"])
}

func (h hooks) Scale(t testing.TB, w event.WorkloadID, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := h.admin.AppsV1().Deployments(h.namespace(w.Tenant)).
		Patch(t.Context(), string(w.Name), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "by-hand"}, "scale")
	if err != nil {
		t.Fatal(err)
	}
}

func (h hooks) Delete(t testing.TB, w event.WorkloadID) {
	t.Helper()
	err := h.admin.AppsV1().Deployments(h.namespace(w.Tenant)).Delete(t.Context(), string(w.Name), metav1.DeleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func (h hooks) MakeForeign(t testing.TB, w event.WorkloadID) {
	t.Helper()
	h.makeNamespace(h.namespace(w.Tenant))
	labels := map[string]string{"app": "someone-elses"}
	made, err := h.admin.AppsV1().Deployments(h.namespace(w.Tenant)).Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: string(w.Name)},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "theirs"}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h.foreign[w] = made.UID
}

func (h hooks) Foreign(t testing.TB, w event.WorkloadID) bool {
	t.Helper()
	d, err := h.admin.AppsV1().Deployments(h.namespace(w.Tenant)).Get(t.Context(), string(w.Name), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d.UID == h.foreign[w] && d.DeletionTimestamp == nil && d.Generation == 1 && d.Labels["fairlead.dev/cluster"] == ""
}

func (h hooks) Sever(testing.TB) {
	for _, w := range h.wires {
		w.cut()
	}
}

// Exhaust forbids Deployments in the suite's namespace. Where no controller fills in a quota's
// status, which is what admission reads, we do.
func (h hooks) Exhaust(t testing.TB) {
	t.Helper()
	h.makeNamespace(h.namespace("shop"))
	h.makeQuota(h.namespace("shop"), corev1.ResourceList{"count/deployments.apps": resource.MustParse("0")})
}

func (s *scene) makeNamespace(name string) {
	s.t.Helper()
	_, err := s.admin.CoreV1().Namespaces().Create(s.t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: map[string]string{"fairlead.dev/cluster": string(s.name)}, // for the scene's end
	}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		s.t.Fatal(err)
	}
}

func (s *scene) makeQuota(namespace string, hard corev1.ResourceList) {
	s.t.Helper()
	quotas := s.admin.CoreV1().ResourceQuotas(namespace)
	made, err := quotas.Create(s.t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "limit"},
		Spec:       corev1.ResourceQuotaSpec{Hard: hard},
	}, metav1.CreateOptions{})
	s.must(err)
	if !s.runs {
		made.Status.Hard, made.Status.Used = hard, corev1.ResourceList{}
		for name := range hard {
			made.Status.Used[name] = resource.MustParse("0")
		}
		_, err = quotas.UpdateStatus(s.t.Context(), made, metav1.UpdateOptions{})
		s.must(err)
		return
	}
	s.eventually("the quota's status", func() error {
		q, err := quotas.Get(s.t.Context(), "limit", metav1.GetOptions{})
		if err == nil && len(q.Status.Hard) < len(hard) {
			err = fmt.Errorf("status %v", q.Status)
		}
		return err
	})
}

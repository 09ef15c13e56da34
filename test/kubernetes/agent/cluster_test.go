package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/cluster"
	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

// TestFacts reads what the cluster says of itself.
func TestFacts(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	v := s.view(s.agent())
	if f := v.Facts; f.Orchestrator != "kubernetes" || !strings.HasPrefix(f.Version, "v1.") || f.Region != "eu" || f.Zone != "" {
		t.Errorf("facts %+v: want region eu and, with nodes in two, no zone", f)
	}
	if len(v.Shapes) != 2 || v.Shapes[0].GPUs != 4 || v.Shapes[0].Nodes != 2 || v.Shapes[1].Nodes != 3 {
		t.Errorf("shapes %+v: want two with GPUs and three without", v.Shapes)
	}
}

// TestWithdrawnWhileCreating lets a withdrawal pass between an apply's reading and its writing: what
// the apply made does not stay.
func TestWithdrawnWhileCreating(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	w := event.WorkloadID{Tenant: "shop", Name: "web"}
	second := s.agent()
	s.must(s.apply(second, service(event.WorkloadID{Tenant: "shop", Name: "other"}, 1, 1))) // makes the namespace
	var once sync.Once
	slow := s.agentWith(func(rc *rest.Config) {
		rc.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPatch {
					once.Do(func() { s.must(s.withdraw(second, w, 6)) })
				}
				return next.RoundTrip(r)
			})
		})
	})
	if err := s.apply(slow, service(w, 5, 2)); !errors.Is(err, agent.ErrStale) {
		t.Fatalf("apply 5 with a withdrawal 6 on the way: %v, want ErrStale", err)
	}
	s.eventually("nothing to stay", func() error {
		_, err := s.admin.AppsV1().Deployments(s.namespace("shop")).Get(t.Context(), "web", metav1.GetOptions{})
		if err == nil {
			err = errors.New("the object is there")
		} else {
			err = nil
		}
		return err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDrift changes what we own, by several hands: each is seen, and taken back by the same command.
func TestDrift(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, d := s.agent(), service(event.WorkloadID{Tenant: "shop", Name: "web"}, 3, 2)
	s.must(s.apply(k, d))
	deployments := s.admin.AppsV1().Deployments(s.namespace("shop"))
	for what, patch := range map[string]string{
		"image":    `{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"else"}]}}}}`,
		"replicas": `{"spec":{"replicas":5}}`,
		"memory":   `{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"1Mi"}}}]}}}}`,
		"label":    `{"metadata":{"labels":{"app.kubernetes.io/managed-by":"me"}}}`,
	} {
		t.Run(what, func(t *testing.T) {
			_, err := deployments.Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "by-hand"})
			s.must(err)
			s.object(k, d.Workload, "changed", func(o agent.Object) bool { return o.Hash != d.Hash })
			s.must(s.apply(k, d))
			s.object(k, d.Workload, "as it was applied", func(o agent.Object) bool { return o.Hash == d.Hash && o.Wanted == 2 })
		})
	}
}

// TestTolerated leaves alone what others add and we do not own.
func TestTolerated(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, d := s.agent(), service(event.WorkloadID{Tenant: "shop", Name: "web"}, 3, 1)
	s.must(s.apply(k, d))
	restart := `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}`
	changed, err := s.admin.AppsV1().Deployments(s.namespace("shop")).
		Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(restart), metav1.PatchOptions{FieldManager: "kubectl-rollout"})
	s.must(err)
	s.must(s.apply(k, d))
	now, err := s.admin.AppsV1().Deployments(s.namespace("shop")).Get(t.Context(), "web", metav1.GetOptions{})
	s.must(err)
	if now.Generation != changed.Generation || now.Spec.Template.Annotations["kubectl.kubernetes.io/restartedAt"] == "" {
		t.Error("a restart by hand was taken back")
	}
	s.object(k, d.Workload, "as it was applied", func(o agent.Object) bool { return o.Hash == d.Hash })
}

// TestReasons shows why replicas are not ready, in the cluster's own words.
func TestReasons(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k := s.agent()
	lost := service(event.WorkloadID{Tenant: "shop", Name: "lost"}, 1, 2)
	lost.Nodes = []event.Requirement{{Key: "example.com/nowhere", Operator: event.OperatorExists}}
	s.must(s.apply(k, sealed(lost)))
	s.object(k, lost.Workload, "unschedulable", func(o agent.Object) bool {
		return o.Pending == 2 && len(o.Reasons) == 1 && o.Reasons[0].Reason == "Unschedulable" && o.Reasons[0].Count == 2
	})
	stuck := service(event.WorkloadID{Tenant: "shop", Name: "stuck"}, 2, 1)
	s.must(s.apply(k, stuck))
	pull := `{"spec":{"template":{"metadata":{"annotations":{"kwok.test.fairlead.dev/waiting-reason":"ImagePullBackOff"}}}}}`
	_, err := s.admin.AppsV1().Deployments(s.namespace("shop")).
		Patch(t.Context(), "stuck", types.StrategicMergePatchType, []byte(pull), metav1.PatchOptions{FieldManager: "by-hand"})
	s.must(err)
	stuck.Token, stuck.Replicas = 3, 3
	s.must(s.apply(k, stuck))
	s.object(k, stuck.Workload, "without its image", func(o agent.Object) bool {
		return len(o.Reasons) > 0 && o.Reasons[0].Reason == "ImagePullBackOff"
	})
}

// TestQuota refuses what the namespace's quota for pods has no room for, before pods fail one by one.
func TestQuota(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	s.makeNamespace(s.namespace("shop"))
	s.makeQuota(s.namespace("shop"), corev1.ResourceList{"requests.cpu": resource.MustParse("1200m"), "pods": resource.MustParse("10")})
	k, w := s.agent(), event.WorkloadID{Tenant: "shop", Name: "web"}
	s.view(k)
	s.eventually("the quota to be known", func() error {
		err := k.Apply(t.Context(), service(w, 1, 3))
		if r := (*agent.Rejection)(nil); !errors.As(err, &r) || r.Reason != event.RejectReasonQuota {
			return errors.Join(errors.New("not refused yet"), err)
		}
		return nil
	})
	s.must(s.apply(k, service(w, 2, 2)))
	s.object(k, w, "2 ready", func(o agent.Object) bool { return o.Ready == 2 })
}

// TestRefusals is what can never be carried out, by reason.
func TestRefusals(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k := s.agent()
	s.view(k)
	w := event.WorkloadID{Tenant: "shop", Name: "web"}
	for name, c := range map[string]struct {
		change func(*agent.Desired)
		want   event.RejectReason
	}{
		"a virtual machine":       {func(d *agent.Desired) { d.Kind = event.KindVM }, event.RejectReasonUnsupported},
		"a share of a GPU":        {func(d *agent.Desired) { d.Template.Resources.GPUMilli = 500 }, event.RejectReasonUnsupported},
		"native parts":            {func(d *agent.Desired) { d.Native = map[string]json.RawMessage{"kubernetes": json.RawMessage(`{}`)} }, event.RejectReasonUnsupported},
		"a tenant with no room":   {func(d *agent.Desired) { d.Workload.Tenant = event.Tenant(strings.Repeat("t", 63)) }, event.RejectReasonUnsupported},
		"a reserved label":        {func(d *agent.Desired) { d.Labels = map[string]string{"fairlead.dev/token": "9"} }, event.RejectReasonInvalid},
		"a label that is none":    {func(d *agent.Desired) { d.Labels = map[string]string{"team": "not a label!"} }, event.RejectReasonInvalid},
		"a port twice":            {func(d *agent.Desired) { d.Template.Ports = []event.Port{{Name: "a_b", Port: 1}} }, event.RejectReasonInvalid},
		"more GPUs than any node": {func(d *agent.Desired) { d.Template.Resources.GPUMilli = 5000 }, event.RejectReasonCapacity},
		"an architecture nowhere": {func(d *agent.Desired) { d.Template.Architectures = []string{"riscv64"} }, event.RejectReasonCapacity},
		"a zone nowhere":          {zone("us-a"), event.RejectReasonCapacity},
		"more than one zone has":  {func(d *agent.Desired) { zone("eu-a")(d); d.Replicas = 25 }, event.RejectReasonCapacity},
	} {
		t.Run(name, func(t *testing.T) {
			d := service(w, 1, 1)
			c.change(&d)
			if words := s.rejected(s.apply(k, sealed(d)), c.want); words == "" {
				t.Error("refused without words")
			}
		})
	}
}

func zone(name string) func(*agent.Desired) {
	return func(d *agent.Desired) {
		d.Nodes = []event.Requirement{{Key: corev1.LabelTopologyZone, Operator: event.OperatorIn, Values: []string{name}}}
	}
}

// TestTombstonesAreSwept forgets old tombstones, and no young ones.
func TestTombstonesAreSwept(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, w := s.agent(), event.WorkloadID{Tenant: "shop", Name: "web"}
	s.must(s.withdraw(k, w, 9))
	s.must(k.Sweep(t.Context(), time.Now().Add(cluster.DefaultKeep-time.Hour)))
	if err := s.apply(k, service(w, 9, 1)); !errors.Is(err, agent.ErrStale) {
		t.Fatalf("apply 9 after withdrawal 9: %v, want ErrStale", err)
	}
	s.must(k.Sweep(t.Context(), time.Now().Add(cluster.DefaultKeep+time.Hour)))
	s.must(s.apply(k, service(w, 10, 1)))
}

// TestServerStops stops the API server and starts it again: views are not complete in between, and
// after it they show what happened.
func TestServerStops(t *testing.T) {
	plane := controlplanetest.Start(t, controlplane.Config{Name: "stops", Nodes: nodes()})
	s := newScene(t, plane, false)
	k, d := s.agent(), service(event.WorkloadID{Tenant: "shop", Name: "web"}, 1, 2)
	s.must(s.apply(k, d))
	s.object(k, d.Workload, "there", func(o agent.Object) bool { return o.Wanted == 2 })
	plane.Halt(controlplane.APIServer)
	s.eventually("the view to be incomplete", func() error {
		if v, err := k.Observe(t.Context()); err != nil || v.Complete {
			return errors.Join(errors.New("still complete"), err)
		}
		return nil
	})
	if err := k.Apply(t.Context(), d); err == nil || errors.As(err, new(*agent.Rejection)) {
		t.Errorf("apply without a server: %v, want an error that passes", err)
	}
	s.must(plane.Resume(t.Context()))
	_, err := s.admin.AppsV1().Deployments(s.namespace("shop")).Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"spec":{"replicas":4}}`), metav1.PatchOptions{FieldManager: "by-hand"})
	s.must(err)
	s.object(k, d.Workload, "as changed while nobody watched", func(o agent.Object) bool { return o.Wanted == 4 })
}

// TestRecount runs foreign pods of random sizes through the real scheduler, and counts anew from what
// the API server lists: the view has the same free room.
func TestRecount(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	s := newScene(t, full.Cluster(t), true)
	k := s.agent()
	s.makeNamespace(s.namespace("crowd"))
	for i := range 12 {
		s.crowd(fmt.Sprint("crowd-", i), int32(1+random.IntN(4)), corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(50+random.Int64N(400), resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewQuantity(1<<20*(1+random.Int64N(500)), resource.BinarySI),
		})
	}
	var bound int
	s.eventually("the view to agree with a recount", func() error {
		want, pods, err := s.recount()
		if err != nil {
			return err
		}
		got := map[string]int64{}
		for _, shape := range s.view(k).Shapes {
			for _, f := range shape.Free {
				got["cpu"] += int64(f.Nodes) * f.CPUMilli
				got["memory"] += int64(f.Nodes) * f.MemoryBytes
				got["pods"] += int64(f.Nodes) * f.Extended["instances"]
			}
		}
		if bound = pods; pods < 12 || fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("free %v, recounted %v with %d pods", got, want, pods)
		}
		return nil
	})
	t.Logf("%d bound pods", bound)
}

// crowd makes a Deployment that is not ours.
func (s *scene) crowd(name string, replicas int32, asks corev1.ResourceList) {
	s.t.Helper()
	labels := map[string]string{"app": name}
	_, err := s.admin.AppsV1().Deployments(s.namespace("crowd")).Create(s.t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "c", Image: "theirs", Resources: corev1.ResourceRequirements{Requests: asks},
				}}},
			},
		},
	}, metav1.CreateOptions{})
	s.must(err)
}

// recount is the free room by the plainest reckoning: what nodes offer less what bound pods ask.
func (s *scene) recount() (free map[string]int64, bound int, err error) {
	list, err := s.admin.CoreV1().Nodes().List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		return nil, 0, err
	}
	pods, err := s.admin.CoreV1().Pods("").List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		return nil, 0, err
	}
	free = map[string]int64{}
	for _, n := range list.Items {
		free["cpu"] += n.Status.Allocatable.Cpu().MilliValue()
		free["memory"] += n.Status.Allocatable.Memory().Value()
		free["pods"] += n.Status.Allocatable.Pods().Value()
	}
	for _, p := range pods.Items {
		if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		bound++
		free["pods"]--
		for _, c := range p.Spec.Containers {
			free["cpu"] -= c.Resources.Requests.Cpu().MilliValue()
			free["memory"] -= c.Resources.Requests.Memory().Value()
		}
	}
	return free, bound, nil
}

package agent

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything uses every field of the portable template, but what contradicts another.
func everything(kind event.Kind) agent.Desired {
	w := event.WorkloadID{Tenant: "shop", Name: "everything-" + event.WorkloadName(kind)}
	d := agent.Desired{
		Workload: w, Token: 7, Generation: 21, Replicas: 2, Kind: kind,
		Labels: map[string]string{"team": "checkout", "example.com/cost-centre": "4711"},
		Template: event.Template{
			Image:   "registry.example/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			Command: []string{"/app"}, Args: []string{"--listen", ":8080"},
			Architectures: []string{"amd64", "arm64"},
			Env:           map[string]string{"B": "2", "A": "1", "EMPTY": ""},
			Ports: []event.Port{
				{Name: "web", Port: 8080}, {Name: "dns", Port: 53, Protocol: event.ProtocolUdp}, {Port: 53, Protocol: event.ProtocolTcp},
			},
			References: []event.Reference{
				{Name: "settings"}, {Name: "keys", Secret: true},
				{Name: "keys", Secret: true, Key: "token", Env: "AA_TOKEN"}, {Name: "settings", Key: "level", Env: "LEVEL"},
			},
			Resources: event.Resources{
				CPUMilli: 1500, MemoryBytes: 1<<30 + 1, GPUMilli: 2000, Extended: map[string]int64{"example.com/fpga": 1},
			},
			Health:   &event.HealthCheck{HTTPPath: "/ready", Port: 8080, PeriodSeconds: 3, TimeoutSeconds: 2, FailureThreshold: 4},
			MaxSurge: 1, MaxUnavailable: 2,
		},
		Nodes: []event.Requirement{
			{Key: "topology.kubernetes.io/zone", Operator: event.OperatorIn, Values: []string{"eu-b"}},
			{Key: "example.com/retired", Operator: event.OperatorDoesNotExist},
			{Key: "example.com/rank", Operator: event.OperatorGt, Values: []string{"3"}},
		},
		Tolerations: []event.Toleration{
			{Key: "dedicated", Value: "shop", Effect: event.TaintEffectNoSchedule},
			{Operator: event.TolerationOperatorExists, Key: "spot"},
		},
	}
	if kind == event.KindJob {
		d.Template.Restart = event.RestartPolicyNever
		d.Template.Health = &event.HealthCheck{Command: []string{"/app", "check"}}
	}
	return sealed(d)
}

// TestEveryField sends every field through a real API server: the stored object is the golden one, the
// agent finds it as it applied it, and the same again writes nothing.
func TestEveryField(t *testing.T) {
	for _, kind := range []event.Kind{event.KindService, event.KindJob} {
		t.Run(string(kind), func(t *testing.T) {
			s := newScene(t, full.Cluster(t), true)
			k, d := s.agent(), everything(kind)
			s.must(s.apply(k, d))
			golden(t, string(kind)+".json", s.stored(d))
			s.object(k, d.Workload, "as it was applied", func(o agent.Object) bool {
				return o.Hash == d.Hash && o.Token == 7 && o.Generation == 21 && o.Wanted == 2
			})
			before := s.spec(d)
			s.must(s.apply(s.agent(), d))
			if after := s.spec(d); after != before {
				t.Errorf("the same again made generation %d of %d", after, before)
			}
		})
	}
}

// stored is the object in the API server without what differs from run to run.
func (s *scene) stored(d agent.Desired) any {
	s.t.Helper()
	namespace, name := s.namespace(d.Workload.Tenant), string(d.Workload.Name)
	if d.Kind == event.KindJob {
		j, err := s.admin.BatchV1().Jobs(namespace).Get(s.t.Context(), name, metav1.GetOptions{})
		s.must(err)
		delete(j.Annotations, "fairlead.dev/digest")
		j.Spec.Selector = nil
		for _, key := range []string{"controller-uid", "batch.kubernetes.io/controller-uid"} {
			delete(j.Spec.Template.Labels, key)
		}
		s.anonymous(j.Labels, j.Spec.Template.Labels)
		return map[string]any{"labels": j.Labels, "annotations": j.Annotations, "spec": j.Spec}
	}
	o, err := s.admin.AppsV1().Deployments(namespace).Get(s.t.Context(), name, metav1.GetOptions{})
	s.must(err)
	delete(o.Annotations, "fairlead.dev/digest")
	delete(o.Annotations, "deployment.kubernetes.io/revision")
	s.anonymous(o.Labels, o.Spec.Template.Labels)
	return map[string]any{"labels": o.Labels, "annotations": o.Annotations, "spec": o.Spec}
}

func (s *scene) anonymous(maps ...map[string]string) {
	for _, labels := range maps {
		labels["fairlead.dev/cluster"] = "CLUSTER"
	}
}

// spec is the generation of the object, which changes with its specification.
func (s *scene) spec(d agent.Desired) int64 {
	s.t.Helper()
	namespace, name := s.namespace(d.Workload.Tenant), string(d.Workload.Name)
	if d.Kind == event.KindJob {
		j, err := s.admin.BatchV1().Jobs(namespace).Get(s.t.Context(), name, metav1.GetOptions{})
		s.must(err)
		return j.Generation
	}
	o, err := s.admin.AppsV1().Deployments(namespace).Get(s.t.Context(), name, metav1.GetOptions{})
	s.must(err)
	return o.Generation
}

func golden(t *testing.T, name string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(text)+"\n" {
		t.Errorf("%s differs (-update writes it anew):\n%s", path, text)
	}
}

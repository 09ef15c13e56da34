package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// TestFederation is one story over three real clusters. Its chapters build on each other.
func TestFederation(t *testing.T) {
	f := newFederation(t)
	for _, chapter := range []struct {
		name string
		tell func(*federation)
	}{
		{"every cluster reports", everyClusterReports},
		{"a service runs everywhere", serviceEverywhere},
		{"a job completes", jobCompletes},
		{"GPUs lead to the cluster that has them", gpusWhereTheyAre},
		{"what fits nowhere is explained", explained},
		{"a hand's change is taken back", driftRepaired},
		{"a stopped cluster is suspected and comes back", outage},
		{"an agent that was away is told everything", agentAway},
		{"withdrawn is gone", withdrawn},
	} {
		if !t.Run(chapter.name, func(t *testing.T) {
			scene := *f
			scene.t = t
			chapter.tell(&scene)
		}) {
			return // the rest of the story makes no sense
		}
	}
}

var (
	web    = event.WorkloadID{Tenant: "shop", Name: "web"}
	report = event.WorkloadID{Tenant: "shop", Name: "report"}
	model  = event.WorkloadID{Tenant: "lab", Name: "model"}
	huge   = event.WorkloadID{Tenant: "lab", Name: "huge"}
	late   = event.WorkloadID{Tenant: "shop", Name: "late"}
	wide   = event.WorkloadID{Tenant: "shop", Name: "wide"}
)

func submission(w event.WorkloadID, replicas int, cpu int64) *event.WorkloadSubmitted {
	return &event.WorkloadSubmitted{
		Tenant: w.Tenant, Name: w.Name, Kind: event.KindService, Replicas: replicas,
		Template: event.Template{Image: "registry.example/app:1", Resources: event.Resources{CPUMilli: cpu, MemoryBytes: 128 << 20}},
		Policy:   event.Policy{Strategy: event.StrategySpread},
	}
}

func ready(v scheduler.WorkloadView) bool { return v.Phase == scheduler.PhaseReady }

func everyClusterReports(f *federation) {
	for _, name := range names {
		c := f.clusterIs(name, scheduler.ClusterReady)
		if c.Orchestrator != "kubernetes" || c.Region != string(name[:2]) || c.Nodes != len(nodesOf(name)) {
			f.t.Errorf("%s reports %+v", name, c)
		}
	}
}

func serviceEverywhere(f *federation) {
	began := time.Now()
	f.publish(submission(web, 9, 500))
	view := f.workload(web, "ready", ready)
	f.t.Logf("9 replicas on %d clusters were ready %s after they were submitted", len(view.Assignments), time.Since(began).Round(time.Millisecond))
	if len(view.Assignments) != 3 {
		f.t.Errorf("assigned %+v, want all three clusters", view.Assignments)
	}
	for _, a := range view.Assignments {
		if got := f.replicas(a.Cluster, web); got != a.Replicas || got != 3 {
			f.t.Errorf("%s runs %d replicas, assigned %d, want 3", a.Cluster, got, a.Replicas)
		}
	}
}

// replicas are those that the cluster's own Deployment calls ready; 0 without one.
func (f *federation) replicas(c event.ClusterID, w event.WorkloadID) int {
	f.t.Helper()
	d, err := f.members[c].admin.AppsV1().Deployments("fl-"+string(w.Tenant)).Get(f.t.Context(), string(w.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return 0
	}
	f.must(err)
	return int(d.Status.ReadyReplicas)
}

func jobCompletes(f *federation) {
	s := submission(report, 6, 250)
	s.Kind = event.KindJob
	f.publish(s)
	// Completed is decided when all have succeeded; then nothing is assigned any more.
	view := f.workload(report, "completed", func(v scheduler.WorkloadView) bool { return v.Phase == scheduler.PhaseCompleted })
	if view.Verdict != event.VerdictCompleted || len(view.Assignments) > 0 {
		f.t.Errorf("%s with %+v, want completed and nothing left", view.Verdict, view.Assignments)
	}
}

func gpusWhereTheyAre(f *federation) {
	s := submission(model, 3, 1000)
	s.Template.Resources.GPUMilli = 2000
	f.publish(s)
	view := f.workload(model, "ready", ready)
	if len(view.Assignments) != 1 || view.Assignments[0].Cluster != "us-1" {
		f.t.Errorf("assigned %+v, want us-1 alone", view.Assignments)
	}
}

// explained asks why a workload is held that no node of any cluster can take.
func explained(f *federation) {
	f.publish(submission(huge, 1, 16_000))
	f.workload(huge, "held", func(v scheduler.WorkloadView) bool {
		return v.Phase == scheduler.PhaseHeld || v.Phase == scheduler.PhaseRefused
	})
	why, _, err := f.ask.Explain(f.t.Context(), huge)
	f.must(err)
	if len(why.Clusters) != 3 || len(why.Refusals) == 0 {
		f.t.Fatalf("explanation %+v, want a row per cluster and refusals", why)
	}
	for _, c := range why.Clusters {
		failed := slices.IndexFunc(c.Checks, func(k scheduler.Check) bool { return !k.OK })
		if c.Fits != 0 || failed < 0 {
			f.t.Errorf("%s fits %d with checks %+v, want a failed one", c.Cluster, c.Fits, c.Checks)
			continue
		}
		f.t.Logf("%s: %s: %s (need %d, have %d)", c.Cluster, c.Checks[failed].Name, c.Checks[failed].Message, c.Checks[failed].Need, c.Checks[failed].Have)
	}
	f.publish(&event.WorkloadWithdrawn{Tenant: huge.Tenant, Name: huge.Name})
}

func driftRepaired(f *federation) {
	deployments := f.members["eu-1"].admin.AppsV1().Deployments("fl-shop")
	_, err := deployments.Patch(f.t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`),
		metav1.PatchOptions{FieldManager: "kubectl"}, "scale")
	f.must(err)
	f.eventually("the replicas to be 3 again", func() error {
		d, err := deployments.Get(f.t.Context(), "web", metav1.GetOptions{})
		if err == nil && (*d.Spec.Replicas != 3 || d.Status.ReadyReplicas != 3) {
			err = fmt.Errorf("%d replicas, %d ready", *d.Spec.Replicas, d.Status.ReadyReplicas)
		}
		return err
	})
	f.must(deployments.Delete(f.t.Context(), "web", metav1.DeleteOptions{}))
	f.eventually("the deleted Deployment to be back", func() error {
		if n := f.replicas("eu-1", web); n != 3 {
			return fmt.Errorf("%d ready", n)
		}
		return nil
	})
}

// outage stops a whole control plane. Nothing new goes there; when it is back, it takes part again.
func outage(f *federation) {
	before := f.clusterIs("eu-2", scheduler.ClusterReady)
	began := time.Now()
	f.members["eu-2"].plane.Halt()
	f.clusterIs("eu-2", scheduler.ClusterSuspect)
	f.t.Logf("suspected %s after it stopped", time.Since(began).Round(100*time.Millisecond))
	f.publish(submission(late, 4, 250))
	view := f.workload(late, "ready", ready)
	for _, a := range view.Assignments {
		if a.Cluster == "eu-2" {
			f.t.Errorf("assigned %+v to a suspected cluster", a)
		}
	}
	began = time.Now()
	f.must(f.members["eu-2"].plane.Resume(f.t.Context()))
	after := f.clusterIs("eu-2", scheduler.ClusterReady)
	f.t.Logf("ready again %s after its restart began; incarnation %d, then %d", time.Since(began).Round(100*time.Millisecond), before.Incarnation, after.Incarnation)
	f.publish(submission(wide, 6, 250))
	view = f.workload(wide, "ready", ready)
	if !slices.ContainsFunc(view.Assignments, on("eu-2")) {
		f.t.Errorf("assigned %+v, want eu-2 to take part again", view.Assignments)
	}
}

func on(c event.ClusterID) func(scheduler.AssignmentView) bool {
	return func(a scheduler.AssignmentView) bool { return a.Cluster == c && a.Replicas > 0 }
}

// agentAway stops an agent, withdraws a workload and changes its cluster by hand meanwhile: the next
// agent hears the whole desired state and makes it so.
func agentAway(f *federation) {
	before := f.clusterIs("eu-1", scheduler.ClusterReady)
	f.members["eu-1"].stop()
	f.publish(&event.WorkloadWithdrawn{Tenant: wide.Tenant, Name: wide.Name})
	f.publish(submission(web, 12, 500))
	_, err := f.members["eu-1"].admin.AppsV1().Deployments("fl-shop").
		Patch(f.t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`), metav1.PatchOptions{FieldManager: "kubectl"})
	f.must(err)
	f.startAgent("eu-1")
	f.eventually("a new incarnation", func() error {
		if c := f.clusterIs("eu-1", scheduler.ClusterReady); c.Incarnation <= before.Incarnation {
			return fmt.Errorf("incarnation %d", c.Incarnation)
		}
		return nil
	})
	view := f.workload(web, "ready with 12", func(v scheduler.WorkloadView) bool { return ready(v) && v.Spec.Replicas == 12 })
	for _, a := range view.Assignments {
		if got := f.replicas(a.Cluster, web); got != a.Replicas {
			f.t.Errorf("%s runs %d replicas of web, assigned %d", a.Cluster, got, a.Replicas)
		}
	}
	f.eventually("what was withdrawn meanwhile to be gone", func() error {
		if n := f.replicas("eu-1", wide); n != 0 {
			return fmt.Errorf("%d replicas", n)
		}
		return nil
	})
}

// withdrawn takes everything back: no object and no pod of ours is left, and all room is free.
func withdrawn(f *federation) {
	for _, w := range []event.WorkloadID{web, report, model, late} {
		f.publish(&event.WorkloadWithdrawn{Tenant: w.Tenant, Name: w.Name})
	}
	for _, name := range names {
		f.eventually("nothing of ours on "+string(name), func() error { return f.left(name) })
		f.eventually("all room free on "+string(name), func() error {
			c := f.clusterIs(name, scheduler.ClusterReady)
			if c.Free.CPUMilli != c.Allocatable.CPUMilli || c.Free.MemoryBytes != c.Allocatable.MemoryBytes || c.Replicas != 0 {
				return fmt.Errorf("free %+v of %+v with %d replicas", c.Free, c.Allocatable, c.Replicas)
			}
			return nil
		})
	}
}

// left is what is left of ours in a cluster, as an error.
func (f *federation) left(c event.ClusterID) error {
	ours := metav1.ListOptions{LabelSelector: "fairlead.dev/workload"}
	deployments, err := f.members[c].admin.AppsV1().Deployments("").List(f.t.Context(), ours)
	if err != nil {
		return err
	}
	jobs, err := f.members[c].admin.BatchV1().Jobs("").List(f.t.Context(), ours)
	if err != nil {
		return err
	}
	pods, err := f.members[c].admin.CoreV1().Pods("").List(f.t.Context(), ours)
	if err != nil {
		return err
	}
	var left []string
	for _, d := range deployments.Items {
		left = append(left, fmt.Sprint("deployment ", d.Name, " deleted ", d.DeletionTimestamp))
	}
	for _, j := range jobs.Items {
		left = append(left, fmt.Sprint("job ", j.Name, " deleted ", j.DeletionTimestamp))
	}
	for _, p := range pods.Items {
		left = append(left, fmt.Sprint("pod ", p.Name, " deleted ", p.DeletionTimestamp))
	}
	if len(left) > 0 {
		return errors.New(strings.Join(left, "; "))
	}
	return nil
}

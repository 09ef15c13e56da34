package controlplane_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

const (
	deployments = "/apis/apps/v1/namespaces/default/deployments"
	pods        = "/api/v1/namespaces/default/pods"
	jobs        = "/apis/batch/v1/namespaces/default/jobs"
)

// deployment has replicas of a pod with the given specification, found by the label app=name.
func deployment(name string, replicas int, pod object) object {
	labels := object{"app": name}
	return object{
		"metadata": object{"name": name},
		"spec": object{
			"replicas": replicas,
			"selector": object{"matchLabels": labels},
			"template": object{"metadata": object{"labels": labels}, "spec": pod},
		},
	}
}

// podSpec is a pod specification of one container with a request, and more fields if given.
func podSpec(more object) object {
	spec := object{"containers": []object{{
		"name": "main", "image": "registry.test/app:1",
		"resources": object{"requests": object{"cpu": "100m", "memory": "64Mi"}},
	}}}
	for k, v := range more {
		spec[k] = v
	}
	return spec
}

// pod is what these tests look at.
type pod struct {
	Metadata struct{ Name string }
	Spec     struct{ NodeName string }
	Status   struct {
		Phase             string
		ContainerStatuses []struct {
			State struct {
				Waiting    struct{ Reason string }
				Terminated struct{ StartedAt, FinishedAt time.Time }
			}
		}
	}
}

// awaitPods follows the pods with label app=app until ok holds of all that exist, by name.
func awaitPods(t *testing.T, c *controlplane.Cluster, app string, ok func(map[string]pod) bool) map[string]pod {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := map[string]pod{}
	watch := func() error {
		clear(seen) // a watch begins with all that exist
		return c.Admin.Watch(ctx, pods+"?labelSelector=app%3D"+app, func(change controlplane.Change) bool {
			var p pod
			if err := json.Unmarshal(change.Object, &p); err != nil {
				t.Errorf("read a pod: %v", err)
				return true
			}
			seen[p.Metadata.Name] = p
			if change.Type == "DELETED" {
				delete(seen, p.Metadata.Name)
			}
			return ok(seen)
		})
	}
	err := watch()
	for errors.Is(err, io.EOF) && ctx.Err() == nil { // an API server may end a watch at any time
		err = watch()
	}
	if err != nil {
		t.Fatalf("pods of %s: %v, last seen %+v", app, err, seen)
	}
	return seen
}

// inPhase holds when there are n pods and all are in the phase.
func inPhase(n int, phase string) func(map[string]pod) bool {
	return func(all map[string]pod) bool {
		for _, p := range all {
			if p.Status.Phase != phase {
				return false
			}
		}
		return len(all) == n
	}
}

func TestThreeFullClusters(t *testing.T) {
	const nodes, replicas = 20, 40
	var cfgs []controlplane.Config
	for i := range 3 {
		name := "c" + strconv.Itoa(i)
		shape := controlplane.Node{
			MilliCPU: 4000,
			Labels:   map[string]string{"topology.kubernetes.io/zone": name},
		}
		cfgs = append(cfgs, controlplane.Config{Name: name, Full: true, Nodes: controlplane.Nodes(name, nodes, shape)})
	}
	began := time.Now()
	clusters := controlplanetest.StartAll(t, cfgs...)
	t.Logf("3 clusters of %d nodes ready after %v", nodes, time.Since(began).Round(time.Millisecond))
	for _, c := range clusters {
		do(t, c.Admin, http.MethodPost, deployments, deployment("web", replicas, podSpec(nil)), nil)
	}
	for _, c := range clusters {
		awaitPods(t, c, "web", inPhase(replicas, "Running"))
		t.Log(memory(t, c))
	}
	t.Logf("3 x %d pods running after %v", replicas, time.Since(began).Round(time.Millisecond))

	c := clusters[0]
	t.Run("a node's taint and labels count", func(t *testing.T) { taintsAndLabelsCount(t, c) })
	t.Run("a pod can be made to hang", func(t *testing.T) { podCanHang(t, c) })
	t.Run("a job ends", func(t *testing.T) { jobEnds(t, c) })
	t.Run("a quota refuses", func(t *testing.T) { quotaRefuses(t, c) })
	t.Run("work goes on after a stop", func(t *testing.T) { workGoesOnAfterAStop(t, c) })
}

func taintsAndLabelsCount(t *testing.T, c *controlplane.Cluster) {
	gpu := controlplane.Node{
		Name:     "gpu",
		Extended: map[string]int64{"example.com/gpu": 8},
		Labels:   map[string]string{"kind": "gpu"},
		Taints:   []controlplane.Taint{{Key: "gpu", Effect: "NoSchedule"}},
	}
	if err := c.AddNodes(t.Context(), gpu); err != nil {
		t.Fatal(err)
	}
	tolerant := podSpec(object{
		"nodeSelector": object{"kind": "gpu"},
		"tolerations":  []object{{"key": "gpu", "operator": "Exists"}},
		"containers": []object{{
			"name": "main", "image": "registry.test/train:1",
			"resources": object{"limits": object{"example.com/gpu": "4"}},
		}},
	})
	do(t, c.Admin, http.MethodPost, deployments, deployment("train", 2, tolerant), nil)
	for name, p := range awaitPods(t, c, "train", inPhase(2, "Running")) {
		if p.Spec.NodeName != "gpu" {
			t.Errorf("%s runs on %s, want gpu", name, p.Spec.NodeName)
		}
	}
}

func podCanHang(t *testing.T, c *controlplane.Cluster) {
	stuck := deployment("stuck", 1, podSpec(nil))
	template := stuck["spec"].(object)["template"].(object)["metadata"].(object)
	template["annotations"] = object{"kwok.test.fairlead.dev/waiting-reason": "ImagePullBackOff"}
	do(t, c.Admin, http.MethodPost, deployments, stuck, nil)
	awaitPods(t, c, "stuck", func(all map[string]pod) bool {
		for _, p := range all {
			for _, s := range p.Status.ContainerStatuses {
				return p.Status.Phase == "Pending" && s.State.Waiting.Reason == "ImagePullBackOff"
			}
		}
		return false
	})
}

func jobEnds(t *testing.T, c *controlplane.Cluster) {
	do(t, c.Admin, http.MethodPost, jobs, object{
		"metadata": object{"name": "sum"},
		"spec": object{"completions": 2, "parallelism": 2, "template": object{
			"metadata": object{"labels": object{"app": "sum"}, "annotations": object{"kwok.test.fairlead.dev/run-for": "3s"}},
			"spec":     podSpec(object{"restartPolicy": "Never"}),
		}},
	}, nil)
	for name, p := range awaitPods(t, c, "sum", inPhase(2, "Succeeded")) {
		// The API keeps whole seconds: three may show as two.
		ended := p.Status.ContainerStatuses[0].State.Terminated
		if ran := ended.FinishedAt.Sub(ended.StartedAt); ran < 2*time.Second {
			t.Errorf("%s ran for %v, want 3s", name, ran)
		}
	}
	awaitJob(t, c)
}

// awaitJob waits until the controller has counted both pods.
func awaitJob(t *testing.T, c *controlplane.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := c.Admin.Watch(ctx, jobs, func(change controlplane.Change) bool {
		var job struct{ Status struct{ Succeeded int } }
		return json.Unmarshal(change.Object, &job) == nil && job.Status.Succeeded == 2
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quotaRefuses(t *testing.T, c *controlplane.Cluster) {
	namespace := "/api/v1/namespaces/" + controlplanetest.Namespace(t, c)
	do(t, c.Admin, http.MethodPost, namespace+"/resourcequotas", object{
		"metadata": object{"name": "small"},
		"spec":     object{"hard": object{"requests.cpu": "50m"}},
	}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := c.Admin.Watch(ctx, namespace+"/resourcequotas", func(change controlplane.Change) bool {
		var quota struct {
			Status struct{ Hard map[string]string }
		}
		return json.Unmarshal(change.Object, &quota) == nil && quota.Status.Hard["requests.cpu"] == "50m"
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		return c.Admin.Do(ctx, http.MethodGet, namespace+"/serviceaccounts/default", nil, nil)
	})
	refused(t, c.Admin, "Forbidden", http.MethodPost, namespace+"/pods",
		object{"metadata": object{"name": "large"}, "spec": podSpec(nil)})
}

func workGoesOnAfterAStop(t *testing.T, c *controlplane.Cluster) {
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	do(t, c.Admin, http.MethodPatch, deployments+"/web", object{"spec": object{"replicas": 45}}, nil)
	awaitPods(t, c, "web", inPhase(45, "Running"))
}

// A node is lost when nobody renews its lease, and found again when somebody does.
func TestNodeIsLostAndFound(t *testing.T) {
	c := controlplanetest.Start(t, controlplane.Config{
		Full:      true,
		NodeLease: 2 * time.Second,
		Nodes:     controlplane.Nodes("n", 2, controlplane.Node{}),
	})
	awaitNodeReady(t, c, "True")
	c.Halt(controlplane.Kwok)
	began := time.Now()
	awaitNodeReady(t, c, "Unknown")
	t.Logf("lost after %v", time.Since(began).Round(time.Millisecond))
	if err := c.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitNodeReady(t, c, "True")
}

func awaitNodeReady(t *testing.T, c *controlplane.Cluster, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := c.Admin.Watch(ctx, "/api/v1/nodes?fieldSelector=metadata.name%3Dn-0", func(change controlplane.Change) bool {
		var node struct {
			Status struct {
				Conditions []struct{ Type, Status string }
			}
		}
		if err := json.Unmarshal(change.Object, &node); err != nil {
			t.Errorf("read a node: %v", err)
			return true
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == "Ready" && condition.Status == want {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("node n-0 is not Ready=%s: %v", want, err)
	}
}

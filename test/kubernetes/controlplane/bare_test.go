package controlplane_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

type object = map[string]any

// do fails the test unless the request succeeds.
func do(t *testing.T, api *controlplane.API, method, path string, in, out any) {
	t.Helper()
	if err := api.Do(t.Context(), method, path, in, out); err != nil {
		t.Fatal(err)
	}
}

// refused fails the test unless the request is refused for the reason.
func refused(t *testing.T, api *controlplane.API, reason, method, path string, in any) {
	t.Helper()
	err := api.Do(t.Context(), method, path, in, nil)
	if e := (*controlplane.StatusError)(nil); !errors.As(err, &e) || e.Reason != reason {
		t.Errorf("%s %s: got %v, want %s", method, path, err, reason)
	}
}

func apiOf(t *testing.T, c *controlplane.Cluster, user string) *controlplane.API {
	t.Helper()
	api, err := c.API(user)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func TestBareCluster(t *testing.T) {
	began := time.Now()
	c := controlplanetest.Start(t, controlplane.Config{
		Users: []controlplane.User{{Name: "agent"}, {Name: "reader", Groups: []string{"readers"}}},
		Nodes: controlplane.Nodes("n", 3, controlplane.Node{MilliCPU: 4000, MemoryBytes: 16 << 30}),
	})
	t.Logf("ready after %v, %s", time.Since(began).Round(time.Millisecond), memory(t, c))

	t.Run("validates", func(t *testing.T) {
		refused(t, c.Admin, "Invalid", http.MethodPost, "/apis/apps/v1/namespaces/default/deployments",
			deployment("bad", 1, object{"containers": []object{}}))
	})
	t.Run("nodes are ready and as large as asked", func(t *testing.T) { nodesAreReady(t, c) })
	t.Run("users have the rights that are bound", func(t *testing.T) { usersHaveBoundRights(t, c) })
	t.Run("service accounts have the rights that are bound", func(t *testing.T) { accountsHaveBoundRights(t, c) })
	t.Run("kubeconfigs are complete", func(t *testing.T) { kubeconfigsAreComplete(t, c) })
	t.Run("data outlives a stop", func(t *testing.T) { dataOutlivesAStop(t, c) })
	t.Run("a backup brings the past back", func(t *testing.T) { backupBringsThePastBack(t, c) })
}

func nodesAreReady(t *testing.T, c *controlplane.Cluster) {
	var nodes struct {
		Items []struct {
			Spec   struct{ Taints []object }
			Status struct {
				Allocatable map[string]string
				Conditions  []struct{ Type, Status string }
			}
		}
	}
	do(t, c.Admin, http.MethodGet, "/api/v1/nodes", nil, &nodes)
	if len(nodes.Items) != 3 {
		t.Fatalf("got %d nodes, want 3", len(nodes.Items))
	}
	for _, n := range nodes.Items {
		if cpu := n.Status.Allocatable["cpu"]; cpu != "4" {
			t.Errorf("got %s cpu, want 4", cpu)
		}
		if len(n.Spec.Taints) != 0 || len(n.Status.Conditions) != 1 || n.Status.Conditions[0].Status != "True" {
			t.Errorf("got taints %v and conditions %v, want a ready node", n.Spec.Taints, n.Status.Conditions)
		}
	}
}

func usersHaveBoundRights(t *testing.T, c *controlplane.Cluster) {
	agent := apiOf(t, c, "agent")
	refused(t, agent, "Forbidden", http.MethodGet, "/api/v1/nodes", nil)
	mayReadNodes(t, c, object{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "agent"})
	eventually(t, func(ctx context.Context) error { return agent.Do(ctx, http.MethodGet, "/api/v1/nodes", nil, nil) })
	refused(t, agent, "Forbidden", http.MethodGet, "/api/v1/secrets", nil)
	refused(t, agent, "Forbidden", http.MethodDelete, "/api/v1/nodes/n-0", nil)

	reader := apiOf(t, c, "reader")
	refused(t, reader, "Forbidden", http.MethodGet, "/api/v1/nodes", nil)
	mayReadNodes(t, c, object{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "readers"})
	eventually(t, func(ctx context.Context) error { return reader.Do(ctx, http.MethodGet, "/api/v1/nodes", nil, nil) })

	if _, err := c.API("nobody"); err == nil {
		t.Error("got an API for a user that does not exist")
	}
}

func accountsHaveBoundRights(t *testing.T, c *controlplane.Cluster) {
	namespace := controlplanetest.Namespace(t, c)
	user, err := c.AddServiceAccount(t.Context(), namespace, "agent")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.AddServiceAccount(t.Context(), namespace, "agent"); err != nil || again != user {
		t.Errorf("added again: got %s, %v, want %s", again, err, user)
	}
	account := apiOf(t, c, user)
	refused(t, account, "Forbidden", http.MethodGet, "/api/v1/nodes", nil)
	mayReadNodes(t, c, object{"kind": "ServiceAccount", "namespace": namespace, "name": "agent"})
	eventually(t, func(ctx context.Context) error { return account.Do(ctx, http.MethodGet, "/api/v1/nodes", nil, nil) })
	refused(t, account, "Forbidden", http.MethodGet, "/api/v1/namespaces/"+namespace+"/pods", nil)
}

// mayReadNodes binds one more subject to the right to read nodes.
func mayReadNodes(t *testing.T, c *controlplane.Cluster, subject object) {
	t.Helper()
	const roles = "/apis/rbac.authorization.k8s.io/v1/"
	name := strings.ToLower(subject["kind"].(string)) + "-reads-nodes"
	do(t, c.Admin, http.MethodPost, roles+"clusterroles", object{
		"metadata": object{"name": name},
		"rules":    []object{{"apiGroups": []string{""}, "resources": []string{"nodes"}, "verbs": []string{"get", "list", "watch"}}},
	}, nil)
	do(t, c.Admin, http.MethodPost, roles+"clusterrolebindings", object{
		"metadata": object{"name": name},
		"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
		"subjects": []object{subject},
	}, nil)
}

// eventually waits for what the API server learns by itself through a watch and tells nobody.
func eventually(t *testing.T, ok func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := ok(ctx)
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func kubeconfigsAreComplete(t *testing.T, c *controlplane.Cluster) {
	for _, user := range []string{controlplane.Admin, "agent"} {
		path, err := c.Kubeconfig(user)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var config struct {
			Clusters []struct {
				Cluster struct {
					Server    string `json:"server"`
					Authority []byte `json:"certificate-authority-data"`
				}
			}
			Users []struct {
				Name string
				User struct{ Token string }
			}
		}
		if err := json.Unmarshal(text, &config); err != nil {
			t.Fatal(err)
		}
		if got := config.Clusters[0].Cluster; got.Server != c.URL || !strings.Contains(string(got.Authority), "CERTIFICATE") {
			t.Errorf("got server %s and authority %q", got.Server, got.Authority)
		}
		if got := config.Users[0]; got.Name != user || got.User.Token == "" {
			t.Errorf("got user %q with a token of %d bytes, want %s", got.Name, len(got.User.Token), user)
		}
	}
	if _, err := c.Kubeconfig("nobody"); err == nil {
		t.Error("got a kubeconfig for a user that does not exist")
	}
}

func dataOutlivesAStop(t *testing.T, c *controlplane.Cluster) {
	do(t, c.Admin, http.MethodPost, "/api/v1/namespaces/default/configmaps",
		object{"metadata": object{"name": "kept"}, "data": object{"a": "1"}}, nil)
	server := c.PID(controlplane.APIServer)
	c.Halt()
	if pid := c.PID(controlplane.APIServer); pid != 0 {
		t.Errorf("halted, the API server runs as %d", pid)
	}
	if err := c.Admin.Do(t.Context(), http.MethodGet, "/readyz", nil, nil); err == nil {
		t.Error("a halted cluster answered")
	}
	began := time.Now()
	if err := c.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("ready again after %v", time.Since(began).Round(time.Millisecond))
	if pid := c.PID(controlplane.APIServer); pid == server || pid == 0 {
		t.Errorf("resumed, the API server runs as %d, as before", pid)
	}
	var kept struct{ Data map[string]string }
	do(t, c.Admin, http.MethodGet, "/api/v1/namespaces/default/configmaps/kept", nil, &kept)
	if kept.Data["a"] != "1" {
		t.Errorf("got %v, want what was stored before the stop", kept.Data)
	}
	refused(t, apiOf(t, c, "agent"), "Forbidden", http.MethodGet, "/api/v1/secrets", nil)
}

func backupBringsThePastBack(t *testing.T, c *controlplane.Cluster) {
	const maps = "/api/v1/namespaces/default/configmaps"
	version := func() string {
		var m struct {
			Metadata struct{ ResourceVersion string }
		}
		do(t, c.Admin, http.MethodGet, maps+"/old", nil, &m)
		return m.Metadata.ResourceVersion
	}
	do(t, c.Admin, http.MethodPost, maps, object{"metadata": object{"name": "old"}}, nil)
	before := version()
	backup := filepath.Join(t.TempDir(), "backup")
	if err := c.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	do(t, c.Admin, http.MethodPost, maps, object{"metadata": object{"name": "new"}}, nil)
	do(t, c.Admin, http.MethodPatch, maps+"/old", object{"data": object{"a": "1"}}, nil)
	if version() == before {
		t.Fatal("a change left the resource version as it was")
	}
	if err := c.Restore(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if got := version(); got != before {
		t.Errorf("restored: got version %s, want %s", got, before)
	}
	refused(t, c.Admin, "NotFound", http.MethodGet, maps+"/new", nil)
}

package controlplane_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"fairlead.dev/test/kubernetes/controlplane"
)

// A program starts a full cluster, gives an agent a kubeconfig with rights of its own, and takes the
// cluster away under it and brings it back. (It has no Output line, so that it compiles but does not
// run where the binary is not built.)
func Example() {
	ctx := context.Background()
	c, err := controlplane.Start(ctx, controlplane.Config{
		Name:  "east",
		Full:  true,
		Users: []controlplane.User{{Name: "agent"}},
		Nodes: controlplane.Nodes("node", 10, controlplane.Node{
			MilliCPU:    8000,
			MemoryBytes: 32 << 30,
			Labels:      map[string]string{"topology.kubernetes.io/zone": "east-1"},
		}),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Stop()

	binding := map[string]any{
		"metadata": map[string]any{"name": "agent-views"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
		"subjects": []map[string]any{{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "agent"}},
	}
	if err := c.Admin.Do(ctx, http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding, nil); err != nil {
		log.Fatal(err)
	}
	kubeconfig, err := c.Kubeconfig("agent")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the agent's kubeconfig:", kubeconfig)

	c.Halt() // the cluster is gone …
	if err := c.Resume(ctx); err != nil {
		log.Fatal(err) // … and back, at the same address and with its data
	}
}

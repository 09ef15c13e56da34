package agentkubernetes

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/services/agent-kubernetes/cluster"
)

// Config is everything the agent can be told.
type Config struct {
	adapter.Config
	// Kubeconfig and Context say how to reach the API server: both empty means from within the
	// cluster, or else the user's own kubeconfig. Not used when Kubernetes.REST is given.
	Kubeconfig, Context string
	// Kubernetes is the cluster's part. Cluster and Log are filled in from here.
	Kubernetes cluster.Config
}

// Flags declares the settings on fs with their defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	c.Config.Flags(fs)
	fs.StringVar(&c.Kubeconfig, "kubeconfig", "", "`file` with access to the cluster; empty inside the cluster")
	fs.StringVar(&c.Context, "kube-context", "", "`name` of the context in the kubeconfig")
	k := &c.Kubernetes
	fs.StringVar(&k.NamespacePrefix, "namespace-prefix", cluster.DefaultNamespacePrefix, "`prefix` that makes a tenant's name its namespace")
	fs.StringVar(&k.Namespace, "namespace", cluster.DefaultNamespace, "`namespace` of the agent itself, for tombstones")
	fs.StringVar(&k.Role, "role", cluster.DefaultRole, "`ClusterRole` that the agent binds to itself in namespaces it makes; - for none")
	fs.StringSliceVar(&k.NodeLabels, "node-labels", nil, "`keys` of node labels to report besides region, zone and instance type")
	fs.StringVar(&k.Provider, "provider", "", "`provider` of the cluster, if its nodes do not say")
	fs.StringVar(&k.Region, "region", "", "`region` of the cluster, if its nodes do not say")
	fs.StringVar(&k.Zone, "zone", "", "`zone` of the cluster, if its nodes do not say")
	fs.StringToStringVar(&k.Labels, "labels", nil, "`key=value` labels of the cluster, for placement")
	fs.DurationVar(&k.Keep, "keep-tombstones", cluster.DefaultKeep, "`time` that tombstones of withdrawn workloads are kept")
}

// Validate says everything that is missing or wrong before anything is connected.
func (c Config) Validate() error {
	err := c.Config.Validate()
	if c.Kubernetes.REST != nil && (c.Kubeconfig != "" || c.Context != "") {
		err = errors.Join(err, errors.New("access to the API server is given twice"))
	}
	return err
}

// restConfig finds the way to the API server.
func (c Config) restConfig() (*rest.Config, error) {
	if c.Kubernetes.REST != nil {
		return c.Kubernetes.REST, nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = c.Kubeconfig
	rc, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules,
		&clientcmd.ConfigOverrides{CurrentContext: c.Context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("find access to the API server: %w", err)
	}
	return rc, nil
}

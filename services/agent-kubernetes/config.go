package agentkubernetes

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/agent-kubernetes/cluster"
)

// Config is everything the agent can be told.
type Config struct {
	// Connect says how to reach the log. Not used when Conn is given.
	Connect stream.ConnConfig
	// Conn is a connection to use instead; it is not closed.
	Conn *nats.Conn
	// Agent is the protocol's part; its Cluster is the name in the federation.
	Agent agent.Settings
	// LeaveOnStop makes an ordinary stop a departure from the fleet.
	LeaveOnStop bool
	// Kubeconfig and Context say how to reach the API server: both empty means from within the
	// cluster, or else the user's own kubeconfig. Not used when Kubernetes.REST is given.
	Kubeconfig, Context string
	// Kubernetes is the cluster's part. Cluster and Log are filled in from here.
	Kubernetes cluster.Config
	// Log gets a line when something changes; slog.Default when nil.
	Log *slog.Logger
	// Telemetry is told of commands and reports; the zero value is nobody.
	Telemetry telemetry.Providers
	// Ready is told whether the agent is synchronised and reports; nil for nobody.
	Ready func(ready bool, why string)
}

// Flags declares the settings on fs with their defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	fs.StringVar((*string)(&c.Agent.Cluster), "cluster", "", "`name` of the cluster in the federation")
	fs.StringVar(&c.Connect.URL, "server", "", "`URL` of the NATS servers, several separated by commas")
	c.Connect.SecurityFlags(fs)
	fs.StringVar(&c.Connect.NKey, "nkey", "", "`file` of an nkey seed")
	fs.StringVar(&c.Connect.InboxPrefix, "inbox-prefix", "", "`subject` prefix of replies, as the permissions allow")
	fs.BoolVar(&c.LeaveOnStop, "leave-on-stop", false, "leave the fleet on an ordinary stop: what runs here moves elsewhere")
	fs.StringVar(&c.Kubeconfig, "kubeconfig", "", "`file` with access to the cluster; empty inside the cluster")
	fs.StringVar(&c.Context, "kube-context", "", "`name` of the context in the kubeconfig")
	c.kubernetesFlags(fs)
}

func (c *Config) kubernetesFlags(fs *pflag.FlagSet) {
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
	var errs []error
	if c.Agent.Cluster == "" {
		errs = append(errs, errors.New("--cluster is missing: the name of the cluster in the federation"))
	} else if err := event.CheckName(string(c.Agent.Cluster)); err != nil {
		errs = append(errs, fmt.Errorf("--cluster: %w", err))
	}
	if c.Kubernetes.REST != nil && (c.Kubeconfig != "" || c.Context != "") {
		errs = append(errs, errors.New("access to the API server is given twice"))
	}
	return errors.Join(errs...)
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

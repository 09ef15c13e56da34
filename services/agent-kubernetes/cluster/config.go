package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"k8s.io/client-go/rest"

	"fairlead.dev/pkg/event"
)

// Orchestrator is what the cluster calls itself in reports.
const Orchestrator = "kubernetes"

// Config says which cluster is driven and how its things are named.
type Config struct {
	// REST is the way to the API server and who we are there.
	REST *rest.Config
	// Cluster is the name in the federation. Objects of another name are foreign.
	Cluster event.ClusterID
	// NamespacePrefix and a tenant's name are the tenant's namespace; empty is "fl-".
	NamespacePrefix string
	// Namespace is the agent's own, for tombstones; empty is "fairlead-system".
	Namespace string
	// Role is the ClusterRole that gives the agent the workload kinds. In namespaces that the agent
	// makes, it binds the role to itself. Empty is "fairlead-agent-workloads"; "-" binds nothing.
	Role string
	// NodeLabels are reported besides region, zone and instance type. Node conditions of workloads
	// can name only what is reported.
	NodeLabels []string
	// Provider, Region and Zone replace what nodes say, where they are not empty.
	Provider, Region, Zone string
	// Labels and Taints are the cluster's own, for placement.
	Labels map[string]string
	Taints []event.Taint
	// Keep is how long tombstones are kept; zero is 30 days.
	Keep time.Duration
	// Log tells of what changes; nil is slog.Default.
	Log *slog.Logger
}

// The defaults of Config.
const (
	DefaultNamespacePrefix = "fl-"
	DefaultNamespace       = "fairlead-system"
	DefaultRole            = "fairlead-agent-workloads"
	DefaultKeep            = 30 * 24 * time.Hour
)

// noRole is the Role that says: bind nothing.
const noRole = "-"

func (c Config) completed() Config {
	c.NamespacePrefix = cmp.Or(c.NamespacePrefix, DefaultNamespacePrefix)
	c.Namespace = cmp.Or(c.Namespace, DefaultNamespace)
	c.Role = cmp.Or(c.Role, DefaultRole)
	c.Keep = cmp.Or(c.Keep, DefaultKeep)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	if c.REST == nil {
		errs = append(errs, errors.New("no API server is given"))
	}
	if err := event.CheckName(string(c.Cluster)); err != nil {
		errs = append(errs, fmt.Errorf("cluster: %w", err))
	}
	if err := event.CheckName(c.NamespacePrefix + "x"); err != nil {
		errs = append(errs, fmt.Errorf("namespace prefix: %w", err))
	}
	if err := event.CheckName(c.Namespace); err != nil {
		errs = append(errs, fmt.Errorf("namespace: %w", err))
	}
	if c.Keep < 0 {
		errs = append(errs, fmt.Errorf("keep tombstones for %v: want more than nothing", c.Keep))
	}
	return errors.Join(errs...)
}

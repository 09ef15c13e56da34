package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Orchestrator is what the cluster calls itself in reports.
const Orchestrator = "swarm"

// Config says which swarm is driven and how its things are named.
type Config struct {
	// Host is the URL of a manager's API: unix:///var/run/docker.sock or tcp://10.0.0.1:2376.
	// Empty is the local socket.
	Host string
	// CA, Cert and Key are files for TLS; empty for a socket.
	CA, Cert, Key string
	// Cluster is the name in the federation. Objects of another name are foreign.
	Cluster event.ClusterID
	// Prefix begins the names of services; empty is "fl-".
	Prefix string
	// Keys are the names that the swarm's nodes use.
	Keys manifest.Keys
	// ReservedCPUMilli and ReservedMemoryBytes of every node are kept for its system.
	ReservedCPUMilli, ReservedMemoryBytes int64
	// Provider, Region and Zone replace what nodes say, where they are not empty.
	Provider, Region, Zone string
	// Labels and Taints are the cluster's own, for placement.
	Labels map[string]string
	Taints []event.Taint
	// Poll is how often tasks are looked at, since Swarm has no events of them: twice a second while
	// something is on its way, this often otherwise. Zero is 5 s.
	Poll time.Duration
	// Within is how long one request to the API may take; zero is 10 s.
	Within time.Duration
	// Keep is how long tombstones are kept; zero is 30 days.
	Keep time.Duration
	// Log tells of what changes; nil is slog.Default.
	Log *slog.Logger
}

// The defaults of Config.
const (
	DefaultHost   = "unix:///var/run/docker.sock"
	DefaultPrefix = "fl-"
	DefaultPoll   = 5 * time.Second
	DefaultWithin = 10 * time.Second
	DefaultKeep   = 30 * 24 * time.Hour
)

func (c Config) completed() Config {
	c.Host = cmp.Or(c.Host, DefaultHost)
	c.Prefix = cmp.Or(c.Prefix, DefaultPrefix)
	c.Keys = c.Keys.WithDefaults()
	c.Poll = cmp.Or(c.Poll, DefaultPoll)
	c.Within = cmp.Or(c.Within, DefaultWithin)
	c.Keep = cmp.Or(c.Keep, DefaultKeep)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func (c Config) scheme() manifest.Scheme {
	return manifest.Scheme{Cluster: c.Cluster, Prefix: c.Prefix}
}

func (c Config) validate() error {
	var errs []error
	if err := event.CheckName(string(c.Cluster)); err != nil {
		errs = append(errs, fmt.Errorf("cluster: %w", err))
	}
	errs = append(errs, c.scheme().Validate())
	if given := [...]bool{c.CA != "", c.Cert != "", c.Key != ""}; given != [3]bool{} && given != [...]bool{true, true, true} {
		errs = append(errs, errors.New("TLS wants all of CA, certificate and key"))
	}
	if c.Poll < 0 || c.Within < 0 || c.Keep < 0 || c.ReservedCPUMilli < 0 || c.ReservedMemoryBytes < 0 {
		errs = append(errs, errors.New("times and reserved amounts must not be negative"))
	}
	return errors.Join(errs...)
}

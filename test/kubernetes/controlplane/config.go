package controlplane

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Admin is the user every cluster has: a member of system:masters, whom RBAC never refuses.
const Admin = "admin"

// Config says what one cluster is made of. The zero value is a bare cluster (API server and etcd)
// run by the binary that Find finds, in a temporary folder.
type Config struct {
	// Binary is the path of the control plane binary; empty asks Find.
	Binary string
	// Dir receives data, keys, kubeconfigs and logs; it must hold no cluster yet. Empty makes a
	// temporary folder, which Stop removes.
	Dir string
	// Name is the cluster's name in kubeconfigs; empty is "test".
	Name string
	// Full adds the controllers, the scheduler and kwok, so that workloads run. Without it objects
	// are only validated, admitted and stored: enough for fences and permissions, and half the memory.
	Full bool
	// Users can log in by token besides Admin. They have no rights until a role is bound to them.
	Users []User
	// Nodes exist, Ready, when Start returns. AddNodes adds more.
	Nodes []Node
	// NodeLease is how long a node is believed after its last sign of life, in whole seconds; a
	// Full cluster renews at a quarter of it. Zero is 200 s, which keeps a thousand nodes idle at
	// next to no cost; take a few seconds where the loss of nodes is tested.
	NodeLease time.Duration
	// MemoryLimit is the soft limit of each component in Go's notation ("150MiB"); empty is none.
	// It trades processor time for memory when many clusters share a machine.
	MemoryLimit string
	// Flags are added to a component's command line, by component name; the last of a flag wins.
	Flags map[string][]string
	// ReadyWithin bounds Start and Resume; zero is 2 minutes.
	ReadyWithin time.Duration
}

// User logs in with a token that Start invents.
type User struct {
	Name   string
	Groups []string
}

// completed is cfg with its defaults filled in.
func (cfg Config) completed() (Config, error) {
	cfg.Name = cmp.Or(cfg.Name, "test")
	cfg.NodeLease = cmp.Or(cfg.NodeLease, 200*time.Second)
	cfg.ReadyWithin = cmp.Or(cfg.ReadyWithin, 2*time.Minute)
	if cfg.Binary == "" {
		found, err := Find()
		if err != nil {
			return cfg, err
		}
		cfg.Binary = found
	}
	return cfg, cfg.validate()
}

func (cfg Config) validate() error {
	var errs []error
	if cfg.NodeLease < time.Second || cfg.NodeLease%time.Second != 0 {
		errs = append(errs, fmt.Errorf("node lease %v is not a positive number of whole seconds", cfg.NodeLease))
	}
	seen := []string{Admin}
	for _, u := range cfg.Users {
		if u.Name == "" || slices.Contains(seen, u.Name) {
			errs = append(errs, fmt.Errorf("user name %q is empty, taken or reserved", u.Name))
		}
		seen = append(seen, u.Name)
	}
	for name := range cfg.Flags {
		if !slices.Contains(Components(true), name) {
			errs = append(errs, fmt.Errorf("flags for unknown component %q", name))
		}
	}
	return errors.Join(errs...)
}

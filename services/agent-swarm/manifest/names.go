package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Prefix begins every label of ours.
const Prefix = agent.OwnPrefix

// Labels of services, and of their containers: who it belongs to.
const (
	LabelCluster  = agent.LabelCluster
	LabelTenant   = agent.LabelTenant
	LabelWorkload = agent.LabelWorkload
)

// Labels of services alone. They change with every command, and must restart nothing.
const (
	LabelToken      = Prefix + "token"      // command number: the fence
	LabelGeneration = Prefix + "generation" // of the workload
	LabelHash       = Prefix + "hash"       // agent.Desired.Hash of what was applied
	LabelDigest     = Prefix + "digest"     // of the service as it was applied
	LabelLeaving    = Prefix + "leaving"    // it is about to be removed, and nobody may use it again
)

// LabelPorts, on containers, are the ports that the workload listens on. Swarm has nowhere else to
// keep a port that is not published.
const LabelPorts = Prefix + "ports"

// mostName is how long Swarm lets a name of a service be.
const mostName = 63

// Scheme is how workloads of one federation are named in one swarm.
type Scheme struct {
	Cluster event.ClusterID
	// Prefix begins the names of services, so that a tenant named like somebody's stack does not
	// meet its services.
	Prefix string
}

var prefixes = regexp.MustCompile(`^[a-z0-9][-a-z0-9]{0,18}-$`)

// Validate says whether services can be named so.
func (s Scheme) Validate() error {
	if !prefixes.MatchString(s.Prefix) {
		return fmt.Errorf("prefix %q of service names: want lower-case letters, digits and hyphens, at most 20, a hyphen at the end", s.Prefix)
	}
	return nil
}

// Service is the name of a workload's service: prefix, tenant, underscore, workload. Names hold no
// underscore, so no two workloads share one. What Swarm finds too long is cut and made different
// again by a digest after a second underscore; the whole names are labels.
func (s Scheme) Service(w event.WorkloadID) string {
	name := s.Prefix + string(w.Tenant) + "_" + string(w.Name)
	if len(name) <= mostName {
		return name
	}
	sum := sha256.Sum256([]byte(w.String()))
	mark := "_" + hex.EncodeToString(sum[:6])
	half := (mostName - len(s.Prefix) - len("_") - len(mark)) / 2
	tenant := cut(string(w.Tenant), max(half, 2*half-len(w.Name)))
	return s.Prefix + tenant + "_" + cut(string(w.Name), 2*half-len(tenant)) + mark
}

// cut shortens a name so that it still ends in a letter or digit.
func cut(name string, most int) string {
	if len(name) <= most {
		return name
	}
	return strings.TrimRight(name[:most], "-")
}

// Tombstone is the name of the config that keeps a withdrawn workload's token.
func (s Scheme) Tombstone(w event.WorkloadID) string {
	sum := sha256.Sum256([]byte(string(s.Cluster) + "/" + w.String()))
	return "fairlead.tombstone." + hex.EncodeToString(sum[:16])
}

// Quota is the name of the config by which whoever runs the swarm limits the federation.
func (s Scheme) Quota() string { return "fairlead.quota." + string(s.Cluster) }

// Labels mark a service, container or config as ours and as the workload's.
func (s Scheme) Labels(w event.WorkloadID) map[string]string {
	return agent.OwnLabels(s.Cluster, w)
}

// Owner tells from labels which workload of ours something belongs to.
func (s Scheme) Owner(labels map[string]string) (event.WorkloadID, bool) {
	return agent.Owner(s.Cluster, labels)
}

// checkLabels refuses labels of the workload's owner that would pass for ours, or for Docker's own:
// a stack removes every service that bears its label.
func checkLabels(labels map[string]string) error {
	return agent.CheckLabels(labels, "com.docker.")
}

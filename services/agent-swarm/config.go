package agentswarm

import (
	"errors"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/services/agent-swarm/cluster"
	"fairlead.dev/services/agent-swarm/manifest"
)

// Config is everything the agent can be told.
type Config struct {
	adapter.Config
	// Swarm is the cluster's part. Cluster and Log are filled in from here.
	Swarm cluster.Config

	reservedCPU, reservedMemory string // as given
}

// Flags declares the settings on fs with their defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	c.Config.Flags(fs)
	s, keys := &c.Swarm, manifest.Keys{}.WithDefaults()
	fs.StringVar(&s.Host, "docker-host", cluster.DefaultHost, "`URL` of a manager's API")
	fs.StringVar(&s.CA, "docker-tls-ca", "", "`file` of the CA that signed the manager's certificate")
	fs.StringVar(&s.Cert, "docker-tls-cert", "", "`file` of the agent's certificate")
	fs.StringVar(&s.Key, "docker-tls-key", "", "`file` of the certificate's key")
	fs.StringVar(&s.Prefix, "service-prefix", cluster.DefaultPrefix, "`prefix` of the names of services")
	fs.StringVar(&s.Keys.Region, "region-label", keys.Region, "`key` of the node label that says the region")
	fs.StringVar(&s.Keys.Zone, "zone-label", keys.Zone, "`key` of the node label that says the zone")
	fs.StringVar(&s.Keys.InstanceType, "instance-type-label", keys.InstanceType, "`key` of the node label that says the instance type")
	fs.StringVar(&s.Keys.Provider, "provider-label", keys.Provider, "`key` of the node label that says the provider")
	fs.StringVar(&s.Keys.GPU, "gpu-resource", keys.GPU, "`kind` of generic resource that counts GPUs")
	fs.StringVar(&c.reservedCPU, "reserved-cpu", "0", "`cores` of every node that are not offered, such as 0.5 or 500m")
	fs.StringVar(&c.reservedMemory, "reserved-memory", "0", "`memory` of every node that is not offered, such as 512Mi")
	fs.StringVar(&s.Provider, "provider", "", "`provider` of the cluster, if its nodes do not say")
	fs.StringVar(&s.Region, "region", "", "`region` of the cluster, if its nodes do not say")
	fs.StringVar(&s.Zone, "zone", "", "`zone` of the cluster, if its nodes do not say")
	fs.StringToStringVar(&s.Labels, "labels", nil, "`key=value` labels of the cluster, for placement")
	fs.DurationVar(&s.Poll, "poll", cluster.DefaultPoll, "`time` between looks at tasks while nothing is on its way")
	fs.DurationVar(&s.Keep, "keep-tombstones", cluster.DefaultKeep, "`time` that tombstones of withdrawn workloads are kept")
}

// Complete reads what was given as text.
func (c *Config) Complete() error {
	var cpu, memory error
	if c.reservedCPU != "" {
		c.Swarm.ReservedCPUMilli, cpu = quantity.Milli(c.reservedCPU)
	}
	if c.reservedMemory != "" {
		c.Swarm.ReservedMemoryBytes, memory = quantity.Bytes(c.reservedMemory)
	}
	return errors.Join(cpu, memory)
}

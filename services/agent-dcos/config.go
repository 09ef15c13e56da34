package agentdcos

import (
	"github.com/spf13/pflag"

	"fairlead.dev/pkg/agent/adapter"
	"fairlead.dev/services/agent-dcos/cluster"
	"fairlead.dev/services/agent-dcos/manifest"
)

// Config is everything the agent can be told.
type Config struct {
	adapter.Config
	// DCOS is the cluster's part. Cluster and Log are filled in from here.
	DCOS cluster.Config
}

// Flags declares the settings on fs with their defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	c.Config.Flags(fs)
	d, keys := &c.DCOS, manifest.Keys{}.WithDefaults()
	fs.StringVar(&d.URL, "dcos-url", "", "`URL` of the cluster, such as https://dcos.example")
	fs.StringVar(&d.Marathon, "marathon-url", "", "`URL` of Marathon, if not below the cluster's")
	fs.StringVar(&d.Mesos, "mesos-url", "", "`URL` of the Mesos master, if not below the cluster's")
	fs.StringVar(&d.Account, "service-account", "", "`file` of a service account: JSON with uid, scheme and private_key")
	fs.StringVar(&d.TokenFile, "token-file", "", "`file` with a token that somebody else renews, read again when it is not accepted")
	fs.StringVar(&d.CA, "dcos-ca", "", "`file` of the CA that signed the cluster's certificate")
	fs.StringVar(&d.Group, "marathon-group", cluster.DefaultGroup, "`path` of the group that holds the federation's apps")
	fs.StringVar(&d.Keys.Region, "region-attribute", keys.Region, "`name` of the attribute that says a node's region; @region is its fault domain")
	fs.StringVar(&d.Keys.Zone, "zone-attribute", keys.Zone, "`name` of the attribute that says a node's zone; @zone is its fault domain")
	fs.StringVar(&d.Keys.InstanceType, "instance-type-attribute", keys.InstanceType, "`name` of the attribute that says a node's instance type")
	fs.StringVar(&d.Keys.Provider, "provider-attribute", keys.Provider, "`name` of the attribute that says a node's provider")
	fs.StringVar(&d.Keys.Arch, "arch-attribute", keys.Arch, "`name` of the attribute that says a node's architecture, as in GOARCH")
	fs.StringVar(&d.Keys.AllArch, "arch", "", "`architecture` of all nodes, if they do not say")
	fs.StringVar(&d.Provider, "provider", "", "`provider` of the cluster, if its nodes do not say")
	fs.StringVar(&d.Region, "region", "", "`region` of the cluster, if its nodes do not say")
	fs.StringVar(&d.Zone, "zone", "", "`zone` of the cluster, if its nodes do not say")
	fs.StringToStringVar(&d.Labels, "labels", nil, "`key=value` labels of the cluster, for placement")
	fs.DurationVar(&d.ForceAfter, "force-after", cluster.DefaultForceAfter, "`time` after which a deployment of the same workload that is in the way is halted")
	fs.DurationVar(&d.Keep, "keep-tombstones", cluster.DefaultKeep, "`time` that tombstones of withdrawn workloads are kept")
}

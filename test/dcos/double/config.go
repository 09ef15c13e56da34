package double

import (
	"crypto/rsa"
	"time"
)

// Config says what cluster is played.
type Config struct {
	Nodes []Node
	// Role is Marathon's in Mesos; empty is *.
	Role string
	// LaunchFor and KillFor are how long a task takes to start and to end; zero is at once.
	LaunchFor, KillFor time.Duration
	// Heartbeat is the interval of Mesos' stream; zero is 15 s.
	Heartbeat time.Duration
	// Accounts are the public keys of service accounts by name; nil is a cluster without access control.
	Accounts map[string]*rsa.PublicKey
	// TokenFor is how long a token is good; zero is five days, as in DC/OS.
	TokenFor time.Duration
	// MarathonVersion is what /v2/info says; empty is 1.11.24.
	MarathonVersion string
}

// Node is a Mesos agent.
type Node struct {
	Name         string // unique
	CPUs         float64
	MemMiB       float64
	GPUs         int
	Attributes   map[string]string // text
	Region, Zone string            // fault domain
	// Reserved is the role that all of the node is kept for; empty for nobody's.
	Reserved string
	// Away is true for one that is not active.
	Away bool
}

func (c Config) completed() Config {
	if c.Role == "" {
		c.Role = "*"
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = 15 * time.Second
	}
	if c.TokenFor == 0 {
		c.TokenFor = 5 * 24 * time.Hour
	}
	if c.MarathonVersion == "" {
		c.MarathonVersion = "1.11.24"
	}
	return c
}

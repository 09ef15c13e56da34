package agent

import (
	"os"
	"testing"

	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

// nodes are what every cluster here is made of: 12 CPUs in three plain nodes, 16 in two with GPUs.
func nodes() []controlplane.Node {
	plain := controlplane.Node{MilliCPU: 4000, MemoryBytes: 8 << 30, Labels: map[string]string{
		"topology.kubernetes.io/region":    "eu",
		"topology.kubernetes.io/zone":      "eu-a",
		"node.kubernetes.io/instance-type": "plain.4",
	}}
	gpu := controlplane.Node{MilliCPU: 8000, MemoryBytes: 32 << 30, Labels: map[string]string{
		"topology.kubernetes.io/region":    "eu",
		"topology.kubernetes.io/zone":      "eu-b",
		"node.kubernetes.io/instance-type": "gpu.8",
	}, Extended: map[string]int64{"nvidia.com/gpu": 4, "example.com/fpga": 2}}
	return append(controlplane.Nodes("plain", 3, plain), controlplane.Nodes("gpu", 2, gpu)...)
}

// full is the cluster in which workloads run, shared by the tests of this package.
var full = controlplanetest.Shared{Config: controlplane.Config{Name: "full", Nodes: nodes(), Full: true}}

func TestMain(m *testing.M) { os.Exit(full.Main(m)) }

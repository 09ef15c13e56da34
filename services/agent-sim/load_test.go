package agentsim_test

import (
	"strings"
	"testing"
	"time"

	agentsim "fairlead.dev/services/agent-sim"
)

func TestLoad(t *testing.T) {
	specs, err := agentsim.Load("testdata/clusters.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(specs) != 2 {
		t.Fatalf("%d clusters, want 2", len(specs))
	}
	eu, us := specs[0], specs[1]
	if eu.Orchestrator != "simulated" || eu.Placement != agentsim.Pinned || len(eu.Kinds) != 2 || eu.Nodes[0].Arch != "amd64" {
		t.Errorf("defaults are missing: %+v", eu)
	}
	if n := eu.Nodes[1]; n.CPU != 32000 || n.Memory != 128<<30 || n.GPUs != 4 || n.Extended["instances"] != 110 || n.Taints[0].Value != "yes" {
		t.Errorf("gpu nodes read as %+v", n)
	}
	if n := us.Nodes[0]; n.CPU != 7500 || n.Memory != 61<<29 {
		t.Errorf("amounts read as %+v", n)
	}
	if b := us.Behaviour; time.Duration(b.ReadyDelay) != time.Second || b.RejectionRate != 0.02 || b.Quota != 100 {
		t.Errorf("behaviour read as %+v", b)
	}
}

func TestParseTellsWhatIsWrongAndWhere(t *testing.T) {
	node := "clusters:\n  - name: a\n    nodes:\n      - {count: 1, shape: s, cpu: 1, memory: 1Gi}\n"
	for text, want := range map[string][]string{
		"":                                     {"no clusters"},
		"clusters:\n  - nmae: a\n":             {"[2:5]", "nmae"},
		strings.Replace(node, "1Gi", "1Go", 1): {"1Go", "GiB"},
		strings.Replace(node, "cpu: 1", "cpu: lots", 1):                            {"lots", "500m"},
		strings.Replace(node, "count: 1", "count: few", 1):                         {"[4:", "few"},
		strings.Replace(node, "name: a", "name: A_1", 1):                           {"A_1", "DNS label"},
		node + "    placement: anywhere\n":                                         {"anywhere", "pinned or own"},
		node + "    behaviour: {errorRate: 2}\n":                                   {"errorRate", "0 to 1"},
		node + "    behaviour: {startDelay: soon}\n":                               {"soon", "500ms"},
		node + "      - {count: 1, shape: s, cpu: 2}\n":                            {"nodes 2 (s)", "alike"},
		node + "  - name: a\n":                                                     {"described twice"},
		node + "    foreign: [{every: 0s}]\n":                                      {"intervals"},
		strings.Replace(node, "cpu: 1,", "cpu: 0.0001,", 1):                        {"finer"},
		strings.Replace(node, "memory: 1Gi", "memory: -1Gi", 1):                    {"-1Gi"},
		strings.Replace(node, "shape: s, cpu: 1,", "shape: s, cpu: 1, cpu: 2,", 1): {"[4:", "cpu"},
	} {
		_, err := agentsim.Parse([]byte(text))
		if err == nil {
			t.Errorf("no error for\n%s", text)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not say %q for\n%s", err, part, text)
			}
		}
	}
}

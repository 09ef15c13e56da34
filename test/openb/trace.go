package main

import (
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-sim"
	"fairlead.dev/test/openb/trace"
)

// workload is the pod as a wish.
func workload(p trace.Pod) *event.WorkloadSubmitted {
	return &event.WorkloadSubmitted{
		Tenant: tenant, Name: event.WorkloadName(p.Name), Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "registry.example/openb:1", Resources: p.Resources},
		Policy:   event.Policy{Strategy: event.StrategyPack, Nodes: p.Requirements()},
	}
}

func nodes(m trace.Machine, count int) agentsim.Nodes {
	return agentsim.Nodes{
		Count: count, Shape: m.Shape(), CPU: agentsim.Milli(m.CPUMilli), Memory: agentsim.Bytes(m.MemoryBytes),
		GPUs: m.GPUs, Labels: map[string]string{trace.ModelLabel: m.Model},
	}
}

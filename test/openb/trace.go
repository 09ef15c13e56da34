package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-sim"
)

// Names of the trace's files.
const (
	nodeFile = "openb_node_list_gpu_node.csv"
	podFile  = "openb_pod_list_%s.csv"
)

// modelLabel is the node label with the GPU model that a pod may ask for.
const modelLabel = "gpu-model"

// machine is one node of the trace.
type machine struct {
	cpuMilli    int64
	memoryBytes int64
	gpus        int
	model       string
}

// pod is one arrival of the trace.
type pod struct {
	name      string
	resources event.Resources
	models    []string // GPU models it accepts; empty means any
	arrival   int64
}

// table reads a CSV file with a header into rows by column name.
func table(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	out := make([]map[string]string, 0, len(rows))
	for _, row := range rows[min(1, len(rows)):] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		out = append(out, cells)
	}
	return out, nil
}

// integers reads columns of a row, in the order asked for.
func integers(row map[string]string, columns ...string) ([]int64, error) {
	out := make([]int64, len(columns))
	for i, c := range columns {
		v, err := strconv.ParseInt(row[c], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c, err)
		}
		out[i] = v
	}
	return out, nil
}

func readMachines(dir string) ([]machine, error) {
	rows, err := table(filepath.Join(dir, nodeFile))
	if err != nil {
		return nil, err
	}
	var out []machine
	for i, row := range rows {
		v, err := integers(row, "cpu_milli", "memory_mib", "gpu")
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", nodeFile, i+2, err)
		}
		out = append(out, machine{cpuMilli: v[0], memoryBytes: v[1] << 20, gpus: int(v[2]), model: row["model"]})
	}
	return out, nil
}

// readPods gives the arrivals of a variant of the trace, in order.
func readPods(dir, variant string) ([]pod, error) {
	name := fmt.Sprintf(podFile, variant)
	rows, err := table(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	var out []pod
	for i, row := range rows {
		v, err := integers(row, "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time")
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, i+2, err)
		}
		p := pod{name: row["name"], arrival: v[4], resources: event.Resources{CPUMilli: v[0], MemoryBytes: v[1] << 20, GPUMilli: v[2] * v[3]}}
		if row["gpu_spec"] != "" {
			p.models = strings.Split(row["gpu_spec"], "|")
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b pod) int { return int(min(1, max(-1, a.arrival-b.arrival))) })
	return out, nil
}

// workload is the pod as a wish.
func (p pod) workload() *event.WorkloadSubmitted {
	w := &event.WorkloadSubmitted{
		Tenant: tenant, Name: event.WorkloadName(p.name), Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "registry.example/openb:1", Resources: p.resources},
		Policy:   event.Policy{Strategy: event.StrategyPack},
	}
	if len(p.models) > 0 {
		w.Policy.Nodes = []event.Requirement{{Key: modelLabel, Operator: event.OperatorIn, Values: p.models}}
	}
	return w
}

// shape names machines alike.
func (m machine) shape() string {
	return strings.ToLower(fmt.Sprintf("%dc-%dg-%d%s", m.cpuMilli/1000, m.memoryBytes>>30, m.gpus, m.model))
}

func (m machine) nodes(count int) agentsim.Nodes {
	return agentsim.Nodes{
		Count: count, Shape: m.shape(), CPU: agentsim.Milli(m.cpuMilli), Memory: agentsim.Bytes(m.memoryBytes),
		GPUs: m.gpus, Labels: map[string]string{modelLabel: m.model},
	}
}

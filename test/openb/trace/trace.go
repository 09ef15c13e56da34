package trace

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
)

// Names of the trace's files.
const (
	nodeFile = "openb_node_list_gpu_node.csv"
	podFile  = "openb_pod_list_%s.csv"
)

// ModelLabel is the node label with the GPU model that a pod may ask for.
const ModelLabel = "gpu-model"

// Machine is one node of the trace.
type Machine struct {
	CPUMilli    int64
	MemoryBytes int64
	GPUs        int
	Model       string
}

// Shape names machines alike.
func (m Machine) Shape() string {
	return strings.ToLower(fmt.Sprintf("%dc-%dg-%d%s", m.CPUMilli/1000, m.MemoryBytes>>30, m.GPUs, m.Model))
}

// Pod is one arrival of the trace.
type Pod struct {
	Name      string
	Resources event.Resources
	Models    []string // GPU models it accepts; empty means any
	Arrival   int64    // seconds
}

// Requirements are what the pod asks of nodes beside room.
func (p Pod) Requirements() []event.Requirement {
	if len(p.Models) == 0 {
		return nil
	}
	return []event.Requirement{{Key: ModelLabel, Operator: event.OperatorIn, Values: p.Models}}
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

// Machines reads the nodes with GPUs from the trace's folder.
func Machines(dir string) ([]Machine, error) {
	rows, err := table(filepath.Join(dir, nodeFile))
	if err != nil {
		return nil, err
	}
	var out []Machine
	for i, row := range rows {
		v, err := integers(row, "cpu_milli", "memory_mib", "gpu")
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", nodeFile, i+2, err)
		}
		out = append(out, Machine{CPUMilli: v[0], MemoryBytes: v[1] << 20, GPUs: int(v[2]), Model: row["model"]})
	}
	return out, nil
}

// Pods gives the arrivals of a variant of the trace, in order.
func Pods(dir, variant string) ([]Pod, error) {
	name := fmt.Sprintf(podFile, variant)
	rows, err := table(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	var out []Pod
	for i, row := range rows {
		v, err := integers(row, "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time")
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, i+2, err)
		}
		p := Pod{Name: row["name"], Arrival: v[4], Resources: event.Resources{CPUMilli: v[0], MemoryBytes: v[1] << 20, GPUMilli: v[2] * v[3]}}
		if row["gpu_spec"] != "" {
			p.Models = strings.Split(row["gpu_spec"], "|")
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Pod) int { return cmp.Compare(a.Arrival, b.Arrival) })
	return out, nil
}

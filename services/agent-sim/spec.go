package agentsim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// Spec describes one simulated cluster. The zero value of a field means its default.
type Spec struct {
	Name         event.ClusterID   `yaml:"name"`
	Orchestrator string            `yaml:"orchestrator"` // what it claims to be; simulated
	Version      string            `yaml:"version"`
	Provider     string            `yaml:"provider"`
	Region       string            `yaml:"region"`
	Zone         string            `yaml:"zone"`
	Labels       map[string]string `yaml:"labels"`
	Taints       []Taint           `yaml:"taints"`
	Kinds        []event.Kind      `yaml:"kinds"`  // service and job
	Native       []string          `yaml:"native"` // native parts it claims to accept
	Nodes        []Nodes           `yaml:"nodes"`
	Placement    Placement         `yaml:"placement"` // pinned
	Behaviour    Behaviour         `yaml:"behaviour"`
	Foreign      []Foreign         `yaml:"foreign"`
	Seed         uint64            `yaml:"seed"` // of every chance in this cluster
}

// Placement says who chooses nodes.
type Placement string

// The placements.
const (
	Pinned Placement = "pinned" // a replica runs on the node shape that was debited for it
	Own    Placement = "own"    // the cluster's own scheduler takes any node that fits
)

// Nodes is a number of nodes of one shape. Several may share a shape's name if all but
// their count is the same.
type Nodes struct {
	Count    int               `yaml:"count"`
	Shape    string            `yaml:"shape"`
	Arch     string            `yaml:"arch"` // amd64
	Labels   map[string]string `yaml:"labels"`
	Taints   []Taint           `yaml:"taints"`
	CPU      Milli             `yaml:"cpu"`
	Memory   Bytes             `yaml:"memory"`
	GPUs     int               `yaml:"gpus"`
	Extended map[string]int64  `yaml:"extended"`
}

// Taint is event.Taint in YAML.
type Taint struct {
	Key    string            `yaml:"key"`
	Value  string            `yaml:"value"`
	Effect event.TaintEffect `yaml:"effect"` // NoSchedule
}

// Behaviour is how the cluster answers and how its replicas live.
type Behaviour struct {
	ApplyDelay  Duration `yaml:"applyDelay"`  // until an apply or a withdrawal is stored
	BindDelay   Duration `yaml:"bindDelay"`   // until a replica is bound to a node; 0 binds when it is applied
	StartDelay  Duration `yaml:"startDelay"`  // from there until the replica runs
	ReadyDelay  Duration `yaml:"readyDelay"`  // from there until it is ready
	StopDelay   Duration `yaml:"stopDelay"`   // how long a replica that ends keeps its room
	JobDuration Duration `yaml:"jobDuration"` // how long a job's replica runs; 0 means for ever

	ErrorRate     float64 `yaml:"errorRate"`     // share of operations that fail without effect
	LostRate      float64 `yaml:"lostRate"`      // share of operations whose effect is stored and whose answer is an error
	RejectionRate float64 `yaml:"rejectionRate"` // share of applies that want more room and are refused it
	Quota         int     `yaml:"quota"`         // most workloads; 0 means no limit
}

// Foreign is load that others bring to the cluster: every so often a replica that
// takes room on some node, and leaves again.
type Foreign struct {
	Every  Duration `yaml:"every"`
	Lasts  Duration `yaml:"lasts"` // 0 means for ever
	CPU    Milli    `yaml:"cpu"`
	Memory Bytes    `yaml:"memory"`
	GPU    Milli    `yaml:"gpu"`
}

// WithDefaults fills in what is empty.
func (s Spec) WithDefaults() Spec {
	s.Orchestrator = or(s.Orchestrator, "simulated")
	s.Placement = or(s.Placement, Pinned)
	if len(s.Kinds) == 0 {
		s.Kinds = []event.Kind{event.KindService, event.KindJob}
	}
	s.Nodes = slices.Clone(s.Nodes)
	for i := range s.Nodes {
		s.Nodes[i].Arch = or(s.Nodes[i].Arch, "amd64")
	}
	return s
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Validate says everything that cannot work.
func (s Spec) Validate() error {
	var wrong []error
	if err := event.CheckName(string(s.Name)); err != nil {
		wrong = append(wrong, err)
	}
	if p := or(s.Placement, Pinned); p != Pinned && p != Own {
		wrong = append(wrong, fmt.Errorf("placement %q: want %s or %s", p, Pinned, Own))
	}
	for _, kind := range s.Kinds {
		if kind != event.KindService && kind != event.KindJob && kind != event.KindVM {
			wrong = append(wrong, fmt.Errorf("kind %q: want service, job or vm", kind))
		}
	}
	shapes := map[string]Nodes{}
	for i, nodes := range s.Nodes {
		if err := nodes.validate(shapes); err != nil {
			wrong = append(wrong, fmt.Errorf("nodes %d (%s): %w", i+1, nodes.Shape, err))
		}
	}
	wrong = append(wrong, s.Behaviour.validate(), s.validateForeign())
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("cluster %q: %w", s.Name, err)
	}
	return nil
}

func (n Nodes) validate(shapes map[string]Nodes) error {
	switch {
	case n.Shape == "" || len(n.Shape) > 253:
		return errors.New("shape must be named, in at most 253 characters")
	case n.Count < 0 || n.GPUs < 0 || n.GPUs > 1024:
		return errors.New("count and gpus must not be negative, and gpus at most 1024")
	}
	for name, units := range n.Extended {
		if units < 0 {
			return fmt.Errorf("extended resource %s must not be negative", name)
		}
	}
	n.Count = 0
	if other, known := shapes[n.Shape]; known && fmt.Sprint(other) != fmt.Sprint(n) { // fmt writes maps in key order
		return errors.New("nodes of one shape must be alike in everything but their count")
	}
	shapes[n.Shape] = n
	return nil
}

func (b Behaviour) validate() error {
	for name, rate := range map[string]float64{"errorRate": b.ErrorRate, "lostRate": b.LostRate, "rejectionRate": b.RejectionRate} {
		if rate < 0 || rate > 1 {
			return fmt.Errorf("%s %g: want 0 to 1", name, rate)
		}
	}
	return nil
}

func (s Spec) validateForeign() error {
	for _, f := range s.Foreign {
		if time.Duration(f.Every) < time.Millisecond {
			return errors.New("foreign load must come at intervals of at least 1ms")
		}
	}
	return nil
}

func taints(list []Taint) []event.Taint {
	var out []event.Taint
	for _, t := range list {
		out = append(out, event.Taint{Key: t.Key, Value: t.Value, Effect: or(t.Effect, event.TaintEffectNoSchedule)})
	}
	return out
}

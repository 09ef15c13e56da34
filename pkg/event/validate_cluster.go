package event

import (
	"cmp"
	"errors"
	"fmt"
)

// Validate checks the name.
func (p *ClusterCordoned) Validate() error { return checkWish(p.Cluster, p.Reason) }

// Validate checks the name.
func (p *ClusterUncordoned) Validate() error { return checkWish(p.Cluster, p.Reason) }

// Validate checks the name.
func (p *ClusterDrained) Validate() error { return checkWish(p.Cluster, p.Reason) }

func checkWish(c ClusterID, reason string) error {
	return cmp.Or(checkID("cluster", c), text("reason", reason, maxMessage))
}

// Validate checks the name; an incarnation of 0 is an operator's removal.
func (p *ClusterLeft) Validate() error {
	return cmp.Or(checkWish(p.Cluster, p.Reason), position("incarnation", p.Incarnation))
}

// Validate checks the names.
func (p *AgentStarted) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		word("instance", p.Instance, maxName),
		text("version", p.Version, maxName),
		text("orchestrator", p.Orchestrator, maxWord),
		text("reason", p.Reason, maxName),
	)
}

// Validate checks the name, the times and the positions.
func (p *ClusterSuspected) Validate() error {
	return checkLiveness(p.Cluster, p.Silent, p.Observed, p.Positions)
}

// Validate checks the name, the times and the positions.
func (p *ClusterRecovered) Validate() error {
	return checkLiveness(p.Cluster, p.Silent, p.Observed, p.Positions)
}

func checkLiveness(c ClusterID, silent, observed int64, at Positions) error {
	return cmp.Or(
		checkID("cluster", c),
		amount("silent", silent),
		amount("observed", observed),
		at.check(),
	)
}

// Validate checks the report as a whole: names, numbers, and that no shape offers
// more than it has.
func (p *ClusterCapacityReported) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		ordinal("incarnation", p.Incarnation),
		ordinal("report", p.Report),
		position("appliedThrough", p.AppliedThrough),
		p.checkRejected(),
		p.checkFacts(),
		prices(p.Prices),
		each("taints", p.Taints, 64, (*Taint).check),
		each("shapes", p.Shapes, 1024, (*NodeShape).check),
		unique("shapes", p.Shapes, func(s *NodeShape) string { return s.Name }),
	)
}

// checkRejected refuses numbers that are not inside the report, or out of order: readers
// go through them once.
func (p *ClusterCapacityReported) checkRejected() error {
	if err := atMost("rejected", len(p.Rejected), 1024); err != nil {
		return err
	}
	last := uint64(0)
	for i, number := range p.Rejected {
		if number <= last || number > p.AppliedThrough {
			return fmt.Errorf("rejected[%d]: %d is not between the one before (%d) and appliedThrough (%d)", i, number, last, p.AppliedThrough)
		}
		last = number
	}
	return nil
}

func (p *ClusterCapacityReported) checkFacts() error {
	if err := atMost("kinds", len(p.Kinds), 3); err != nil {
		return err
	}
	for _, kind := range p.Kinds {
		if err := checkKind(kind); err != nil {
			return err
		}
	}
	return cmp.Or(
		unique("kinds", p.Kinds, func(k *Kind) string { return string(*k) }),
		word("orchestrator", p.Orchestrator, maxWord),
		each("lacks", p.Lacks, 16, (*Feature).check),
		unique("lacks", p.Lacks, func(f *Feature) string { return string(*f) }),
		text("version", p.Version, maxName),
		text("provider", p.Provider, maxName),
		text("region", p.Region, maxName),
		text("zone", p.Zone, maxName),
		texts("native", p.Native, maxWord, 16),
		labels(p.Labels),
	)
}

func (f *Feature) check() error { return oneOf("feature", *f, Features...) }

func (s *NodeShape) check() error {
	return cmp.Or(
		word("name", s.Name, maxName),
		text("arch", s.Arch, 32),
		labels(s.Labels),
		each("taints", s.Taints, 64, (*Taint).check),
		within("nodes", s.Nodes, 0, maxNodes),
		amount("cpuMilli", s.CPUMilli),
		amount("memoryBytes", s.MemoryBytes),
		within("gpus", s.GPUs, 0, 1024),
		extended(s.Extended),
		each("free", s.Free, 4096, (*FreeNodes).check),
		s.checkFree(),
	)
}

var errFree = errors.New("a node cannot be freer than it is large")

// checkFree refuses a report that offers more than the shape has.
func (s *NodeShape) checkFree() error {
	nodes := 0
	for i := range s.Free {
		group := &s.Free[i]
		nodes += group.Nodes
		if group.CPUMilli > s.CPUMilli || group.MemoryBytes > s.MemoryBytes || len(group.GPUs) > s.GPUs {
			return fmt.Errorf("free[%d]: %w", i, errFree)
		}
	}
	if nodes > s.Nodes {
		return fmt.Errorf("free: %d nodes, the shape has %d", nodes, s.Nodes)
	}
	return nil
}

func (f *FreeNodes) check() error {
	return cmp.Or(
		within("nodes", f.Nodes, 0, maxNodes),
		amount("cpuMilli", f.CPUMilli),
		amount("memoryBytes", f.MemoryBytes),
		atMost("gpus", len(f.GPUs), 1024),
		checkDevices(f.GPUs),
		extended(f.Extended),
	)
}

// checkDevices checks the free thousandths of each device, largest first.
func checkDevices(free []int) error {
	largest := 1000
	for i, milli := range free {
		if milli < 0 || milli > largest {
			return fmt.Errorf("gpus[%d]: %d is not between 0 and the one before (%d)", i, milli, largest)
		}
		largest = milli
	}
	return nil
}

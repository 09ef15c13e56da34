package event

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Validate checks the names.
func (p *WorkloadReleased) Validate() error {
	return cmp.Or(
		checkID("tenant", p.Tenant),
		checkID("name", p.Name),
		checkID("cluster", p.Cluster),
		text("reason", p.Reason, maxMessage),
	)
}

var errOwnParent = errors.New("parent: a tenant cannot be its own group")

// Validate checks the names and the amounts.
func (p *QuotaSet) Validate() error {
	if p.Parent != "" {
		if err := checkID("parent", p.Parent); err != nil {
			return err
		}
	}
	if p.Parent == p.Tenant {
		return errOwnParent
	}
	return cmp.Or(
		checkID("tenant", p.Tenant),
		within("weight", p.Weight, 0, 1_000_000),
		p.Limit.checkLimit(),
		within("workloads", p.Workloads, 0, maxReplicas),
		amount("maxPrice", p.MaxPrice),
	)
}

// checkLimit bounds amounts without the rules of a single replica.
func (r *Resources) checkLimit() error {
	if r == nil {
		return nil
	}
	err := cmp.Or(
		amount("cpuMilli", r.CPUMilli),
		amount("memoryBytes", r.MemoryBytes),
		amount("gpuMilli", r.GPUMilli),
		extended(r.Extended),
	)
	if err != nil {
		return fmt.Errorf("limit.%w", err)
	}
	return nil
}

// Validate checks the name and the prices.
func (p *PriceSet) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		text("currency", p.Currency, 3),
		prices(p.Prices),
	)
}

func prices(all []Price) error {
	return cmp.Or(
		each("prices", all, 1024, (*Price).check),
		unique("prices", all, func(p *Price) string { return p.Shape }),
	)
}

func (p *Price) check() error {
	return cmp.Or(
		text("shape", p.Shape, maxName),
		amount("cpu", p.CPU),
		amount("memory", p.Memory),
		amount("gpu", p.GPU),
	)
}

// Validate checks the names and the value.
func (p *ScoreSet) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		word("name", p.Name, 127),
		within("value", p.Value, -100, 100),
		amount("validUntil", p.ValidUntil),
	)
}

// Validate checks every part; names of pools and priority classes are unique.
func (p *PolicySet) Validate() error {
	return cmp.Or(
		each("prefer", p.Prefer, 32, (*Preference).check),
		each("pools", p.Pools, 1024, (*Pool).check),
		unique("pools", p.Pools, func(o *Pool) string { return o.Name }),
		each("priorities", p.Priorities, 256, (*PriorityClass).check),
		unique("priorities", p.Priorities, func(o *PriorityClass) string { return o.Name }),
		p.Failover.check(),
		p.Repack.check(),
		each("maintenance", p.Maintenance, 256, (*Window).check),
		each("links", p.Links, 4096, (*Link).check),
		unique("links", p.Links, func(l *Link) string { return l.From + "\x00" + l.To }),
		within("agingSeconds", p.AgingSeconds, 0, maxSeconds),
		text("reason", p.Reason, maxMessage),
	)
}

func (p *Pool) check() error {
	if err := atMost("tenants", len(p.Tenants), 1024); err != nil {
		return err
	}
	for _, tenant := range p.Tenants {
		if err := checkID("tenants", tenant); err != nil {
			return err
		}
	}
	return cmp.Or(word("name", p.Name, maxWord), each("clusters", p.Clusters, 64, (*Requirement).check))
}

func (p *PriorityClass) check() error {
	return cmp.Or(word("name", p.Name, maxWord), within("priority", p.Priority, -1_000_000, 1_000_000))
}

func (f *Failover) check() error {
	if f == nil {
		return nil
	}
	return cmp.Or(
		within("failover.suspectSeconds", f.SuspectSeconds, 0, maxSeconds),
		within("failover.lostSeconds", f.LostSeconds, 0, maxSeconds),
		within("failover.evictionsPerSecond", f.EvictionsPerSecond, 0, 1_000_000),
		within("failover.massPercent", f.MassPercent, 0, 100),
	)
}

func (r *Repack) check() error {
	if r == nil {
		return nil
	}
	return cmp.Or(
		within("repack.movesPerMinute", r.MovesPerMinute, 0, 1_000_000),
		within("repack.gain", r.Gain, 0, 1_000_000_000),
	)
}

func (w *Window) check() error {
	return cmp.Or(
		each("clusters", w.Clusters, 64, (*Requirement).check),
		amount("start", w.Start),
		within("minutes", w.Minutes, 1, 525_600),
		within("everyHours", w.EveryHours, 0, 87_600),
	)
}

func (l *Link) check() error {
	return cmp.Or(
		word("from", l.From, maxName),
		word("to", l.To, maxName),
		amount("price", l.Price),
		amount("latencyMicros", l.LatencyMicros),
	)
}

// The parts of a score that a preference may weigh.
const (
	ScorePrice      = "price"      // cheapest room first
	ScorePacking    = "packing"    // room that is of least use to others
	ScoreHeadroom   = "headroom"   // the cluster with most room, by the scarcest resource asked
	ScoreFreeCPU    = "freecpu"    // free share of CPU
	ScoreFreeMemory = "freememory" // free share of memory
	ScoreFreeGPU    = "freegpu"    // free share of GPU
	ScoreBalance    = "balance"    // the cluster with fewest workloads of others
	ScoreSteady     = "steady"     // where it runs already
	ScoreEgress     = "egress"     // where its data lies
	ScoreLatency    = "latency"    // where its users are
	ScoreExternal   = "external/"  // followed by the name of a score set from outside
)

func (p *Preference) check() error {
	return cmp.Or(checkScore(p.Score), within("weight", p.Weight, -1000, 1000))
}

func checkScore(name string) error {
	if len(name) > len(ScoreExternal) && strings.HasPrefix(name, ScoreExternal) {
		return text("score", name, maxName)
	}
	return oneOf("score", name, ScorePrice, ScorePacking, ScoreHeadroom, ScoreFreeCPU, ScoreFreeMemory,
		ScoreFreeGPU, ScoreBalance, ScoreSteady, ScoreEgress, ScoreLatency)
}

// Validate checks the name, the times and the positions.
func (p *ClusterLost) Validate() error {
	return checkLiveness(p.Cluster, p.Silent, p.Observed, p.Positions)
}

// Validate checks the counts, the time and the positions.
func (p *EvictionsChanged) Validate() error {
	return cmp.Or(
		within("silent", p.Silent, 0, 1_000_000),
		within("clusters", p.Clusters, 0, 1_000_000),
		amount("observed", p.Observed),
		p.Positions.check(),
	)
}

package scheduler

import (
	"strings"

	"fairlead.dev/pkg/event"
)

// weighing is a list of preferences as the score uses it. Packing and price hang on
// the node a replica would go to; the other parts on the cluster alone.
type weighing struct {
	pack, price int64
	parts       []weightedPart
	total       int64 // of absolute weights, at least 1
	reference   event.Price
}

type weightedPart struct {
	name     string
	external string // for external/NAME
	weight   int64
}

// weighingOf is what the workload prefers, else the fleet, else what its strategy
// implies: pack wants the node that is left least useful to others, everything else
// the emptiest cluster; both want it cheap.
func (s *State) weighingOf(spec *event.WorkloadSubmitted) *weighing {
	list := spec.Policy.Prefer
	if len(list) == 0 && s.fleet != nil {
		list = s.fleet.Prefer
	}
	if len(list) == 0 {
		list = preferSpread
		if spec.Policy.Strategy == event.StrategyPack {
			list = preferPack
		}
	}
	return s.weigh(list)
}

var (
	preferSpread = []event.Preference{{Score: event.ScoreHeadroom, Weight: 1}, {Score: event.ScorePrice, Weight: 1}}
	preferPack   = []event.Preference{{Score: event.ScorePacking, Weight: 1}, {Score: event.ScorePrice, Weight: 1}}
)

func (s *State) weigh(list []event.Preference) *weighing {
	w := &weighing{reference: s.reference()}
	for _, p := range list {
		weight := int64(p.Weight)
		if p.Score == event.ScorePrice && w.reference == (event.Price{}) {
			continue // nothing has a price
		}
		w.total += max(weight, -weight)
		switch p.Score {
		case event.ScorePacking:
			w.pack += weight
		case event.ScorePrice:
			w.price += weight
		default:
			part := weightedPart{name: p.Score, weight: weight}
			part.external, _ = strings.CutPrefix(p.Score, event.ScoreExternal)
			w.parts = append(w.parts, part)
		}
	}
	w.total = max(1, w.total)
	return w
}

// part is one part of the score that hangs on the cluster alone, in millionths.
func (s *State) part(q *query, c *cluster, p weightedPart) int64 {
	r := c.freeRoom()
	switch p.name {
	case event.ScoreHeadroom:
		return r.headroom(q.class)
	case event.ScoreFreeCPU:
		return share(r.left.CPUMilli, r.all.CPUMilli)
	case event.ScoreFreeMemory:
		return share(r.left.MemoryBytes, r.all.MemoryBytes)
	case event.ScoreFreeGPU:
		return share(r.left.GPUMilli, r.all.GPUMilli)
	case event.ScoreBalance:
		return s.balance(q, c)
	case event.ScoreSteady:
		if q.of.on(c).held() > 0 {
			return million
		}
		return 0
	case event.ScoreEgress:
		return s.nearData(q, c.report.Region)
	case event.ScoreLatency:
		return s.nearAudience(q, c.report.Region)
	}
	return s.external(c, p.external)
}

// balance is a million on a cluster without workloads of others, and falls by the same
// with each.
func (s *State) balance(q *query, c *cluster) int64 {
	others := len(c.seats)
	if q.of.on(c) != nil {
		others--
	}
	return million - int64(others)*balanceStep
}

// balanceStep is what each workload of others costs.
const balanceStep = million / 1000

// local says whether the cluster alone decides the part, so that an index over
// clusters may keep it: it changes only when the cluster does.
func (p weightedPart) local() bool {
	switch p.name {
	case event.ScoreHeadroom, event.ScoreFreeCPU, event.ScoreFreeMemory, event.ScoreFreeGPU, event.ScoreBalance, event.ScoreEgress, event.ScoreLatency:
		return true
	}
	return false
}

// hasParts says whether a score may have more than one part, packing and price aside
// where they are one.
func (s *State) hasParts(q *query, c *cluster) bool {
	n := len(q.weigh.parts)
	if q.weigh.pack != 0 {
		n++
	}
	if q.weigh.price != 0 {
		n++
	}
	return n > 1 || s.aversion(q, c) > 0 || s.isSteered(q) || s.lull > 0
}

// scoreParts tells a score by its parts, for people.
func (s *State) scoreParts(q *query, c *cluster, sp spot) []event.ScorePart {
	var out []event.ScorePart
	add := func(name string, weight, value int64) {
		if weight != 0 {
			out = append(out, event.ScorePart{Part: name, Value: value, Weight: int(weight)})
		}
	}
	if sp.group >= 0 {
		add(event.ScorePacking, q.weigh.pack, sp.pack)
		add(event.ScorePrice, q.weigh.price, sp.price)
		if sp.risk > 0 {
			add("risk", q.weigh.pack, -sp.risk)
		}
	}
	for _, p := range q.weigh.parts {
		add(p.name, p.weight, s.part(q, c, p))
	}
	if cost := s.aversion(q, c); cost > 0 {
		out = append(out, event.ScorePart{Part: "taints", Value: -cost, Weight: 1})
	}
	if v := s.steered(q, c); v != 0 {
		out = append(out, event.ScorePart{Part: "steering", Value: v, Weight: 1})
	}
	return out
}

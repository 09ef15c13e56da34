package scheduler

import (
	"math/bits"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// profile is what workloads have in common to which every cluster means the same:
// class, conditions on clusters, and what they prefer. Equal profiles are the same
// pointer while the tables last.
type profile struct {
	weigh  *weighing
	asks   *query   // of nobody in particular
	simple bool     // candidates can be had in order of score without a look at all
	checks []*check // that are asked of clusters
	own    []*check // of these, those that are asked of each,
	common []*check // and those that are asked of one of all that are alike
	fickle bool     // what is alike may not be so later

	opinions []opinion // by what clusters have in common; a cache

	index *index // over clusters; nil until asked for
	key   string // under which the tables have it
	named string // hash of that: its name in steering plans; empty until asked for

	family *family // profiles of which one index gives all a shortlist
}

// family is shared by profiles to which clusters are worth the same, or about the same.
// Where the score does not hang on the node, its index ranks clusters exactly and only
// whether there is room is left to be asked. Otherwise it ranks them for a request of
// about the size, and serves large fleets alone, where a shortlist is rated again.
type family struct {
	asks     *query
	anywhere bool // it does not look at room
	index    *index
}

// prepare gives the query its profile under the settings of now.
func (s *State) prepare(q *query) {
	if q.stamp == s.known.stamp {
		return
	}
	key := s.profileKey(q)
	p := s.known.profiles[key]
	if p == nil {
		if len(s.known.profiles) == maxProfiles {
			s.known.forget()
		}
		p = &profile{weigh: s.weighingOf(q.spec), key: key}
		p.simple = isSimple(&q.spec.Policy, p.weigh)
		p.asks = &query{wish: &wish{spec: q.spec, class: q.class, profile: p}}
		p.checks, p.fickle = s.checksOf(q), bearsForATime(&q.spec.Policy)
		for _, ch := range p.checks {
			if ch.alike {
				p.common = append(p.common, ch)
			} else {
				p.own = append(p.own, ch)
			}
		}
		if q.class.maxPrice == 0 {
			p.family = s.familyOf(p.asks)
		}
		s.known.profiles[key] = p
	}
	p.asks.stamp, q.stamp, q.profile = s.known.stamp, s.known.stamp, p
}

func (s *State) familyOf(q *query) *family {
	anywhere := q.weigh.pack == 0 && q.weigh.price == 0
	size := about(q.class.request, anywhere)
	key := s.familyKey(q, size)
	f := s.known.families[key]
	if f == nil {
		spec := *q.spec
		spec.Template.Resources = size
		f = &family{anywhere: anywhere, asks: &query{wish: &wish{spec: &spec, class: s.known.class(&spec), programs: q.programs, profile: q.profile, stamp: s.known.stamp}}}
		s.known.families[key] = f
	}
	return f
}

// about gives a request of about the size: each amount down to a power of two, or to 1 if
// only what is asked for counts.
func about(r event.Resources, least bool) event.Resources {
	down := func(v int64) int64 {
		switch {
		case v <= 0:
			return 0
		case least:
			return 1
		}
		return 1 << (bits.Len64(uint64(v)) - 1)
	}
	out := event.Resources{CPUMilli: down(r.CPUMilli), MemoryBytes: down(r.MemoryBytes), GPUMilli: r.GPUMilli, Extended: r.Extended}
	if least {
		out.GPUMilli, out.Extended = down(r.GPUMilli), nil
		if r.GPUMilli%room.Device == 0 { // a share is another thing to ask for, which some clusters lack
			out.GPUMilli = min(r.GPUMilli, room.Device)
		}
	}
	return out
}

func (s *State) profileKey(q *query) string {
	b := append(s.known.key[:0], q.class.key...)
	b = append(append(b, '|'), q.spec.Policy.Strategy...)
	s.known.key = s.appendWorth(b, q)
	return string(s.known.key)
}

func (s *State) familyKey(q *query, about event.Resources) string {
	b := append(s.known.key[:0], q.class.conditions...)
	b = appendRequest(append(b, '|'), about)
	if q.weigh.pack != 0 {
		b = append(b, 'p') // strategies prefer otherwise
	}
	s.known.key = s.appendWorth(b, q)
	return string(s.known.key)
}

// appendWorth tells what the worth of a cluster hangs on beside the class.
func (s *State) appendWorth(b []byte, q *query) []byte {
	p := &q.spec.Policy
	b = append(append(b, '|'), q.spec.Kind...)
	for _, name := range sortedKeys(q.spec.Native) {
		b = strconv.AppendQuote(append(b, 'n'), name)
	}
	for _, f := range event.Features {
		if f.AskedBy(q.spec.Kind, &q.spec.Template, q.spec.Policy.Nodes) {
			b = append(append(b, 'f'), f...)
		}
	}
	if s.fleet != nil && len(s.fleet.Pools) > 0 {
		b = append(append(b, '|'), q.spec.Tenant...)
	}
	if !plain(p) {
		b = appendPolicy(append(b, '|'), *p)
	}
	return b
}

// plain says whether strategy, class and priority are all there is to the policy.
func plain(p *event.Policy) bool {
	return len(p.Clusters) == 0 && len(p.Match) == 0 && len(p.Orchestrators) == 0 && len(p.Regions) == 0 && len(p.Residency) == 0 &&
		len(p.Pools) == 0 && len(p.Weights) == 0 && len(p.Tiers) == 0 && len(p.Spread) == 0 && len(p.Affinity) == 0 && len(p.AntiAffinity) == 0 &&
		p.Along == "" && len(p.Prefer) == 0 && len(p.Data) == 0 && len(p.Audience) == 0 && !p.AtMostOnce && !bearsForATime(p)
}

// bearsForATime says whether a toleration has an end: the same taint then means
// something else to each workload and at each time.
func bearsForATime(p *event.Policy) bool {
	return slices.ContainsFunc(p.Tolerations, func(t event.Toleration) bool { return t.Seconds > 0 })
}

// appendPolicy writes what of a policy clusters can differ by, without ambiguity.
func appendPolicy(b []byte, p event.Policy) []byte {
	p.Priority, p.PriorityClass, p.Preempts, p.YieldsLast = 0, "", false, false
	p.Overrides, p.Rollout, p.Progress = nil, nil, nil
	text, err := json.Marshal(&p, json.Deterministic(true))
	if err != nil {
		panic("scheduler: policy cannot be written: " + err.Error()) // plain data that was read from JSON
	}
	return append(b, text...)
}

// isSimple says whether a fleet-wide order by score is all the division needs.
func isSimple(p *event.Policy, w *weighing) bool {
	if p.Strategy != event.StrategyPack && p.Strategy != event.StrategySpread && p.Strategy != "" {
		return false
	}
	for _, part := range w.parts {
		if !part.local() {
			return false
		}
	}
	for _, t := range p.Match {
		if len(t.Expressions) > 0 {
			return false // they may ask for what changes without a report
		}
	}
	return len(p.Weights) == 0 && len(p.Tiers) == 0 && len(p.Spread) == 0 && len(p.Affinity) == 0 && len(p.AntiAffinity) == 0 &&
		p.Along == "" && p.MinPerCluster == 0
}

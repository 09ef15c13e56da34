package scheduler

import (
	"cmp"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// settings are what operators set for the fleet, each as it was said last. Whatever
// follows from them is derived where it is used.
type settings struct {
	fleet  *event.PolicySet // nil: the defaults
	quotas map[event.Tenant]*event.QuotaSet
	prices map[event.ClusterID]*event.PriceSet
	scores map[scoreID]*event.ScoreSet

	scored  map[event.ClusterID][]*event.ScoreSet // the same by cluster, in order of name
	expires int64                                 // when the next score expires, in ms since 1970; 0 if none does
}

// scoreID names one score from outside.
type scoreID struct {
	cluster event.ClusterID
	name    string
}

func newSettings() settings {
	return settings{
		quotas: map[event.Tenant]*event.QuotaSet{},
		prices: map[event.ClusterID]*event.PriceSet{},
		scores: map[scoreID]*event.ScoreSet{},
		scored: map[event.ClusterID][]*event.ScoreSet{},
	}
}

// applySettings makes a wish of an operator the one that counts; false for any other
// event. Whoever waits may have become placeable by it.
func (s *State) applySettings(p event.Payload) bool {
	switch d := p.(type) {
	case *event.PolicySet:
		s.repool(d)
		s.applyFleet(d)
		s.applyFailover()
		s.known.forget()
	case *event.QuotaSet:
		s.applyQuota(d)
	case *event.PriceSet:
		setOrDrop(s.prices, d.Cluster, d, d.Removed)
		s.repriced(d.Cluster)
	case *event.ScoreSet:
		s.setScore(d)
	default:
		return false
	}
	s.touchHungry()
	return true
}

func setOrDrop[K comparable, V any](m map[K]V, key K, value V, drop bool) {
	if drop {
		delete(m, key)
	} else {
		m[key] = value
	}
}

// touchHungry lets the first of each lack be tried again.
func (s *State) touchHungry() {
	for _, g := range s.queue.groups {
		s.touch(g.head())
	}
}

// settingsSnapshot is settings in a fixed order.
type settingsSnapshot struct {
	Fleet  *event.PolicySet  `json:"fleet,omitempty"`
	Quotas []*event.QuotaSet `json:"quotas,omitempty"`
	Prices []*event.PriceSet `json:"prices,omitempty"`
	Scores []*event.ScoreSet `json:"scores,omitempty"`
}

func (s *settings) snapshot() settingsSnapshot {
	return settingsSnapshot{Fleet: s.fleet, Quotas: s.Quotas(), Prices: s.Prices(), Scores: s.Scores()}
}

func (in *settingsSnapshot) restore() settings {
	s := newSettings()
	s.fleet = in.Fleet
	for _, d := range in.Quotas {
		s.quotas[d.Tenant] = d
	}
	for _, d := range in.Prices {
		s.prices[d.Cluster] = d
	}
	for _, d := range in.Scores {
		s.setScore(d)
	}
	return s
}

// Fleet is the fleet's policy as an operator set it last, nil if nobody did; not to
// be changed.
func (s *settings) Fleet() *event.PolicySet { return s.fleet }

// Quotas are the quotas that count, by tenant; not to be changed.
func (s *settings) Quotas() []*event.QuotaSet { return valuesBy(s.quotas, cmp.Compare) }

// Prices are the prices that operators set, by cluster; not to be changed.
func (s *settings) Prices() []*event.PriceSet { return valuesBy(s.prices, cmp.Compare) }

// Scores are the scores set from outside, by cluster and name; not to be changed.
func (s *settings) Scores() []*event.ScoreSet {
	return valuesBy(s.scores, func(a, b scoreID) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.name, b.name))
	})
}

// valuesBy gives a map's values in the order of its keys.
func valuesBy[K comparable, V any](m map[K]V, order func(a, b K) int) []V {
	var out []V
	for _, key := range slices.SortedFunc(maps.Keys(m), order) {
		out = append(out, m[key])
	}
	return out
}

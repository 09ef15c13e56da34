package scheduler

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The choice of groups is an exact search while it is small: every set of groups
// within the bounds of each key is tried, the best one wins. After searchWork steps
// the best found so far counts, and if that does not hold all replicas, the sets of
// the roomiest groups are tried. The order of trials is fixed, so equal states choose
// equally.
const searchWork = 1 << 21

// search is one search for a choice of groups.
type search struct {
	*bounds
	work  int  // steps left
	roomy bool // try the roomiest groups first, not the best
	best  choice
	rank  []int64 // of best, compared part by part; nil while there is none
}

// search chooses groups for each key, then clusters in them. Best is what holds most
// of the replicas; then what keeps most of what runs, with fewest groups beside; then
// the highest mean over the groups of the best score in each; then fewer groups, more
// clusters, the best group, higher scores, more room.
func (b *bounds) search(able []*candidate) (choice, outcome) {
	if out := b.scarce(able); out.lacks != "" {
		return choice{}, out
	}
	from := slices.Clone(able)
	slices.SortStableFunc(from, keeping)
	sr := &search{bounds: b, work: searchWork}
	sr.key(0, from, nil)
	if sr.work <= 0 && sr.best.room < b.n {
		sr.work, sr.roomy = searchWork, true
		sr.key(0, from, nil)
	}
	if sr.rank == nil {
		return choice{}, outcome{lacks: "spread", need: int64(b.n), why: "no set of groups keeps all the bounds of spread together"}
	}
	return sr.best, outcome{}
}

// scarce looks for a key of which there are too few groups at all.
func (b *bounds) scarce(able []*candidate) outcome {
	for _, k := range b.keys {
		names := groupNames(able, k.at)
		if len(names) < k.min {
			return outcome{lacks: "spread", need: int64(k.min), have: int64(len(names)),
				why: fmt.Sprintf("%d of %s wanted, the clusters that can carry replicas are in %d (%s)", k.min, k.by, len(names), list(names))}
		}
	}
	return outcome{}
}

// groupNames are the groups of the clusters for a key, in order.
func groupNames(cands []*candidate, at int) []string {
	var out []string
	for _, c := range cands {
		if i, found := slices.BinarySearch(out, c.groups[at]); !found {
			out = slices.Insert(out, i, c.groups[at])
		}
	}
	return out
}

// topologyGroup is one group of a key, with what its clusters offer.
type topologyGroup struct {
	name string
	prev int
	best int64 // score of its best cluster
	room int
}

// groupsOf are the groups of the clusters for a key, in the order of trial.
func (sr *search) groupsOf(from []*candidate, at int) []topologyGroup {
	names := groupNames(from, at)
	out := make([]topologyGroup, len(names))
	for i, name := range names {
		out[i].name = name
	}
	for _, c := range from {
		i, _ := slices.BinarySearch(names, c.groups[at])
		g := &out[i]
		if g.room == 0 || c.score > g.best {
			g.best = c.score
		}
		g.prev, g.room = g.prev+c.prev, min(maxFit, g.room+c.limit)
	}
	slices.SortStableFunc(out, func(a, b topologyGroup) int {
		if sr.roomy {
			return cmp.Compare(b.room, a.room)
		}
		return cmp.Or(cmp.Compare(b.prev, a.prev), cmp.Compare(b.best, a.best))
	})
	return out
}

// key tries every set of groups of the i-th key on the clusters that are left. sets
// are the groups chosen for the keys before; nil for a key without an upper bound.
func (sr *search) key(i int, from []*candidate, sets [][]string) {
	if i == len(sr.keys) {
		sr.leaf(from, sets)
		return
	}
	k := sr.keys[i]
	if k.max == 0 {
		sr.key(i+1, from, append(slices.Clip(sets), nil))
		return
	}
	sr.sets(k, sr.groupsOf(from, k.at), nil, func(set []string) {
		in := slices.DeleteFunc(slices.Clone(from), func(c *candidate) bool { return !slices.Contains(set, c.groups[k.at]) })
		sr.work -= len(from)
		sr.key(i+1, in, append(slices.Clip(sets), set))
	})
}

// sets calls try with every set of groups that keeps the bound and begins with set.
func (sr *search) sets(k keyBound, groups []topologyGroup, set []string, try func([]string)) {
	if len(set) >= max(1, k.min) {
		try(set)
	}
	for i := 0; i < len(groups) && len(set) < k.max && sr.work > 0; i++ {
		sr.sets(k, groups[i+1:], append(slices.Clip(set), groups[i].name), try)
	}
}

// leaf looks for clusters that cover the chosen groups and hold the replicas: first
// those that keep most and score best, then the roomiest.
func (sr *search) leaf(from []*candidate, sets [][]string) {
	if sr.cover(from, from, sets, nil) {
		return
	}
	roomiest := slices.Clone(from)
	slices.SortStableFunc(roomiest, roomier)
	sr.cover(roomiest, from, sets, nil)
}

// cover adds clusters in the given order until every chosen group has one, and every
// other key as many groups as it must have. True once all replicas have room.
func (sr *search) cover(order, from []*candidate, sets [][]string, must []*candidate) bool {
	sr.work--
	wants := sr.uncovered(sets, must)
	if wants == nil {
		return sr.weigh(from, sets, must)
	}
	if len(must) >= sr.mostMust(len(from)) {
		return false
	}
	tried := map[string]bool{}
	for _, c := range order {
		if sr.work--; sr.work <= 0 {
			return false
		}
		kind := strings.Join(c.groups, "\x00") // clusters of one kind cover the same
		if !wants(c) || tried[kind] {
			continue
		}
		tried[kind] = true
		if sr.cover(order, from, sets, append(slices.Clip(must), c)) {
			return true
		}
	}
	return false
}

// mostMust is how many clusters may be sure of a share.
func (sr *search) mostMust(there int) int {
	most := sr.mostClusters(there)
	if !sr.each {
		most = min(most, sr.n/sr.share)
	}
	return most
}

// uncovered says which clusters would cover the first thing that is not; nil if
// everything is.
func (sr *search) uncovered(sets [][]string, must []*candidate) func(*candidate) bool {
	for i, k := range sr.keys {
		have := groupNames(must, k.at)
		for _, name := range sets[i] {
			if !slices.Contains(have, name) {
				return func(c *candidate) bool { return c.groups[k.at] == name }
			}
		}
		if sets[i] == nil && len(have) < k.min {
			return func(c *candidate) bool { return !slices.Contains(have, c.groups[k.at]) }
		}
	}
	return nil
}

// weigh compares a choice with the best so far; true if all replicas have room.
func (sr *search) weigh(from []*candidate, sets [][]string, must []*candidate) bool {
	sr.work -= len(from)
	ch, lack := sr.pick(from, must)
	if lack.lacks != "" || !sr.each && len(ch.must)*sr.share > sr.n {
		return false
	}
	if rank := sr.rankOf(&ch, sets); sr.rank == nil || slices.Compare(rank, sr.rank) > 0 {
		sr.best, sr.rank = ch, rank
	}
	return ch.room >= sr.n
}

func (sr *search) rankOf(ch *choice, sets [][]string) []int64 {
	var kept, mean, top, groups, score int64
	for _, c := range ch.chosen {
		kept, score = kept+int64(c.prev), score+c.score
	}
	for i, set := range sets {
		if len(set) == 0 {
			continue
		}
		best := make([]int64, len(set))
		for at := range best {
			best[at] = bestIn(ch.chosen, sr.keys[i].at, set[at])
			mean += best[at] / int64(len(set))
		}
		top += slices.Max(best)
		groups += int64(len(set))
	}
	added := groups // beside the groups of what stays: a choice must not hang on scores that it changes itself
	if kept == 0 {
		added = 0
	}
	spare := int64(limitsOf(ch.chosen))
	if sr.each { // every cluster carries all of them: more room is of no use
		spare = 0
	}
	return []int64{int64(ch.room), kept, -added, mean, -groups, int64(len(ch.chosen)), top, score, spare}
}

// bestIn is the highest score among the clusters of a group.
func bestIn(cands []*candidate, at int, name string) int64 {
	best, found := int64(0), false
	for _, c := range cands {
		if c.groups[at] == name && (!found || c.score > best) {
			best, found = c.score, true
		}
	}
	return best
}

package scheduler

import (
	"cmp"
	"slices"
	"sort"
)

// ages are the workloads in the order of their last submission: what may be improved
// is looked at in this order, a few at every tick, round and round. It is a cache.
type ages []aged

type aged struct {
	age uint64
	w   *workload
}

// valid says whether the entry stands for the workload as it was submitted last.
func (a aged) valid() bool { return a.w.age == a.age }

// noteAge puts a workload at its place; as a rule that is the end.
func (s *State) noteAge(w *workload) {
	e := aged{w.age, w}
	if len(s.ages) > 2*len(s.workloads)+64 {
		s.ages = slices.DeleteFunc(s.ages, func(a aged) bool { return !a.valid() })
	}
	if n := len(s.ages); n == 0 || compareAges(s.ages[n-1], e) < 0 {
		s.ages = append(s.ages, e)
		return
	}
	at, found := slices.BinarySearchFunc(s.ages, e, compareAges)
	if !found {
		s.ages = slices.Insert(s.ages, at, e)
	}
}

func compareAges(a, b aged) int { return cmp.Or(cmp.Compare(a.age, b.age), a.w.id.Compare(b.w.id)) }

// after is the index of the first entry with a higher age.
func (l ages) after(age uint64) int {
	return sort.Search(len(l), func(i int) bool { return l[i].age > age })
}

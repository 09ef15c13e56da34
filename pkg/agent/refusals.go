package agent

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// refusals are the commands of the incarnation that ended as rejected. Reports name them,
// because their rejections come by another stream: whoever reads the report first would
// take them for carried out, and what they asked for as given to them.
type refusals struct {
	numbers []uint64 // ascending: all that no stored report names, and the last of those that one does
	named   uint64   // up to here a stored report names them
}

const (
	mostNamed  = 1024 // numbers that a report may name
	namedAgain = 64   // the last ones are named again: what was stored may be lost (CAPACITY is not synced)
)

func (r *refusals) add(number uint64) { r.numbers = append(r.numbers, number) }

// within gives the numbers to be named by a report that goes through a number. One that
// cannot name them all goes less far.
func (r *refusals) within(through uint64) (uint64, []uint64) {
	names := r.numbers
	if len(names) > mostNamed {
		through, names = names[mostNamed]-1, names[:mostNamed]
	}
	return through, slices.Clone(names)
}

// stored takes note that a report is in the log.
func (r *refusals) stored(d *event.ClusterCapacityReported) {
	r.named = max(r.named, d.AppliedThrough)
	for len(r.numbers) > namedAgain && r.numbers[0] <= r.named {
		r.numbers = r.numbers[1:]
	}
}

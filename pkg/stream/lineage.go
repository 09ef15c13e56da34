package stream

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// LineageKey is the metadata in which a restored stream says what it continues.
const LineageKey = "fairlead-continues"

// Lineage is what a restored stream continues, as the text that lies in its metadata: for
// each former stream its incarnation, the last sequence that is here as it was there, and
// the first that was given here, oldest first. Between the two no number is ever given:
// what the lost end of the former stream used them for is remembered by agents and
// integrations, and must not be met under the same number with another meaning.
type Lineage string

// Ancestor is one former stream.
type Ancestor struct {
	Incarnation      string
	Through, Resumes uint64
}

// Continue is the lineage of a stream that continues one that had this lineage.
func (l Lineage) Continue(a Ancestor) Lineage {
	return Lineage(strings.TrimPrefix(fmt.Sprintf("%s,%s:%d:%d", l, a.Incarnation, a.Through, a.Resumes), ","))
}

// Ancestors are the former streams, oldest first; what cannot be read is none.
func (l Lineage) Ancestors() []Ancestor {
	var all []Ancestor
	for one := range strings.SplitSeq(string(l), ",") {
		parts := strings.Split(one, ":")
		if len(parts) != 3 {
			continue
		}
		through, err := strconv.ParseUint(parts[1], 10, 64)
		if err != nil {
			continue
		}
		if resumes, err := strconv.ParseUint(parts[2], 10, 64); err == nil && resumes > through {
			all = append(all, Ancestor{parts[0], through, resumes})
		}
	}
	return all
}

// Means says whether a place in a stream of that incarnation is the same place here: it
// is this stream, or one that it continues, up to where it does.
func (s StreamState) Means(incarnation string, seq uint64) bool {
	return incarnation == s.Incarnation || slices.ContainsFunc(s.Lineage.Ancestors(), func(a Ancestor) bool {
		return a.Incarnation == incarnation && seq <= a.Through
	})
}

// leftOut says whether no number from from to to, both inclusive, was ever given.
func (l Lineage) leftOut(from, to uint64) bool {
	for _, a := range l.Ancestors() {
		if a.Through < from && from < a.Resumes {
			from = a.Resumes // the next may begin where this one ends
		}
	}
	return from > to
}

// End is the sequence that the next record follows. It is Last, but where a restored
// stream has not gone on yet.
func (s StreamState) End() uint64 { return max(s.Last, s.end) }

// resting puts the end of a restored stream that has not gone on yet at its last record:
// nothing will ever come at the sequences that were left out.
func (s StreamState) resting() StreamState {
	end := s.Last
	for _, a := range slices.Backward(s.Lineage.Ancestors()) { // one may have been restored, and restored again
		if s.Messages > 0 && s.Last+1 == a.Resumes {
			s.Last, s.end = a.Through, end
		}
	}
	return s
}

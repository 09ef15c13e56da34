package agent

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

const (
	mostReasons  = 16   // of one object, as the contract has it
	mostOfReason = 253  // bytes
	mostOfWords  = 1024 // bytes
)

// ReasonOf is one reason of the orchestrator's, within the contract's limits.
func ReasonOf(reason, message string, count int) event.Reason {
	return event.Reason{
		Reason:  clip(cmp.Or(reason, "NotReady"), mostOfReason),
		Message: clip(message, mostOfWords),
		Count:   count,
	}
}

// MergeReasons makes one of reasons of the same name: counts are added, one message speaks for all,
// the same one whatever the order. The most frequent come first, and no more than the contract allows.
func MergeReasons(reasons []event.Reason) []event.Reason {
	var merged []event.Reason
	for _, r := range reasons {
		same := slices.IndexFunc(merged, func(m event.Reason) bool { return m.Reason == r.Reason })
		if same >= 0 {
			merged[same].Count += r.Count
			merged[same].Message = min(merged[same].Message, r.Message)
			continue
		}
		merged = append(merged, r)
	}
	slices.SortFunc(merged, func(a, b event.Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return merged[:min(len(merged), mostReasons)]
}

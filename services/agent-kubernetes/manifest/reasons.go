package manifest

import (
	"cmp"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

const (
	mostReasons  = 16   // of one object, as the contract has it
	mostOfReason = 253  // bytes
	mostOfWords  = 1024 // bytes
)

// Explain merges reasons of the same name: counts are added, one message speaks for all, the same one
// whatever the order. The most frequent come first.
func Explain(reasons []event.Reason) []event.Reason {
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

// OfPod is the reason that one pod gives.
func OfPod(r event.Reason) event.Reason { return reasonOf(r.Reason, r.Message, 1) }

func reasonOf(reason, message string, count int) event.Reason {
	return event.Reason{
		Reason:  clip(cmp.Or(reason, "NotReady"), mostOfReason),
		Message: clip(message, mostOfWords),
		Count:   count,
	}
}

// clip shortens to n bytes without leaving half a character.
func clip(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

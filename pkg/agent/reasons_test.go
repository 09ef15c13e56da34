package agent

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
)

// TestMergeReasons merges the same way whatever the order, and keeps to the contract's limits.
func TestMergeReasons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var reasons []event.Reason
		for range rapid.IntRange(0, 40).Draw(t, "replicas") {
			reasons = append(reasons, ReasonOf(
				rapid.StringMatching(`[A-Z]?[a-z]{0,300}`).Draw(t, "reason"),
				rapid.StringN(0, 600, 2000).Draw(t, "message"), 1))
		}
		merged := MergeReasons(reasons)
		if len(merged) > 16 {
			t.Fatalf("%d reasons", len(merged))
		}
		shuffled, err := json.Marshal(MergeReasons(rapid.Permutation(reasons).Draw(t, "order")))
		if err != nil {
			t.Fatal(err)
		}
		if straight, _ := json.Marshal(merged); !bytes.Equal(straight, shuffled) {
			t.Fatalf("order matters:\n%s\n%s", straight, shuffled)
		}
		for _, r := range merged {
			if r.Reason == "" || len(r.Reason) > 253 || len(r.Message) > 1024 || r.Count < 1 {
				t.Fatalf("reason %+v", r)
			}
		}
	})
}

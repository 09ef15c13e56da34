package scheduler

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"fairlead.dev/pkg/event"
)

// TestRefusalsStayBounded: whatever a policy asks for, the record of its refusal is
// valid and below 64 KiB.
func TestRefusalsStayBounded(t *testing.T) {
	f := newFleet(t)
	for i := range 3 {
		f.addCluster(event.ClusterID(fmt.Sprintf("c%d", i)), nil, "small nodes=1 cpu=4 mem=8\n")
	}
	w := spec(t, "t/greedy", map[string]string{"cpu": "1"})
	w.Template.Resources.Extended = map[string]int64{strings.Repeat("x", 200) + ".example/part": 1}
	for i := range 60 {
		w.Policy.Clusters = append(w.Policy.Clusters, event.Requirement{Key: fmt.Sprintf("key-%d", i), Operator: event.OperatorIn, Values: []string{strings.Repeat("ü", 100), "b"}})
	}
	f.fact(event.Intents, w)
	records := f.decide() // validates each
	d := records[0].(*event.PlacementDecided)
	size := 0
	for _, r := range d.Refusals {
		size += len(r.Message) + len(r.Check)
		if !utf8.ValidString(r.Message) {
			t.Errorf("%s: the message is cut within a character", r.Check)
		}
	}
	if len(d.Refusals) < 2 || size > 64<<10 {
		t.Errorf("%d refusals of %d bytes", len(d.Refusals), size)
	}
}

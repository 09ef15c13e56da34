package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

func TestRequirements(t *testing.T) {
	rep := &event.ClusterCapacityReported{Cluster: "eu-1", Region: "eu", Labels: map[string]string{"tier": "prod", "gen": "7", "word": "seven"}}
	for _, c := range []struct {
		key    string
		op     event.Operator
		values []string
		want   bool
	}{
		{"tier", event.OperatorIn, []string{"dev", "prod"}, true},
		{"tier", event.OperatorIn, []string{"dev"}, false},
		{"absent", event.OperatorIn, []string{""}, false},
		{"tier", event.OperatorNotIn, []string{"dev"}, true},
		{"tier", event.OperatorNotIn, []string{"prod"}, false},
		{"absent", event.OperatorNotIn, []string{"prod"}, true},
		{"tier", event.OperatorExists, nil, true},
		{"absent", event.OperatorExists, nil, false},
		{"absent", event.OperatorDoesNotExist, nil, true},
		{"tier", event.OperatorDoesNotExist, nil, false},
		{"gen", event.OperatorGt, []string{"6"}, true},
		{"gen", event.OperatorGt, []string{"7"}, false},
		{"gen", event.OperatorLt, []string{"8"}, true},
		{"gen", event.OperatorLt, []string{"-1"}, false},
		{"word", event.OperatorGt, []string{"1"}, false},
		{"gen", event.OperatorGt, []string{"one"}, false},
		{"gen", event.OperatorGt, []string{"99999999999999999999"}, false},
		{"gen", "Like", []string{"7"}, false},
		{labelCluster, event.OperatorIn, []string{"eu-1"}, true},
		{labelRegion, event.OperatorIn, []string{"us"}, false},
		{labelZone, event.OperatorExists, nil, false},
		{labelZone, event.OperatorDoesNotExist, nil, true},
	} {
		r := event.Requirement{Key: c.key, Operator: c.op, Values: c.values}
		if got := matchesCluster(r, rep); got != c.want {
			t.Errorf("%s %s %v: %v, want %v", c.key, c.op, c.values, got, c.want)
		}
	}
}

func TestShareNeverOverflows(t *testing.T) {
	const most = 1 << 62
	for _, c := range [][3]int64{{0, 10, 0}, {10, 10, million}, {20, 10, million}, {1, 3, 333_333}, {most / 2, most, million / 2}, {-5, 10, 0}, {5, 0, 0}} {
		if got := share(c[0], c[1]); got != c[2] {
			t.Errorf("share(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
	if got := addUp(1<<60, 1<<53, 1<<20); got != 1<<61 {
		t.Errorf("a sum past the bound is %d", got)
	}
}

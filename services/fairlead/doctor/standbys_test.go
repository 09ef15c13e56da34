package doctor

import (
	"testing"

	"fairlead.dev/pkg/query"
)

func TestStandbys(t *testing.T) {
	leader := query.Instance{Name: "a-1", Role: query.Leading, Ready: true, State: 100}
	hot := query.Instance{Name: "b-1", Role: query.Standby, Ready: true, State: 98, Why: "standby of a-1, epoch 1"}
	slow := query.Instance{Name: "c-1", Role: query.Standby, State: 7, Why: "folding what the leader records"}
	ahead := hot
	ahead.State = 120 // answered a moment later than the leader
	for name, c := range map[string]struct {
		all  []query.Instance
		want Finding
	}{
		"alone":             {[]query.Instance{leader}, Finding{Grade: OK, Detail: "none: run placement on a second machine, to be taken over from"}},
		"one, hot":          {[]query.Instance{leader, hot}, Finding{Grade: OK, Detail: "b-1 2 behind"}},
		"asked after":       {[]query.Instance{leader, ahead}, Finding{Grade: OK, Detail: "b-1 0 behind"}},
		"one still folding": {[]query.Instance{leader, hot, slow}, Finding{Grade: Warn, Detail: "b-1 2 behind, c-1 93 behind (folding what the leader records)"}},
		"two that lead":     {[]query.Instance{leader, {Name: "b-1", Role: query.Leading}}, Finding{Grade: Warn, Detail: "a-1 and b-1 say that they lead; "}},
	} {
		c.want.Check = "standbys"
		if got := judgeStandbys(c.all); got != c.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, c.want)
		}
	}
}

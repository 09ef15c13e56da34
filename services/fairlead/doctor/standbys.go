package doctor

import (
	"context"
	"fmt"
	"strings"

	"fairlead.dev/pkg/query"
)

// standbys lists who would take over from the leader, and how far each is behind it.
func (e *examination) standbys(ctx context.Context, ask *query.Client) {
	all, err := ask.Instances(ctx)
	if err != nil {
		e.note("standbys", Bad, "%v", err)
		return
	}
	e.findings = append(e.findings, judgeStandbys(all))
}

func judgeStandbys(all []query.Instance) Finding {
	f := Finding{Check: "standbys", Grade: OK}
	var leaders, parts []string
	var state uint64
	for _, i := range all {
		if i.Role == query.Leading {
			leaders, state = append(leaders, i.Name), max(state, i.State)
			continue
		}
		text := fmt.Sprintf("%s %d behind", i.Name, state-min(state, i.State))
		if !i.Ready {
			f.Grade = Warn
			text += " (" + i.Why + ")"
		}
		parts = append(parts, text)
	}
	switch f.Detail = strings.Join(parts, ", "); {
	case len(leaders) > 1: // for a moment, while one of them finds out
		f.Grade = Warn
		f.Detail = fmt.Sprintf("%s say that they lead; %s", strings.Join(leaders, " and "), f.Detail)
	case len(parts) == 0:
		f.Detail = "none: run placement on a second machine, to be taken over from"
	}
	return f
}

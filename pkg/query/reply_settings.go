package query

import (
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// settings answers about what operators set.
func (r *replier) settings() {
	switch r.q.Kind {
	case Quotas:
		items(r, r.state.QuotaViews(), func(v scheduler.QuotaView) string { return string(v.Tenant) })
	case Prices:
		items(r, r.state.PriceViews(), func(v scheduler.PriceView) string { return string(v.Cluster) })
	case Scores:
		items(r, r.state.Scores(), func(v *event.ScoreSet) string { return string(v.Cluster) + "\x00" + v.Name })
	case Policy:
		r.head(r.state.Fleet())
	default:
		r.answer.Err = &Invalid{Detail: fmt.Sprintf("kind %q", r.q.Kind)}
	}
}

// items gives the page of a list behind After; keys rise.
func items[T any](r *replier, all []T, key func(T) string) {
	for _, v := range all {
		if key(v) > r.q.After && !r.item(key(v), v) {
			return
		}
	}
}

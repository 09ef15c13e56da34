package main

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// users are those who want workloads. What they say is said again under the same id
// until the log has it, unless they lose interest.
type users struct {
	said int
	open []event.Event // not known to be in the log
}

const tenant event.Tenant = "shop"

// userActs lets somebody want something, or say again what may have been lost.
func (w *world) userActs() {
	u := &w.users
	if len(u.open) > 0 && w.oneIn(2) {
		w.say("users: say %s again", u.open[0].ID)
		w.publish()
		return
	}
	u.said++
	name := event.WorkloadName(fmt.Sprintf("w%d", w.chance(10)))
	if w.oneIn(8) {
		name = "once"
	}
	var p event.Payload = w.wish(name)
	if w.oneIn(3) {
		p = &event.WorkloadWithdrawn{Tenant: tenant, Name: name}
	}
	e := event.New(event.SubmitterSource(tenant, "sim"), p)
	e.ID, e.Time = fmt.Sprintf("u%d", u.said), w.now
	u.open = append(u.open, e)
	w.say("users: %s %s", p.EventType(), name)
	w.publish()
}

func (w *world) wish(name event.WorkloadName) *event.WorkloadSubmitted {
	d := &event.WorkloadSubmitted{
		Tenant: tenant, Name: name, Kind: event.KindService, Replicas: 1 + w.chance(4),
		Template: event.Template{
			Image:     fmt.Sprintf("registry.example/web:%d", w.chance(3)),
			Resources: event.Resources{CPUMilli: int64(250 * (1 + w.chance(4))), MemoryBytes: 256 << 20},
		},
	}
	if w.mix.large {
		d.Template.Resources.CPUMilli *= 2
	}
	if isOnce(name) {
		d.Replicas, d.Policy.AtMostOnce = 1, true
		return d
	}
	if w.oneIn(4) {
		d.Policy.Progress = &event.Progress{
			DeadlineSeconds: pick(w, []int{0, 10, 60}), UnschedulableSeconds: pick(w, []int{0, 10, 60}),
			OnStall: pick(w, []event.Stall{event.StallNote, event.StallMove, event.StallRollback}),
		}
	}
	switch w.chance(6) {
	case 5:
		d.Policy.Rollout = &event.Rollout{Clusters: 1}
	case 0:
		d.Policy.Strategy = event.StrategyPack
	case 1:
		d.Policy.MaxClusters = 1
	case 2:
		d.Policy.Regions = []string{fmt.Sprintf("r%d", w.chance(2))}
	}
	return d
}

// publish says what was said first and is still open.
func (w *world) publish() {
	u := &w.users
	_, err := w.log.Publish(w.ctx, u.open[0])
	switch {
	case err == nil:
		u.open = u.open[1:]
	default:
		w.say("users: %s: %v", u.open[0].ID, err)
	}
}

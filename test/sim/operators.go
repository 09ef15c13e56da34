package main

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// operatorActs lets an operator empty, close or open a cluster, set a price, or bound what
// the tenant may use.
func (w *world) operatorActs() {
	c := pick(w, w.sites).id
	var p event.Payload
	switch w.chance(7) {
	case 0:
		p = &event.ClusterDrained{Cluster: c}
	case 1:
		p = &event.ClusterCordoned{Cluster: c}
	case 2, 3:
		p = &event.ClusterUncordoned{Cluster: c}
	case 4:
		p = &event.PriceSet{Cluster: c, Prices: []event.Price{{CPU: int64(w.chance(4)) * 100_000, Memory: int64(w.chance(4)) * 10_000}}}
	case 5:
		p = &event.QuotaSet{Tenant: tenant, Limit: &event.Resources{CPUMilli: int64(1+w.chance(8)) * 1000}}
	case 6:
		p = &event.QuotaSet{Tenant: tenant, Removed: true}
	}
	w.operate(p)
}

// operate is one word of the operator.
func (w *world) operate(p event.Payload) {
	w.users.said++
	e := event.New(event.OperatorSource("sim"), p)
	e.ID, e.Time = fmt.Sprintf("o%d", w.users.said), w.now
	w.users.open = append(w.users.open, e)
	w.say("operator: %s %s", p.EventType(), e.Data.ScopeName())
	w.publish()
}

// openAll takes back what operators forbade, so that rest means that everything is placed.
func (w *world) openAll() {
	for _, s := range w.sites {
		w.operate(&event.ClusterUncordoned{Cluster: s.id})
	}
	w.operate(&event.QuotaSet{Tenant: tenant, Removed: true})
}

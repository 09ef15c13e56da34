package scheduler

import (
	"fmt"
	"testing"

	"fairlead.dev/pkg/event"
)

// What operators set counts until it is set anew or removed, and survives a restart.
func TestSettings(t *testing.T) {
	s := New(DefaultConfig())
	for i, p := range []event.Payload{
		&event.PolicySet{AgingSeconds: 5},
		&event.QuotaSet{Tenant: "shop", Workloads: 2},
		&event.QuotaSet{Tenant: "lab", Workloads: 3},
		&event.QuotaSet{Tenant: "shop", Workloads: 4},
		&event.QuotaSet{Tenant: "lab", Removed: true},
		&event.PriceSet{Cluster: "eu-2", Currency: "USD", Prices: []event.Price{{CPU: 30_000}}},
		&event.PriceSet{Cluster: "eu-1", Currency: "USD", Prices: []event.Price{{CPU: 20_000}}},
		&event.PriceSet{Cluster: "nowhere", Removed: true},
		&event.ScoreSet{Cluster: "eu-1", Name: "carbon", Value: 7},
		&event.ScoreSet{Cluster: "eu-1", Name: "carbon", Value: 9},
		&event.PolicySet{AgingSeconds: 9},
	} {
		s.Apply(event.Event{Data: p, At: event.At{Stream: event.Intents, Sequence: uint64(i + 1)}})
	}
	again, err := Restore(DefaultConfig(), s.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range []*State{s, again} {
		var got string
		for _, q := range st.Quotas() {
			got += fmt.Sprintf("%s %d; ", q.Tenant, q.Workloads)
		}
		for _, p := range st.Prices() {
			got += fmt.Sprintf("%s %d; ", p.Cluster, p.Prices[0].CPU)
		}
		for _, x := range st.Scores() {
			got += fmt.Sprintf("%s %s %d; ", x.Cluster, x.Name, x.Value)
		}
		if want := "shop 4; eu-1 20000; eu-2 30000; eu-1 carbon 9; "; got != want || st.Fleet().AgingSeconds != 9 {
			t.Errorf("%s%+v, want %s", got, st.Fleet(), want)
		}
	}
	if s.Digest() != again.Digest() {
		t.Error("another digest after a restart")
	}
}

package event_test

import (
	"testing"

	"fairlead.dev/pkg/event"
)

func TestParseSubjectInvertsSubject(t *testing.T) {
	for _, f := range fixtures(t, "valid") {
		want := f.subject()
		a, err := event.ParseSubject(want)
		if err != nil {
			t.Fatal(err)
		}
		if a.String() != want || a.Stream != f.row.Stream || a.Scope != f.row.Scope || a.Type != f.row.Name {
			t.Errorf("%s gives %+v", want, a)
		}
	}
}

func TestParseSubjectRefuses(t *testing.T) {
	for _, subject := range []string{
		"", "fairlead", "fairlead.intents", "fairlead.intents.>", "fairlead.intents.tenant.shop",
		"fairlead.intents.tenant.*.workload.submitted",
		"fairlead.intents.tenant.>.workload.submitted",
		"fairlead.intents.tenant.Shop.workload.submitted",
		"fairlead.intents.tenant..workload.submitted",
		"fairlead.intents.tenant.shop.workload.>",
		"fairlead.intents.tenant.shop.workload.submitted.x",
		"fairlead.intents.cluster.shop.workload.submitted",
		"fairlead.INTENTS.tenant.shop.workload.submitted",
		"fairlead.placements.fleet.eu-1.placement.ticked",
		"fairlead.placements.cluster.eu-1.placement.ticked",
		"other.intents.tenant.shop.workload.submitted",
		"fairlead.deadletters.INTENTS.x.7",
	} {
		if a, err := event.ParseSubject(subject); err == nil {
			t.Errorf("%q is read as %+v", subject, a)
		}
	}
}

func TestFilters(t *testing.T) {
	for want, got := range map[string]string{
		"fairlead.capacity.>":                                   event.FilterStream(event.Capacity),
		"fairlead.placements.cluster.eu-1.command.>":            event.FilterCluster(event.Placements, "eu-1", "command.>"),
		"fairlead.status.cluster.*.command.rejected":            event.FilterCluster(event.Status, "", "command.rejected"),
		"fairlead.intents.tenant.shop.>":                        event.FilterTenant(event.Intents, "shop", ">"),
		"fairlead.placements.tenant.*.placement.decided":        event.FilterType(event.TypePlacementDecided),
		"fairlead.placements.fleet.placement.ticked":            event.FilterType(event.TypePlacementTicked),
		"fairlead.capacity.cluster.*.cluster.capacity.reported": event.FilterType(event.TypeClusterCapacityReported),
	} {
		if got != want {
			t.Errorf("filter %q, want %q", got, want)
		}
	}
}

// A name that could widen a filter never reaches the server.
func TestFiltersPanicOnBadNames(t *testing.T) {
	for _, name := range []string{"*", ">", "eu-1.>", "eu.1", "EU", "eu 1"} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Errorf("%q gives a filter", name)
				}
			}()
			event.FilterCluster(event.Placements, event.ClusterID(name), "command.>")
		})
	}
}

func TestParseWorkloadID(t *testing.T) {
	id, err := event.ParseWorkloadID("shop/web")
	if err != nil || id != (event.WorkloadID{Tenant: "shop", Name: "web"}) || id.String() != "shop/web" {
		t.Errorf("shop/web gives %v, %v", id, err)
	}
	for _, s := range []string{"", "shop", "/web", "shop/", "shop/web/x", "Shop/web", "shop/*"} {
		if id, err := event.ParseWorkloadID(s); err == nil {
			t.Errorf("%q is read as %v", s, id)
		}
	}
}

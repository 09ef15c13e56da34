package logtail

import (
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

func TestFilterRefusesWhatMatchesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		filter Filter
		says   string // "" for a filter that will do
	}{
		"zero value":             {Filter{}, ""},
		"pattern of a family":    {Filter{Pattern: "placement.*"}, ""},
		"full type as pattern":   {Filter{Pattern: "dev.fairlead.placement.*.v1"}, ""},
		"broken pattern":         {Filter{Pattern: "["}, "pattern \"[\""},
		"pattern of nothing":     {Filter{Pattern: "nothing"}, "no event type matches"},
		"unknown type":           {Filter{Types: []string{"nothing"}}, "no event type matches"},
		"type of other stream":   {Filter{Types: []string{"command.place"}, Streams: []event.Stream{event.Intents}}, "no event type matches"},
		"unknown stream":         {Filter{Streams: []event.Stream{"NEWS"}}, "stream \"NEWS\": want intents, status, capacity or placements"},
		"not a cluster's name":   {Filter{Cluster: "EU"}, "cluster: "},
		"not a tenant's name":    {Filter{Tenant: "a_b"}, "tenant: "},
		"names that will do":     {Filter{Cluster: "eu-1", Tenant: "shop"}, ""},
		"type by its short name": {Filter{Types: []string{"placement.ticked"}}, ""},
	} {
		err := c.filter.Validate()
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

func TestFilterMatches(t *testing.T) {
	submitted := &event.WorkloadSubmitted{Tenant: "shop", Name: "web"}
	decided := &event.PlacementDecided{Tenant: "shop", Workload: "web", Assignments: []event.Assignment{{Cluster: "eu-1"}}}
	status := &event.WorkloadStatusReported{Cluster: "eu-1", Tenant: "shop", Workload: "web"}
	cordoned := &event.ClusterCordoned{Cluster: "eu-1"}
	ticked := &event.PlacementTicked{}
	all := []event.Payload{submitted, decided, status, cordoned, ticked}
	for name, c := range map[string]struct {
		filter Filter
		want   []event.Payload
	}{
		"everything but ticks":          {Filter{}, []event.Payload{submitted, decided, status, cordoned}},
		"ticks when asked for":          {Filter{Types: []string{"placement.ticked"}}, []event.Payload{ticked}},
		"a family":                      {Filter{Pattern: "placement.*"}, []event.Payload{decided, ticked}},
		"full type names":               {Filter{Types: []string{string(event.TypeClusterCordoned)}}, []event.Payload{cordoned}},
		"a stream":                      {Filter{Streams: []event.Stream{event.Status}}, []event.Payload{status}},
		"a cluster, decisions included": {Filter{Cluster: "eu-1"}, []event.Payload{decided, status, cordoned}},
		"another cluster":               {Filter{Cluster: "eu-2"}, nil},
		"a tenant, statuses included":   {Filter{Tenant: "shop"}, []event.Payload{submitted, decided, status}},
		"another tenant":                {Filter{Tenant: "data"}, nil},
		"all at once":                   {Filter{Pattern: "workload.*", Cluster: "eu-1", Tenant: "shop"}, []event.Payload{status}},
	} {
		var got []event.Payload
		for _, p := range all {
			if c.filter.Match(event.Event{Data: p}) {
				got = append(got, p)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %d events match, want %d: %T", name, len(got), len(c.want), got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: event %d is %T, want %T", name, i, got[i], c.want[i])
			}
		}
	}
}

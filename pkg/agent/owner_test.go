package agent_test

import (
	"errors"
	"maps"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

func TestOwner(t *testing.T) {
	web := event.WorkloadID{Tenant: "shop", Name: "web"}
	labels := agent.OwnLabels("eu-1", web)
	if w, ours := agent.Owner("eu-1", labels); !ours || w != web {
		t.Errorf("owner of its own labels: %v, %t", w, ours)
	}
	if _, ours := agent.Owner("eu-2", labels); ours {
		t.Error("another cluster's object passes for ours")
	}
	for key := range labels {
		half := maps.Clone(labels)
		delete(half, key)
		if _, ours := agent.Owner("eu-1", half); ours {
			t.Errorf("ours without %s", key)
		}
	}
}

func TestReservedLabels(t *testing.T) {
	for key, ok := range map[string]bool{"team": true, "fairlead.dev/token": false, "com.docker.stack": false, "company/com.docker.": true} {
		err := agent.CheckLabels(map[string]string{key: "x"}, "com.docker.")
		var rejection *agent.Rejection
		if ok != (err == nil) || !ok && (!errors.As(err, &rejection) || rejection.Reason != event.RejectReasonInvalid) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

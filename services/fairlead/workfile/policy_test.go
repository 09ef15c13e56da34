package workfile_test

import (
	"reflect"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/workfile"
	"github.com/goccy/go-yaml"
)

const policy = `
prefer:
- {score: price, weight: 2}
links:
- {from: eu, to: us, price: 0.02, latency: 80ms}
- {from: us, to: eu, price: "0.09"}
maintenance:
- {start: 2026-05-01T22:00:00Z, minutes: 90, everyHours: 168, drain: true}
agingSeconds: 30
`

// A policy is read in people's units, written in them, and read again as the same.
func TestPolicy(t *testing.T) {
	p, faults := workfile.ParsePolicy("policy.yaml", []byte(policy))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := &event.PolicySet{
		Prefer:       []event.Preference{{Score: "price", Weight: 2}},
		Links:        []event.Link{{From: "eu", To: "us", Price: 20_000, LatencyMicros: 80_000}, {From: "us", To: "eu", Price: 90_000}},
		Maintenance:  []event.Window{{Start: 1_777_672_800_000, Minutes: 90, EveryHours: 168, Drain: true}},
		AgingSeconds: 30,
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%+v", p)
	}
	doc, err := workfile.WritePolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if again, faults := workfile.ParsePolicy("again.yaml", text); len(faults) > 0 || !reflect.DeepEqual(again, p) {
		t.Errorf("written as\n%s%v", text, faults)
	}
}

// Every mistake is told with its line.
func TestPolicyFaults(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "p:1: no policy in it",
		"- prefer":                            "a policy is a mapping of fields",
		"prefer: [}":                          "p:1: ",
		"preferences: []":                     "p:1: preferences: no such field",
		"prefer:\n- {score: luck, weight: 1}": `prefer[0].score: "luck", want one of`,
		"prefer:\n- {score: price, weight: 1001}":                      "p:2: prefer[0].weight: 1001: want at most 1000",
		"links:\n- {from: eu, to: us, price: -1}":                      `p:2: links[0].price: "-1" is not an amount: want money`,
		"links:\n- {from: eu, to: us, latency: fast}":                  `links[0].latency`,
		"links:\n- {from: eu, to: us, price: 1}\n- {from: eu, to: us}": "links",
		"maintenance:\n- {start: tomorrow, minutes: 5}":                "maintenance[0].start",
		"maintenance:\n- {start: 2026-13-01T22:00:00Z, minutes: 5}":    "p:2: maintenance[0].start: \"2026-13-01T22:00:00Z\" is not a date",
		"agingSeconds: 1\n---\nagingSeconds: 2":                        "a second document",
		"agingSeconds: 1\nagingSeconds: 2":                             "already defined",
	} {
		if _, faults := workfile.ParsePolicy("p", []byte(in)); len(faults) == 0 || !strings.Contains(faults.Error(), want) {
			t.Errorf("%q: %v, want %q", in, faults, want)
		}
	}
}

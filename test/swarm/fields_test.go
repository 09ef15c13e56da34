package swarm

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fields is a workload with every field of the template that Swarm has a counterpart for.
func fields(d *agent.Desired) {
	d.Labels = map[string]string{"team": "checkout"}
	d.Template.Command, d.Template.Args = []string{"/task"}, []string{"wait", "for ever"}
	d.Template.Env = map[string]string{"B": "2", "A": "one = 1", "EMPTY": ""}
	d.Template.Ports = []event.Port{{Port: 8080, Name: "http"}, {Port: 53, Protocol: event.ProtocolUdp}}
	d.Template.Architectures = []string{"amd64", "arm64"}
	d.Template.Health = &event.HealthCheck{Command: []string{"/task", "exit", "0"}, PeriodSeconds: 1, TimeoutSeconds: 5, FailureThreshold: 3}
	d.Template.Resources.Extended = map[string]int64{"fpga": 1}
	d.Template.MaxSurge = 2
	d.Nodes = []event.Requirement{{Key: "tier", Operator: event.OperatorNotIn, Values: []string{"old", "slow"}}}
}

// testFields stores workloads and reads what Swarm made of them: all of it, and no drift in it.
func testFields(t *testing.T, s *scene) {
	for name, change := range map[string]func(*agent.Desired){
		"service": fields,
		"plain":   func(d *agent.Desired) { d.Template.Resources = event.Resources{} },
		"missing": func(d *agent.Desired) { d.Template.MaxSurge, d.Template.MaxUnavailable = 1, 2 },
		"job": func(d *agent.Desired) {
			fields(d)
			d.Kind, d.Template.Health, d.Template.Args = event.KindJob, nil, []string{"exit", "0"}
		},
		"once": func(d *agent.Desired) {
			d.Kind, d.Template.Restart, d.Template.Args = event.KindJob, event.RestartPolicyNever, []string{"exit", "0"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)}
			c, d := s.agent(), s.desired(w, 3, 2, change)
			s.must(c.Apply(t.Context(), d))
			stored := s.service(w)
			golden(t, name, strings.NewReplacer(
				s.engine.Image, "IMAGE", d.Hash, "HASH", stored.Spec.Labels[manifest.LabelDigest], "DIGEST",
				s.scheme.Prefix, "PREFIX-", `"`+string(s.scheme.Cluster)+`"`, `"CLUSTER"`,
			).Replace(pretty(t, stored.Spec)))
			if o := s.scheme.Read(*stored); o.Hash != d.Hash || o.Token != 3 || o.Generation != 103 || o.Wanted != 2 {
				t.Errorf("read back %+v, want hash %s", o, d.Hash)
			}
			s.must(c.Apply(t.Context(), d))
			if again := s.service(w); d.Kind == event.KindService && manifest.Digest(again.Spec) != manifest.Digest(stored.Spec) {
				t.Errorf("the same again changed %s", pretty(t, again.Spec))
			}
		})
	}
}

func pretty(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s: Swarm keeps\n%s\nwant\n%s", path, got, want)
	}
}

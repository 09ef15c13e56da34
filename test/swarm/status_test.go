package swarm

import (
	"strings"
	"testing"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// exit is a replica that ends at once.
func exit(kind event.Kind, code string, restart event.RestartPolicy) func(*agent.Desired) {
	return func(d *agent.Desired) {
		d.Kind, d.Template.Args, d.Template.Restart = kind, []string{"exit", code}, restart
	}
}

// testJobs runs jobs to their end, good and bad.
func testJobs(t *testing.T, s *scene) {
	c := s.agent()
	good := event.WorkloadID{Tenant: "shop", Name: "good"}
	s.must(c.Apply(t.Context(), s.desired(good, 1, 3, exit(event.KindJob, "0", ""))))
	s.object(c, good, "complete", func(o agent.Object) bool {
		return o.Succeeded == 3 && o.Pending == 0 && o.Ready == 0 && len(o.Bound) == 0
	})

	s.must(c.Apply(t.Context(), s.desired(good, 2, 3, exit(event.KindJob, "0", ""))))
	s.object(c, good, "not run again for another number", func(o agent.Object) bool { return o.Token == 2 && o.Succeeded == 3 })

	bad := event.WorkloadID{Tenant: "shop", Name: "bad"}
	s.must(c.Apply(t.Context(), s.desired(bad, 1, 2, exit(event.KindJob, "3", event.RestartPolicyNever))))
	o := s.object(c, bad, "failed for good", func(o agent.Object) bool { return o.Failed == 2 && o.Pending == 0 })
	wantReason(t, o, "failed", "non-zero exit (3)")

	other := s.desired(bad, 2, 1, exit(event.KindJob, "0", event.RestartPolicyNever))
	s.must(c.Apply(t.Context(), other))
	s.object(c, bad, "another job under its name", func(o agent.Object) bool { return o.Hash == other.Hash && o.Succeeded == 1 && o.Failed == 0 })

	service := s.desired(bad, 3, 1, nil)
	s.must(c.Apply(t.Context(), service))
	s.object(c, bad, "a service now", func(o agent.Object) bool { return o.Hash == service.Hash && o.Ready == 1 })
}

// testReasons is what an operator hears, in Swarm's own words.
func testReasons(t *testing.T, s *scene) {
	c := s.agent()
	crash := event.WorkloadID{Tenant: "shop", Name: "crash"}
	s.must(c.Apply(t.Context(), s.desired(crash, 1, 1, exit(event.KindService, "7", ""))))
	o := s.object(c, crash, "failed once", func(o agent.Object) bool {
		return o.Ready == 0 && o.Pending == 1 && strings.Contains(words(o), "non-zero exit (7)")
	})
	if o.Unschedulable != 0 {
		t.Errorf("observed %+v", o)
	}
	missing := event.WorkloadID{Tenant: "shop", Name: "missing"}
	s.must(c.Apply(t.Context(), s.desired(missing, 1, 1, func(d *agent.Desired) {
		d.Template.Image = "sha256:" + strings.Repeat("0", 64)
	})))
	s.object(c, missing, "without an image", func(o agent.Object) bool { return strings.Contains(words(o), "No such image") })
	for _, w := range []event.WorkloadID{crash, missing} {
		s.must(c.Withdraw(t.Context(), agent.Withdrawal{Workload: w, Token: 2}))
	}
}

// testDrift is what people do to a service that is ours: each is seen and put right, without a restart
// where there is no need for one.
func testDrift(t *testing.T, s *scene) {
	c, d := s.agent(), s.desired(web, 5, 1, nil)
	s.must(c.Apply(t.Context(), d))
	s.object(c, web, "ready", func(o agent.Object) bool { return o.Ready == 1 && o.Hash == d.Hash })
	for name, change := range map[string]func(*swarm.ServiceSpec){
		"another image":   func(spec *swarm.ServiceSpec) { spec.TaskTemplate.ContainerSpec.Image = "other:1" },
		"more memory":     func(spec *swarm.ServiceSpec) { spec.TaskTemplate.Resources.Limits.MemoryBytes *= 2 },
		"a constraint":    func(spec *swarm.ServiceSpec) { spec.TaskTemplate.Placement.Constraints = []string{"node.role==worker"} },
		"a label":         func(spec *swarm.ServiceSpec) { spec.Labels["theirs"] = "yes" },
		"a variable":      func(spec *swarm.ServiceSpec) { spec.TaskTemplate.ContainerSpec.Env = []string{"X=1"} },
		"a lower token":   func(spec *swarm.ServiceSpec) { spec.Labels["fairlead.dev/token"] = "1" },
		"no token at all": func(spec *swarm.ServiceSpec) { delete(spec.Labels, "fairlead.dev/token") },
	} {
		t.Run(name, func(t *testing.T) {
			s.edit(web, change)
			s.object(c, web, "as changed", func(o agent.Object) bool { return o.Hash != d.Hash || o.Token < d.Token })
			s.must(c.Apply(t.Context(), d))
			s.object(c, web, "as applied", func(o agent.Object) bool { return o.Hash == d.Hash && o.Token == d.Token })
		})
	}
	s.edit(web, func(spec *swarm.ServiceSpec) { spec.TaskTemplate.ForceUpdate++ })
	if o := s.object(c, web, "seen", func(agent.Object) bool { return true }); o.Hash != d.Hash {
		t.Errorf("a forced update is taken for a change: %+v", o)
	}
}

// testForeign is what must survive: a service that only bears our labels under another name, and one of
// another cluster's.
func testForeign(t *testing.T, s *scene) {
	c := s.agent()
	s.must(c.Apply(t.Context(), s.desired(web, 1, 1, nil)))
	copied := s.service(web).Spec
	copied.Name = s.scheme.Prefix + "a-copy"
	_, err := s.api.ServiceCreate(t.Context(), client.ServiceCreateOptions{Spec: copied})
	s.must(err)
	v, err := c.Observe(t.Context())
	s.must(err)
	if len(v.Objects) != 1 {
		t.Errorf("observed %+v, want the one and not its copy", v.Objects)
	}
	s.must(c.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 2}))
	if s.named(copied.Name) == nil {
		t.Error("the copy was removed")
	}

	long := event.WorkloadID{Tenant: event.Tenant(strings.Repeat("t", 63)), Name: event.WorkloadName(strings.Repeat("w", 63))}
	s.must(c.Apply(t.Context(), s.desired(long, 1, 1, nil)))
	taken := s.service(long).Spec
	taken.Name, taken.Labels["fairlead.dev/cluster"] = s.scheme.Service(web), "another"
	_, err = s.api.ServiceCreate(t.Context(), client.ServiceCreateOptions{Spec: taken})
	s.must(err)
	s.rejected(c.Apply(t.Context(), s.desired(web, 3, 1, nil)), event.RejectReasonConflict)
	s.must(c.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 4}))
	if live := s.service(web); live == nil || live.Spec.Labels["fairlead.dev/cluster"] != "another" {
		t.Error("another cluster's service was touched")
	}
}

func words(o agent.Object) string {
	var all strings.Builder
	for _, r := range o.Reasons {
		all.WriteString(r.Reason + ": " + r.Message + "\n")
	}
	return all.String()
}

func wantReason(t *testing.T, o agent.Object, reason, message string) {
	t.Helper()
	if said := words(o); !strings.Contains(said, reason) || !strings.Contains(said, message) {
		t.Errorf("reasons %q, want %s: %s", said, reason, message)
	}
}

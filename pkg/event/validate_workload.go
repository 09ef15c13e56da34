package event

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// Validate checks the names, the template and the policy.
func (p *WorkloadSubmitted) Validate() error {
	return cmp.Or(
		checkID("tenant", p.Tenant),
		checkID("name", p.Name),
		checkKind(p.Kind),
		replicas("replicas", p.Replicas),
		p.Template.check(),
		p.Policy.check(),
		checkNative(p.Native),
		labels(p.Labels),
		p.Plan.check(),
	)
}

// Validate checks the names.
func (p *WorkloadWithdrawn) Validate() error {
	return cmp.Or(
		checkID("tenant", p.Tenant),
		checkID("name", p.Name),
		text("reason", p.Reason, maxMessage),
	)
}

// Validate checks the names, numbers and counts.
func (p *WorkloadStatusReported) Validate() error {
	return cmp.Or(
		checkID("cluster", p.Cluster),
		checkID("tenant", p.Tenant),
		checkID("workload", p.Workload),
		ordinal("incarnation", p.Incarnation),
		position("report", p.Report),
		position("generation", p.Generation),
		position("token", p.Token),
		replicas("wanted", p.Wanted),
		replicas("ready", p.Ready),
		replicas("pending", p.Pending),
		replicas("succeeded", p.Succeeded),
		replicas("failed", p.Failed),
		replicas("unschedulable", p.Unschedulable),
		each("reasons", p.Reasons, 16, (*Reason).check),
		p.Last.check(),
	)
}

func (r *Reason) check() error {
	return cmp.Or(
		text("reason", r.Reason, maxName),
		replicas("count", r.Count),
		text("message", r.Message, maxMessage),
	)
}

func (s *Settled) check() error {
	if s == nil {
		return nil
	}
	return cmp.Or(
		ordinal("last.number", s.Number),
		oneOf("last.outcome", s.Outcome, OutcomeApplied, OutcomeRejected, OutcomeSuperseded),
		text("last.reason", s.Reason, maxName),
	)
}

// checkNative wants an object per orchestrator; what is in it is the
// orchestrator's business.
func checkNative(parts map[string]json.RawMessage) error {
	if err := atMost("native", len(parts), 16); err != nil {
		return err
	}
	for orchestrator, part := range parts {
		if len(part) == 0 || part[0] != '{' {
			return fmt.Errorf("native: the part for %q is not an object", orchestrator)
		}
	}
	return nil
}

func (w *Weight) check() error {
	return cmp.Or(
		each("clusters", w.Clusters, 64, (*Requirement).check),
		within("weight", w.Weight, 0, 1_000_000),
	)
}

func (t *Template) check() error {
	err := cmp.Or(
		text("image", t.Image, 1024),
		texts("architectures", t.Architectures, 32, 16),
		texts("command", t.Command, 32768, 256),
		texts("args", t.Args, 32768, 1024),
		textMap("env", t.Env, 32768, 1024),
		each("references", t.References, 256, (*Reference).check),
		each("ports", t.Ports, 64, (*Port).check),
		t.Resources.check(),
		t.Health.check(),
		oneOf("restart", t.Restart, "", RestartPolicyAlways, RestartPolicyOnFailure, RestartPolicyNever),
		replicas("maxUnavailable", t.MaxUnavailable),
		replicas("maxSurge", t.MaxSurge),
	)
	if err != nil {
		return fmt.Errorf("template.%w", err)
	}
	return nil
}

func (r *Reference) check() error {
	return cmp.Or(
		word("name", r.Name, maxName),
		text("key", r.Key, maxName),
		text("env", r.Env, maxName),
	)
}

func (p *Port) check() error {
	return cmp.Or(
		text("name", p.Name, maxWord),
		within("port", p.Port, 1, 65535),
		oneOf("protocol", p.Protocol, "", ProtocolTcp, ProtocolUdp),
	)
}

var errProbe = errors.New("health.port: missing, httpPath needs it")

func (h *HealthCheck) check() error {
	if h == nil {
		return nil
	}
	if h.HTTPPath != "" && h.Port == 0 {
		return errProbe
	}
	return cmp.Or(
		text("health.httpPath", h.HTTPPath, 1024),
		within("health.port", h.Port, 0, 65535),
		texts("health.command", h.Command, 4096, 64),
		within("health.periodSeconds", h.PeriodSeconds, 0, 3600),
		within("health.timeoutSeconds", h.TimeoutSeconds, 0, 3600),
		within("health.failureThreshold", h.FailureThreshold, 0, 100),
	)
}

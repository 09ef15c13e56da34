package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// A check is one hard condition on a cluster. All are in one table, so that the
// fast path, the recorded refusal and the explanation can never disagree.
//
// To add a filter: write a function here and add it to the table; a scenario in
// testdata shows it passing and failing.
type check struct {
	name string
	// ok is the decision. moot checks concern new replicas only: they never drive
	// replicas away that run already.
	ok   func(s *State, q *query, c *cluster) bool
	moot bool
	// drives checks put replicas off a cluster that could run on: only as many at a
	// time as the budget of evictions allows.
	drives bool
	// stays is the decision for replicas that run already, where it is another one.
	stays func(s *State, q *query, c *cluster) bool
	// tell gives the numbers and the words for people.
	tell func(s *State, q *query, c *cluster) Check
	// asked says whether the explanation has a line for it; nil means always.
	asked func(s *State, q *query) bool
	// ties says that asked hangs on others, and not on the policy and the settings alone.
	ties bool
	// alike says that clusters whose reports have the same facts pass or fail it alike: it
	// looks at nothing else but the profile's key (appendWorth), and at no fact that
	// appendFacts leaves out.
	alike bool
}

// query is a workload as the checks see it.
type query struct {
	*wish
	of   *workload     // nil: nobody in particular
	ties *[2]tiesKnown // where others stand, for new and for running replicas; a cache
	// patient: what runs may stay where it could not be placed, until its turn.
	patient bool
}

// checks in the order of the explanation. The first ones need no report; the
// others are asked only when there is one.
var checks = []check{
	{name: "member", ok: isMember, stays: isMemberStill, tell: tellMember},
	{name: "synchronised", ok: isSynchronised, moot: true, tell: tellSynchronised},
	{name: "fresh", ok: isFresh, stays: (*State).isThere, drives: true, tell: tellFresh},
	{name: "cordon", ok: isOpen, moot: true, tell: tellCordon},
	{name: "drain", ok: isStaying, drives: true, tell: tellDrain},
	{name: "orchestrator", alike: true, ok: isOrchestrator, tell: tellOrchestrator},
	{name: "kind", alike: true, ok: isCapable, tell: tellKind},
	{name: "label", ok: isLabelled, tell: tellLabel},
	{name: "region", alike: true, ok: isRegion, tell: tellRegion},
	{name: "residency", alike: true, ok: isResident, tell: tellResidency},
	{name: "pool", ok: isPooled, tell: tellPool, asked: asksPool},
	{name: "match", ok: isMatched, tell: tellMatch, asked: asksMatch},
	{name: "condition", ok: isMatchedNow, moot: true, tell: tellMatchNow, asked: asksLive},
	{name: "tier", ok: isTiered, tell: tellTier, asked: asksTier},
	{name: "spread", ok: isSpreadable, tell: tellSpread, asked: asksSpread},
	{name: "weight", ok: isWeighted, tell: tellWeight, asked: asksWeight},
	{name: "affinity", ok: isNear, tell: tellNear, asked: asksNear},
	{name: "anti-affinity", ok: isApart, stays: (*State).staysApart, tell: tellApart, asked: asksApart, ties: true},
	{name: "along", ok: isAlong, tell: tellAlong, asked: asksAlong},
	{name: "taint", alike: true, ok: isTolerated, stays: (*State).endures, drives: true, tell: tellTaint},
	{name: "price", ok: isAffordable, moot: true, tell: tellPrice, asked: isCapped},
	{name: "rejected", ok: isUnmarked, moot: true, tell: tellRejected},
}

// passes says whether every check holds; for replicas already there the moot ones
// are passed over.
func (s *State) passes(q *query, c *cluster, running bool) bool {
	if !running && s.trial == nil && s.isPrepared(q) {
		return s.welcomes(q, c)
	}
	for _, ch := range s.concerning(q) {
		if running && (ch.moot || q.patient && ch.drives) || ch.ties && !ch.asked(s, q) {
			continue
		}
		ok := ch.ok
		if running && ch.stays != nil {
			ok = ch.stays
		}
		if !ok(s, q, c) && !s.trial.mends(c, ch.name) {
			return false
		}
	}
	return true
}

// concerning are the checks that the query is asked.
func (s *State) concerning(q *query) []*check {
	if s.isPrepared(q) {
		return q.checks
	}
	return s.checksOf(q)
}

// isPrepared says whether the profile of the query is good.
func (s *State) isPrepared(q *query) bool { return q.profile != nil && q.stamp == s.known.stamp }

// checksOf leaves out what the policy and the settings of now do not ask for.
func (s *State) checksOf(q *query) []*check {
	out := make([]*check, 0, len(checks))
	for i := range checks {
		if ch := &checks[i]; ch.asked == nil || ch.ties || ch.asked(s, q) {
			out = append(out, ch)
		}
	}
	return out
}

func isMember(_ *State, _ *query, c *cluster) bool { return !c.left && c.report != nil }

// isMemberStill: what may run only once stays on a cluster that left without a word.
func isMemberStill(_ *State, q *query, c *cluster) bool {
	return c.report != nil && (!c.left || q.patient && q.spec.Policy.AtMostOnce)
}

func tellMember(_ *State, _ *query, c *cluster) Check {
	switch {
	case c.left:
		return Check{Message: "cluster has left"}
	case c.report == nil:
		return Check{Message: "no report yet"}
	}
	return Check{Message: "in the fleet"}
}

func isSynchronised(_ *State, _ *query, c *cluster) bool {
	return c.synced >= c.hello && c.report != nil && c.speaker == c.synced
}

func tellSynchronised(_ *State, _ *query, c *cluster) Check {
	return Check{Message: fmt.Sprintf("agent incarnation %d, answered %d, reported %d", c.hello, c.synced, reportIncarnation(c))}
}

func reportIncarnation(c *cluster) uint64 {
	if c.report == nil {
		return 0
	}
	return c.report.Incarnation
}

func isFresh(_ *State, _ *query, c *cluster) bool { return !c.suspected }

func tellFresh(s *State, q *query, c *cluster) Check {
	silent, limit := s.silence(c), s.suspectMillis()
	if given := s.patience(q); s.isGone(q, c) {
		return Check{Need: given, Have: silent, Message: fmt.Sprintf("silent for %s, given up after %s", seconds(silent), seconds(given))}
	}
	return Check{Need: limit, Have: silent, Message: fmt.Sprintf("silent for %s, limit %s", seconds(silent), seconds(limit))}
}

func isOpen(_ *State, _ *query, c *cluster) bool {
	return !c.cordoned && c.window == windowNone && !shunned(c)
}

func tellCordon(_ *State, _ *query, c *cluster) Check {
	switch {
	case c.cordoned:
		return Check{Message: "cluster is cordoned"}
	case c.window != windowNone:
		return Check{Message: "cluster is in a maintenance window"}
	}
	return Check{Message: "not cordoned"}
}

func isStaying(_ *State, _ *query, c *cluster) bool { return !c.draining && c.window != windowDrain }

func tellDrain(_ *State, _ *query, c *cluster) Check {
	switch {
	case c.draining:
		return Check{Message: "cluster is drained"}
	case c.window == windowDrain:
		return Check{Message: "cluster is drained for a maintenance window"}
	}
	return Check{Message: "not drained"}
}

func isOrchestrator(_ *State, q *query, c *cluster) bool {
	want := q.spec.Policy.Orchestrators
	return len(want) == 0 || c.report != nil && slices.Contains(want, c.report.Orchestrator)
}

func tellOrchestrator(_ *State, q *query, c *cluster) Check {
	return Check{Message: oneOf(c.report.Orchestrator, q.spec.Policy.Orchestrators)}
}

// isCapable: the portable template runs on clusters that offer the kind and lack nothing
// that it asks for; a native part makes the workload capable where the orchestrator
// takes it.
func isCapable(_ *State, q *query, c *cluster) bool {
	if c.report == nil {
		return false
	}
	if _, native := q.spec.Native[c.report.Orchestrator]; native {
		return slices.Contains(c.report.Native, c.report.Orchestrator)
	}
	return slices.Contains(c.report.Kinds, q.spec.Kind) && lacking(q, c) == ""
}

// lacking is the first thing that the portable template asks for and the cluster cannot
// do; empty if there is none.
func lacking(q *query, c *cluster) event.Feature {
	for _, f := range c.report.Lacks {
		if f.AskedBy(q.spec.Kind, &q.spec.Template, q.spec.Policy.Nodes) {
			return f
		}
	}
	return ""
}

func tellKind(_ *State, q *query, c *cluster) Check {
	offers := make([]string, 0, len(c.report.Kinds))
	for _, k := range c.report.Kinds {
		offers = append(offers, string(k))
	}
	_, native := q.spec.Native[c.report.Orchestrator]
	if native && !slices.Contains(c.report.Native, c.report.Orchestrator) {
		return Check{Message: fmt.Sprintf("%s with a native part for %s, which its agent does not take", q.spec.Kind, c.report.Orchestrator)}
	}
	if f := lacking(q, c); f != "" && !native && slices.Contains(c.report.Kinds, q.spec.Kind) {
		return Check{Message: fmt.Sprintf("%s asks for %s, which %s cannot do", q.spec.Kind, f, c.report.Orchestrator)}
	}
	return Check{Message: fmt.Sprintf("%s (%s runs %s)", q.spec.Kind, c.report.Orchestrator, list(offers))}
}

func isLabelled(_ *State, q *query, c *cluster) bool {
	return !slices.ContainsFunc(q.spec.Policy.Clusters, func(r event.Requirement) bool {
		return c.report == nil || !matchesCluster(r, c.report)
	})
}

func tellLabel(_ *State, q *query, c *cluster) Check {
	var words []string
	for _, r := range q.spec.Policy.Clusters {
		if !matchesCluster(r, c.report) {
			words = append(words, requirementWords(r)+" ("+hasWords(r.Key, c.report)+")")
		}
	}
	if len(words) == 0 {
		return Check{Message: fmt.Sprintf("%d conditions met", len(q.spec.Policy.Clusters))}
	}
	return Check{Message: strings.Join(words, "; ")}
}

func isRegion(_ *State, q *query, c *cluster) bool {
	return len(q.spec.Policy.Regions) == 0 || c.report != nil && slices.Contains(q.spec.Policy.Regions, c.report.Region)
}

func tellRegion(_ *State, q *query, c *cluster) Check {
	return Check{Message: oneOf(c.report.Region, q.spec.Policy.Regions)}
}

// isResident: a cluster that does not state its region can prove nothing.
func isResident(_ *State, q *query, c *cluster) bool {
	return len(q.spec.Policy.Residency) == 0 ||
		c.report != nil && c.report.Region != "" && slices.Contains(q.spec.Policy.Residency, c.report.Region)
}

func tellResidency(_ *State, q *query, c *cluster) Check {
	return Check{Message: oneOf(c.report.Region, q.spec.Policy.Residency)}
}

func isTolerated(s *State, q *query, c *cluster) bool {
	return c.report != nil && s.repelled(q, c) == nil
}

func tellTaint(s *State, q *query, c *cluster) Check {
	t := s.repelled(q, c)
	if t == nil {
		return Check{Message: fmt.Sprintf("%d taints, all tolerated", len(c.report.Taints))}
	}
	name := fmt.Sprintf("taint %s=%s:%s", t.Key, t.Value, t.Effect)
	if limit, ok := toleration(q, *t); ok {
		have := s.observed - c.taintSince(*t)
		return Check{Need: limit, Have: have, Message: fmt.Sprintf("%s is tolerated for %s, and there for %s", name, seconds(limit), seconds(have))}
	}
	return Check{Message: name + " is not tolerated"}
}

// isUnmarked: a request the cluster rejected is not tried there again before a
// newer report.
func isUnmarked(_ *State, q *query, c *cluster) bool {
	return len(c.marks) == 0 || !c.marked(q.class.key) && (q.of == nil || !c.marked(q.of.id.String()))
}

func tellRejected(_ *State, q *query, c *cluster) Check {
	if isUnmarked(nil, q, c) {
		return Check{Message: "not rejected since the last report"}
	}
	return Check{Message: "the cluster rejected such a request; waiting for its next report"}
}

func (c *cluster) marked(key string) bool {
	m, ok := c.marks[key]
	return ok && c.report != nil && m.Report >= c.report.Report
}

package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/condition"
	"fairlead.dev/pkg/event"
)

// program is a CEL expression of a policy. A live one asks for what changes without a
// report (free room, scores from outside): it concerns new replicas only.
type program struct {
	*condition.Program
	live bool
}

// Contradiction says why the wish can never be met as it is written: members that
// contradict each other, or an expression that does not compile. Nil if it could.
func Contradiction(spec *event.WorkloadSubmitted) error {
	_, err := compile(spec)
	return err
}

// compile checks a wish and prepares its expressions, by term.
func compile(spec *event.WorkloadSubmitted) ([][]program, error) {
	if err := spec.Contradiction(); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(spec.Policy.Match, func(t event.Term) bool { return len(t.Expressions) > 0 }) {
		return nil, nil
	}
	out := make([][]program, len(spec.Policy.Match))
	for i, t := range spec.Policy.Match {
		for j, source := range t.Expressions {
			p, err := condition.Compile(source)
			if err != nil {
				return nil, fmt.Errorf("policy.match[%d].expressions[%d]: %w", i, j, err)
			}
			live := p.Asks("cluster.free.") || p.Asks("cluster.scores")
			out[i] = append(out[i], program{p, live})
		}
	}
	return out, nil
}

// refuse records that the wish can never be met. What runs goes on as it is.
func (s *State) refuse(w *workload) *event.PlacementDecided {
	standing := s.standing(w)
	if w.verdict == event.VerdictRefused && w.decidedGen == w.generation && sameSeats(standing, w.portions) {
		return nil
	}
	d := s.decision(w, event.VerdictRefused)
	d.Assignments, d.Reason = standing, w.query.impossible
	return d
}

func asksMatch(_ *State, q *query) bool { return len(q.spec.Policy.Match) > 0 }

// isMatched: one term must hold. For what runs already, live expressions are passed
// over, so that a replica is not driven away by the room it takes itself.
func isMatched(s *State, q *query, c *cluster) bool { return s.anyTerm(q, c, false) }

func asksLive(_ *State, q *query) bool {
	return slices.ContainsFunc(q.programs, func(term []program) bool {
		return slices.ContainsFunc(term, func(p program) bool { return p.live })
	})
}

// isMatchedNow: the same with live expressions.
func isMatchedNow(s *State, q *query, c *cluster) bool {
	return !asksLive(s, q) || s.anyTerm(q, c, true)
}

func (s *State) anyTerm(q *query, c *cluster, live bool) bool {
	terms := q.spec.Policy.Match
	if len(terms) == 0 {
		return true
	}
	if c.report == nil {
		return false
	}
	for i := range terms {
		if s.termMiss(q, c, i, live) == "" {
			return true
		}
	}
	return false
}

// termMiss says what of a term the cluster does not meet; empty if it meets all.
func (s *State) termMiss(q *query, c *cluster, i int, live bool) string {
	for _, r := range q.spec.Policy.Match[i].Clusters {
		if !matchesCluster(r, c.report) {
			return requirementWords(r) + " (" + hasWords(r.Key, c.report) + ")"
		}
	}
	if i >= len(q.programs) {
		return ""
	}
	for j := range q.programs[i] {
		if p := &q.programs[i][j]; live || !p.live {
			if miss := s.expressionMiss(q, c, p); miss != "" {
				return miss
			}
		}
	}
	return ""
}

// answer is what an expression said of one report.
type answer struct {
	report *event.ClusterCapacityReported
	miss   string
}

// answerKey names an expression and the cluster it was asked of.
type answerKey struct {
	cluster *cluster
	program *program
}

// expressionMiss says why an expression does not hold; empty if it does. What a
// report alone decides is asked once for each report.
func (s *State) expressionMiss(q *query, c *cluster, p *program) string {
	key := answerKey{c, p}
	if known, ok := q.answers[key]; ok && known.report == c.report && !p.live {
		return known.miss
	}
	miss := ""
	switch met, err := p.Met(s.facts(c)); {
	case err != nil:
		miss = fmt.Sprintf("%s: %v", p.Source(), err)
	case !met:
		miss = p.Source() + " is false"
	}
	if !p.live {
		if q.answers == nil {
			q.answers = map[answerKey]answer{}
		}
		q.answers[key] = answer{c.report, miss}
	}
	return miss
}

// facts are what an expression may ask of the cluster.
func (s *State) facts(c *cluster) *condition.Facts {
	r := c.report
	free, all := c.freeRoom().left, c.freeRoom().all
	f := &condition.Facts{
		Name: string(c.id), Orchestrator: r.Orchestrator, Version: r.Version,
		Provider: r.Provider, Region: r.Region, Zone: r.Zone, Labels: r.Labels,
		Free:        condition.Room{CPUMilli: free.CPUMilli, MemoryBytes: free.MemoryBytes, GPUMilli: free.GPUMilli},
		Allocatable: condition.Room{CPUMilli: all.CPUMilli, MemoryBytes: all.MemoryBytes, GPUMilli: all.GPUMilli},
		Scores:      s.scoresOf(c.id),
	}
	for _, t := range r.Taints {
		f.Taints = append(f.Taints, condition.Taint{Key: t.Key, Value: t.Value, Effect: string(t.Effect)})
	}
	return f
}

func tellMatch(s *State, q *query, c *cluster) Check    { return s.tellTerms(q, c, false) }
func tellMatchNow(s *State, q *query, c *cluster) Check { return s.tellTerms(q, c, true) }

func (s *State) tellTerms(q *query, c *cluster, live bool) Check {
	terms := q.spec.Policy.Match
	var misses []string
	for i := range terms {
		miss := s.termMiss(q, c, i, live)
		if miss == "" {
			return Check{Message: fmt.Sprintf("term %d of %d holds", i+1, len(terms))}
		}
		misses = append(misses, miss)
	}
	return Check{Message: clip(strings.Join(misses, "; or "), maxMessage)}
}

package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
)

// A rollout orders the clusters of an update in steps: the commands of a step are
// held back until every cluster of the steps before runs the new wish. A first
// placement has nothing to protect and waits for nothing.

// stepsOf gives the step of each cluster that shall have replicas, from 1, by the order
// of the policy's groups and, within a group, of names; larger groups are cut.
func stepsOf(w *workload, changes []seatChange) map[*cluster]int {
	r := w.spec.Policy.Rollout
	if r == nil {
		return nil
	}
	groups := make([][]*cluster, len(r.Groups)+1)
	total := 0
	for _, ch := range changes {
		if ch.target == 0 {
			continue
		}
		at := slices.IndexFunc(r.Groups, func(g event.RolloutGroup) bool { return ch.c.report != nil && meets(g.Clusters, ch.c.report) })
		if at < 0 {
			at = len(r.Groups)
		}
		groups[at], total = append(groups[at], ch.c), total+1
	}
	out, step, size := make(map[*cluster]int, total), 0, stepSize(r, total)
	for _, group := range groups {
		for part := range slices.Chunk(group, size) {
			step++
			for _, c := range part {
				out[c] = step
			}
		}
	}
	return out
}

// stepSize is the most clusters in a step, at least 1.
func stepSize(r *event.Rollout, total int) int {
	size := max(1, total)
	if r.Clusters > 0 {
		size = min(size, r.Clusters)
	}
	if r.Percent > 0 {
		size = min(size, max(1, (total*r.Percent+99)/100))
	}
	return size
}

// currentStep is the first step with a cluster that does not run the new wish yet. A
// cluster that only gives replicas up does not hold a step back: it waits itself.
func currentStep(w *workload, changes []seatChange, steps map[*cluster]int) int {
	now := 0
	for _, ch := range changes {
		now = max(now, steps[ch.c])
	}
	for _, ch := range changes {
		if step := steps[ch.c]; step > 0 && ch.held <= ch.target && !ch.ready(w) {
			now = min(now, step)
		}
	}
	return now
}

// updating says whether an older wish still runs somewhere, or an update is under way.
func updating(w *workload, changes []seatChange) bool {
	return w.rolling || slices.ContainsFunc(changes, func(ch seatChange) bool {
		return ch.held > 0 && w.on(ch.c).standing().Generation != w.generation
	})
}

// stepDone says whether steps wait and the one under way runs the new wish.
func (s *State) stepDone(w *workload) bool {
	return w.rolling && !slices.ContainsFunc(w.portions, func(p portion) bool {
		st := w.on(p.c)
		t := st.standing()
		return !p.waiting() && p.leaving == 0 && (t == nil || t.Generation != w.generation || st.ready(t.Number) < int(p.replicas))
	})
}

// stagger notes the step of each change and whether it waits for an earlier one.
func stagger(w *workload, changes []seatChange) {
	steps := stepsOf(w, changes)
	if steps == nil {
		return
	}
	now := currentStep(w, changes, steps)
	wait := updating(w, changes) && !w.once()
	for i := range changes {
		ch := &changes[i]
		ch.step = steps[ch.c]
		ch.waits = wait && ch.step > now && !ch.settled(w)
	}
}

// settled says whether the cluster was told its target of the present wish already.
func (ch seatChange) settled(w *workload) bool {
	t := w.on(ch.c).standing()
	return t != nil && t.Generation == w.generation && t.held() == ch.target
}

// heldBack is the part of a cluster whose step has not come: what runs goes on.
func (ch seatChange) heldBack(w *workload) event.Assignment {
	a := event.Assignment{Cluster: ch.c.id, Score: ch.score, Waiting: true, Replicas: ch.held, Leaving: max(0, ch.held-ch.target)}
	if t := w.on(ch.c).standing(); t != nil {
		a.Shapes = t.footprint.shapes()
	}
	return a
}

// inLaterSteps is what the clusters whose step has not come shall have in the end: the
// decision itself says only what they hold until then. Nil where none waits.
func (s *State) inLaterSteps(w *workload, d *event.PlacementDecided) map[event.ClusterID]int {
	if !slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Waiting }) {
		return nil
	}
	cands := s.candidates(w, w.query)
	divide(&w.spec.Policy, w.spec.Replicas, cands)
	out := map[event.ClusterID]int{}
	for _, a := range d.Assignments {
		if a.Waiting {
			at := slices.IndexFunc(cands, func(c *candidate) bool { return c.c.id == a.Cluster })
			out[a.Cluster] = 0
			if at >= 0 {
				out[a.Cluster] = cands[at].seats
			}
		}
	}
	return out
}

// rolloutSteps tell the steps of a rollout for people.
func (s *State) rolloutSteps(w *workload, cands []*candidate) []Check {
	changes := s.changes(w, cands)
	stagger(w, changes)
	var out []Check
	for step := 1; ; step++ {
		in := slices.DeleteFunc(slices.Clone(changes), func(ch seatChange) bool { return ch.step != step })
		if len(in) == 0 {
			return out
		}
		out = append(out, rolloutStep(w, step, in))
	}
}

func rolloutStep(w *workload, step int, in []seatChange) Check {
	var names []string
	ready, waits := 0, false
	for _, ch := range in {
		names, waits = append(names, string(ch.c.id)), waits || ch.waits
		if ch.ready(w) {
			ready++
		}
	}
	state := fmt.Sprintf("%d of %d clusters run the wish", ready, len(in))
	if waits {
		state = "waits for the step before"
	}
	return Check{Name: "rollout", OK: ready == len(in), Need: int64(len(in)), Have: int64(ready),
		Message: clip(fmt.Sprintf("step %d%s: %s; %s", step, groupName(w, in[0].c), strings.Join(names, ", "), state), maxMessage)}
}

// groupName is the name of the group that a cluster's step is a part of.
func groupName(w *workload, c *cluster) string {
	for _, g := range w.spec.Policy.Rollout.Groups {
		if c.report != nil && meets(g.Clusters, c.report) {
			return strings.TrimRight(" "+g.Name, " ")
		}
	}
	return ""
}

package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// WhyNot says why a workload is not on a cluster, or not with more replicas, and what
// would have to change: each failed check mended alone, then all together. It decides
// as if nothing stood yet, so that what runs elsewhere does not hide the answer. The
// state is not changed. False if the workload or the cluster is not known.
func (s *State) WhyNot(id event.WorkloadID, cluster event.ClusterID) (WhyNot, bool) {
	w, c := s.workloads[id], s.clusters.byName[cluster]
	if w == nil || c == nil {
		return WhyNot{}, false
	}
	now := s.explain(w)
	at := slices.IndexFunc(now.Clusters, func(r ClusterChecks) bool { return r.Cluster == cluster })
	row := now.Clusters[at]
	now.Clusters = nil
	out := WhyNot{Explanation: now, Cluster: row}
	fresh := s.afresh(w)
	s.prepare(fresh.query)
	before := s.mended(c, nil).outcome(fresh).Assignments
	failed := row.failed()
	if len(failed) == 0 {
		out.Rank = s.rankOf(fresh, cluster)
		return out, true
	}
	if c.report == nil {
		return out, true // nothing is known that could be mended
	}
	if len(failed) > 1 {
		for _, name := range failed {
			out.Alone = append(out.Alone, s.mend(fresh, c, []string{name}, before))
		}
	}
	all := s.mend(fresh, c, failed, before)
	out.Together = &all
	return out, true
}

// failed names the checks that do not pass.
func (r ClusterChecks) failed() []string {
	var out []string
	for _, ch := range r.Checks {
		if !ch.OK {
			out = append(out, ch.Name)
		}
	}
	return out
}

// mend decides with checks of the cluster mended and compares with what was before.
func (s *State) mend(w *workload, c *cluster, names []string, before []event.Assignment) Mend {
	view := s.mended(c, names)
	row := view.row(w, c)
	out := Mend{Checks: names, Still: row.failed(), Score: row.Score, Parts: row.Parts}
	if len(out.Still) > 0 {
		return out
	}
	d := view.outcome(w)
	out.Rank, out.Verdict = view.rankOf(w, c.id), d.Verdict
	out.Replicas = target(d.Assignments, c.id)
	for _, a := range before {
		if fewer := target(before, a.Cluster) - target(d.Assignments, a.Cluster); fewer > 0 && a.Cluster != c.id {
			out.From = append(out.From, Taken{Cluster: a.Cluster, Replicas: fewer})
		}
	}
	out.Price = priceOf(d.Assignments) - priceOf(before)
	return out
}

// priceOf adds up the prices of assignments, per hour.
func priceOf(all []event.Assignment) int64 {
	sum := int64(0)
	for _, a := range all {
		sum = addUp(sum, a.Price, 1)
	}
	return sum
}

// rankOf is the place of a cluster among those that pass every check, best first; 0
// if it does not.
func (s *State) rankOf(w *workload, id event.ClusterID) int {
	rows := s.table(w)
	at := slices.IndexFunc(rows, func(r ClusterChecks) bool { return r.Cluster == id })
	if len(rows[at].failed()) > 0 {
		return 0
	}
	rank := 1
	for i, r := range rows {
		better := r.Score > rows[at].Score || r.Score == rows[at].Score && i < at
		if better && len(r.failed()) == 0 {
			rank++
		}
	}
	return rank
}

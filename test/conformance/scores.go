package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// Parts of a score are absolute with us: a cluster's own business, in millionths, so that
// an index over clusters can keep them. The cases measure some against the candidates:
// the least is -100 and the most 100, all are 100 where they are equal. Before they are
// compared ours are brought to that scale, which keeps the order and every proportion.

// scale says how a case's scores of one part relate to ours.
type scale struct {
	top int64 // what counts as 100; 0 for the most of any candidate
}

// relative are the parts that cases measure against the candidates. Nobody else's
// workloads on a cluster are always 100.
var relative = map[string]scale{
	event.ScoreFreeCPU: {}, event.ScoreFreeMemory: {}, event.ScoreBalance: {top: 1_000_000},
}

// hundredth is what one of a case's scores is in a part that both measure alike.
const hundredth = 10_000

// checkScores looks at one part of the score in the explanation of every cluster. A
// cluster of which the case expects none has none: no part, or no room for a replica.
func checkScores(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	return w.sameScores(partOf(c), c.Expect.Scores)
}

func partOf(c *testCase) string {
	if p := c.Request.Prioritizers; p != nil && c.Request.Score == "external" {
		return event.ScoreExternal + p.Weights[0].External
	}
	return parts[c.Request.Score]
}

// sameScores compares a part of every cluster with what is expected.
func (w *world) sameScores(part string, want map[string]int) error {
	got, err := w.scores(part)
	if err != nil {
		return err
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("%s is %v", part, got)
	}
	return nil
}

// scores are a part of every cluster that has it, on the cases' scale.
func (w *world) scores(part string) (map[string]int, error) {
	ours := map[string]int64{}
	for _, m := range w.c.Clusters {
		row, err := w.planned(m.Name)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(row.Parts, func(p event.ScorePart) bool { return p.Part == part })
		if i >= 0 && row.Fits > 0 && len(failed(row)) == 0 {
			ours[m.Name] = row.Parts[i].Value
		}
	}
	out := map[string]int{}
	for name, value := range ours {
		if s, ok := relative[part]; ok {
			out[name] = s.of(value, slices.Collect(maps.Values(ours)))
			continue
		}
		out[name] = int(value / hundredth)
	}
	return out, nil
}

// of brings a value to the scale, rounded to the nearest.
func (s scale) of(value int64, all []int64) int {
	least, most := slices.Min(all), slices.Max(all)
	if s.top != 0 {
		most = s.top
	}
	if most == least {
		return 100
	}
	return int((200*(value-least)+(most-least)/2)/(most-least)) - 100
}

// broken compares the explanation with a breakdown: who passed, in what order, by which
// parts of the score.
func (w *world) broken(want *breakdown) error {
	ranked, err := w.ranked(want.AfterTaintsRanked)
	if err != nil {
		return err
	}
	if !slices.Equal(ranked, want.AfterTaintsRanked) {
		return fmt.Errorf("ranked %v", ranked)
	}
	for _, name := range want.AfterMatch {
		row, err := w.planned(name)
		if err != nil {
			return err
		}
		if passed := len(failed(row)) == 0; passed != slices.Contains(want.AfterTaintsRanked, name) {
			return fmt.Errorf("%s: failed checks %v", name, failed(row))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want.Scores)) {
		part, ok := parts[name]
		if !ok {
			part = event.ScoreExternal + name[len("AddOn/"):]
		}
		if err := w.sameScores(part, want.Scores[name].Scores); err != nil {
			return err
		}
	}
	return nil
}

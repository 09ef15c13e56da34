package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// hundredth is what one of a case's scores is in a part of ours.
const hundredth = 10_000

// checkScores looks at one part of the score in the explanation of every cluster. A
// cluster of which the case expects none has none: no part, or no room for a replica.
func checkScores(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	return w.parts(partOf(c), c.Expect.Scores)
}

func partOf(c *testCase) string {
	if p := c.Request.Prioritizers; p != nil && c.Request.Score == "external" {
		return event.ScoreExternal + p.Weights[0].External
	}
	return parts[c.Request.Score]
}

func (w *world) parts(name string, want map[string]int) error {
	for _, m := range w.c.Clusters {
		value, has, err := w.part(m.Name, name)
		if err != nil {
			return err
		}
		expected, wanted := want[m.Name]
		switch {
		case wanted && !has:
			return fmt.Errorf("%s has no part %s", m.Name, name)
		case wanted && value != int64(expected)*hundredth:
			return fmt.Errorf("%s of %s is %d", name, m.Name, value)
		case !wanted && has:
			return fmt.Errorf("%s has a part %s of %d", m.Name, name, value)
		}
	}
	return nil
}

func (w *world) part(cluster, name string) (value int64, has bool, err error) {
	row, err := w.row(cluster)
	if err != nil {
		return 0, false, err
	}
	i := slices.IndexFunc(row.Parts, func(p event.ScorePart) bool { return p.Part == name })
	if i < 0 || row.Fits == 0 {
		return 0, false, nil
	}
	return row.Parts[i].Value, true, nil
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
		row, err := w.row(name)
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
		for cluster, score := range want.Scores[name].Scores {
			value, has, err := w.part(cluster, part)
			if err != nil {
				return err
			}
			if !has || value != int64(score)*hundredth {
				return fmt.Errorf("%s of %s is %d (there: %t)", part, cluster, value, has)
			}
		}
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
)

// outcomes are what a case can expect. Each gives nil or what came out instead.
var outcomes = map[string]func(*testCase) error{
	"placed":        checkPlaced,
	"unschedulable": checkUnschedulable,
	"selected":      checkSelected,
	"feasible":      checkFeasible,
	"infeasible":    checkInfeasible,
	"feasible_set":  checkFeasibleSet,
	"invalid":       checkInvalid,
	"ranked":        checkRanked,
	"score":         checkScores,
	"capacity":      checkCapacity,
	"evict":         checkTakenBack,
	"groups":        checkGroups,
	"event_order":   checkTimeline,
}

// begun builds a case's world and asks.
func begun(c *testCase) (*world, error) {
	w, err := build(c)
	if err != nil {
		return nil, err
	}
	return w, w.ask()
}

func checkPlaced(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	d, err := w.decision()
	if err != nil {
		return err
	}
	if d.Verdict == event.VerdictHeld || d.Verdict == event.VerdictRefused {
		return errors.New(why(d))
	}
	got := w.placed()
	for _, want := range append(c.Expect.PlacementAnyOf, c.Expect.Placement) {
		if want != nil && maps.Equal(got, without(want)) {
			return nil
		}
	}
	return fmt.Errorf("placed %v", got)
}

// without leaves out those that get none.
func without(m map[string]int) map[string]int {
	out := maps.Clone(m)
	maps.DeleteFunc(out, func(_ string, n int) bool { return n == 0 })
	return out
}

// checkUnschedulable wants the wish held or refused, for a reason, and nothing told to
// anybody beyond what ran before. What is not even stored is refused, too.
func checkUnschedulable(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return asInvalid(err)
	}
	d, err := w.decision()
	if err != nil {
		return err
	}
	if d.Verdict != event.VerdictHeld && d.Verdict != event.VerdictRefused {
		return fmt.Errorf("%s: %v", d.Verdict, w.placed())
	}
	for name, n := range w.placed() {
		if n > c.Request.Previous[name] {
			return fmt.Errorf("held, and yet %d on %s", n, name)
		}
	}
	if d.Reason == "" && len(d.Refusals) == 0 {
		return errors.New("held without a reason")
	}
	return nil
}

func checkSelected(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	d, err := w.decision()
	if err != nil {
		return err
	}
	got := w.placed()
	if c.Expect.Regions != nil {
		return w.selectedRegions(got, d)
	}
	if want := sorted(c.Expect.Selected); !slices.Equal(sorted(slices.Collect(maps.Keys(got))), want) {
		return fmt.Errorf("placed %v (%s)", got, why(d))
	}
	if c.Expect.Unfilled != nil && d.Unfilled != *c.Expect.Unfilled {
		return fmt.Errorf("unfilled %d", d.Unfilled)
	}
	if c.Expect.Explain != nil {
		return w.broken(c.Expect.Explain)
	}
	return nil
}

func sorted(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}

func (w *world) selectedRegions(got map[string]int, d *event.PlacementDecided) error {
	regions := map[string]bool{}
	for _, m := range w.c.Clusters {
		if got[m.Name] > 0 {
			regions[m.Region] = true
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(regions)), sorted(w.c.Expect.Regions)) {
		return fmt.Errorf("placed %v (%s)", got, why(d))
	}
	return nil
}

// checkFeasible: the cluster takes the workload, or keeps it.
func checkFeasible(c *testCase) error { return feasible(c, []string{c.Expect.Cluster}) }

func checkInfeasible(c *testCase) error { return feasible(c, nil) }

// checkFeasibleSet looks once more where a time is expected at which it changes: until
// then all stays, and then it does not.
func checkFeasibleSet(c *testCase) error {
	if err := feasible(c, c.Expect.Feasible); err != nil || c.Expect.RecheckAt.IsZero() {
		return err
	}
	w, err := begun(c)
	if err != nil {
		return err
	}
	before := w.placed()
	if err := w.pass(c.Expect.RecheckAt.Sub(w.now)); err != nil {
		return err
	}
	if after := w.placed(); len(after) >= len(before) {
		return fmt.Errorf("nothing changed at %s: %v", c.Expect.RecheckAt.Format(time.TimeOnly), after)
	}
	return nil
}

// feasible wants a replica on each of these clusters and on no other, and that the
// explanation names a failed check for every other.
func feasible(c *testCase, want []string) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	got := sorted(slices.Collect(maps.Keys(w.placed())))
	if !slices.Equal(got, sorted(want)) {
		d, err := w.decision()
		if err != nil {
			return err
		}
		return fmt.Errorf("placed on %v (%s)", got, why(d))
	}
	for _, m := range c.Clusters {
		row, err := w.row(m.Name)
		if err != nil {
			return err
		}
		if !slices.Contains(got, m.Name) && len(failed(row)) == 0 {
			return fmt.Errorf("%s is left out, and the explanation names no failed check", m.Name)
		}
	}
	return nil
}

// checkInvalid wants the request refused: not stored, or refused by a decision.
func checkInvalid(c *testCase) error {
	w, err := build(c)
	if err != nil {
		return asInvalid(err)
	}
	if err := w.ask(); err != nil {
		return asInvalid(err)
	}
	d, err := w.decision()
	if err != nil {
		return err
	}
	if d.Verdict != event.VerdictRefused || d.Reason == "" && len(d.Refusals) == 0 {
		return fmt.Errorf("%s: %v", why(d), w.placed())
	}
	return nil
}

// asInvalid passes over the error that a publisher hears.
func asInvalid(err error) error {
	if errors.As(err, new(*event.Invalid)) {
		return nil
	}
	return err
}

// checkRanked wants clusters in this order by score, then by name.
func checkRanked(c *testCase) error {
	w, err := begun(c)
	if err != nil {
		return err
	}
	names := make([]string, len(c.Clusters))
	for i, m := range c.Clusters {
		names[i] = m.Name
	}
	got, err := w.ranked(names)
	if err == nil && !slices.Equal(got, c.Expect.Ranking) {
		err = fmt.Errorf("ranked %v", got)
	}
	return err
}

// ranked orders clusters by what the explanation says of them.
func (w *world) ranked(names []string) ([]string, error) {
	scores := map[string]int64{}
	for _, name := range names {
		row, err := w.planned(name)
		if err != nil {
			return nil, err
		}
		scores[name] = row.Score
	}
	out := sorted(names)
	slices.SortStableFunc(out, func(a, b string) int { return int(max(-1, min(1, scores[b]-scores[a]))) })
	return out, nil
}

// checkGroups wants the steps of an update, in order.
func checkGroups(c *testCase) error {
	if c.Request.AlreadySelected {
		c.Request.Previous = previous{}
		for _, m := range c.Clusters {
			c.Request.Previous[m.Name] = 1
		}
	}
	w, err := begun(c)
	if err != nil {
		return err
	}
	update := w.wish()
	update.Template.Image = "registry.example/case:2"
	if err := w.submit(update); err != nil {
		return err
	}
	var steps []string
	w.seen = func(d *event.PlacementDecided) {
		if steps == nil {
			steps = w.steps(d)
		}
	}
	if err := w.settle(); err != nil {
		return err
	}
	var want []string
	for _, g := range c.Expect.Groups {
		want = append(want, strings.Join(sorted(g.Clusters), " "))
	}
	if !slices.Equal(steps, want) {
		return fmt.Errorf("steps %q", steps)
	}
	return nil
}

// steps are the clusters of each step of a decision.
func (w *world) steps(d *event.PlacementDecided) []string {
	byStep := map[int][]string{}
	for _, a := range d.Assignments {
		byStep[a.Group] = append(byStep[a.Group], w.names[a.Cluster])
	}
	out := []string{}
	for _, step := range slices.Sorted(maps.Keys(byStep)) {
		out = append(out, strings.Join(sorted(byStep[step]), " "))
	}
	return out
}

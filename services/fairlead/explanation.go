package fairlead

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/output"
)

// printPlan prints the table of a plan: every cluster with its verdict or with all
// the checks it failed. Under the last one stands how to apply it, all together.
func printPlan(p output.Printer, e planned, last bool, files []string) error {
	if err := p.Linef("%s", output.Clean(planTitle(e))); err != nil {
		return err
	}
	if err := p.Table(clusterRows(e.Explanation)); err != nil {
		return err
	}
	if err := p.Linef("%s", planSum(e.Explanation)); err != nil || !last {
		return err
	}
	submit := "fairlead submit -f " + strings.Join(files, " -f ")
	switch {
	case e.Plan != "":
		return p.Linef("Apply exactly this: %s --plan %s", submit, e.Plan)
	case !e.Changed:
		return nil
	case missing(e.Explanation) > 0:
		return p.Linef("What does not fit waits until it does: %s", submit)
	}
	return p.Linef("Do it: %s", submit)
}

func planTitle(e planned) string {
	return fmt.Sprintf("%s/%s  %d × (%s)   %s   state %d (%s old)",
		e.Tenant, e.Workload, e.Replicas, resources(e.spec.Template.Resources), policy(e.spec.Policy), e.State, age(e.AgeMillis))
}

// clusterRows is the table that plan and explain share. What nobody set, as a price,
// has no column.
func clusterRows(e scheduler.Explanation) output.Rows {
	priced := slices.ContainsFunc(e.Clusters, func(c scheduler.ClusterChecks) bool { return c.Price > 0 || c.Cost > 0 })
	rows := output.Rows{Columns: []output.Column{
		{Name: ""}, {Name: "cluster"}, {Name: "orchestrator"}, {Name: "free", Right: true}, {Name: "fits", Right: true, Wide: true},
		{Name: "each", Right: true, Wide: true}, {Name: perHour(e.Currency), Right: true, Wide: !priced}, {Name: "score", Right: true}, {Name: "verdict"},
	}}
	for _, c := range e.Clusters {
		rows.Add(sign(c), string(c.Cluster), c.Orchestrator, free(c.Free), fmt.Sprint(c.Fits), money(c.Price), money(c.Cost), score(c.Score), verdict(c))
	}
	if slices.ContainsFunc(e.Clusters, func(c scheduler.ClusterChecks) bool { return len(c.Parts) > 0 }) {
		rows.Columns = append(rows.Columns, output.Column{Name: "parts", Wide: true})
		for i, c := range e.Clusters {
			rows.Cells[i] = append(rows.Cells[i], strings.TrimPrefix(parts(c.Parts), " = "))
		}
	}
	return rows
}

// perHour heads a column of prices.
func perHour(currency string) string {
	if currency == "" {
		return "price/h"
	}
	return currency + "/h"
}

// money writes a price, – where none is known.
func money(micro int64) string {
	if micro == 0 {
		return "–"
	}
	return quantity.Money(micro)
}

// partValue is a part of a score as score writes it, nothing included.
func partValue(millionths int64) string {
	if millionths == 0 {
		return "0.0"
	}
	return score(millionths)
}

// parts writes what a score is made of: " = price 62.0×2 + steady 10.0×1".
func parts(all []event.ScorePart) string {
	if len(all) == 0 {
		return ""
	}
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = fmt.Sprintf("%s %s×%d", p.Part, partValue(p.Value), p.Weight)
	}
	return " = " + strings.Join(words, " + ")
}

// sign marks what a cluster's row would change: more, fewer, the same or nothing.
func sign(c scheduler.ClusterChecks) string {
	switch {
	case c.Replicas > c.Held:
		return "+"
	case c.Replicas < c.Held:
		return "-"
	case c.Held > 0:
		return "="
	}
	return ""
}

func verdict(c scheduler.ClusterChecks) string {
	failed := failures(c)
	switch {
	case c.Replicas > 0 && c.Held == 0:
		return fmt.Sprintf("place %d", c.Replicas)
	case c.Replicas != c.Held:
		text := fmt.Sprintf("%d → %d", c.Held, c.Replicas)
		if c.Replicas == 0 && len(failed) > 0 {
			text += ": " + strings.Join(failed, "; ")
		}
		return text
	case c.Held > 0:
		return fmt.Sprintf("keep %d", c.Held)
	case len(failed) > 0:
		return strings.Join(failed, "; ")
	}
	return "not needed"
}

// failures lists every failed check, not only the first.
func failures(c scheduler.ClusterChecks) []string {
	var failed []string
	for _, check := range c.Checks {
		if !check.OK {
			failed = append(failed, checkText(check))
		}
	}
	return failed
}

func checkText(c scheduler.Check) string {
	if c.Message == "" || strings.HasPrefix(c.Message, c.Name) {
		return c.Name + strings.TrimPrefix(c.Message, c.Name)
	}
	return c.Name + " " + c.Message
}

func free(r event.Resources) string {
	text := quantity.Cores(r.CPUMilli/100*100) + "c " + quantity.Memory(r.MemoryBytes)
	if r.GPUMilli > 0 {
		text += " " + quantity.Cores(r.GPUMilli) + "g"
	}
	return text
}

// planSum counts what the plan does and says what is left over.
func planSum(e scheduler.Explanation) string {
	start, stop := 0, 0
	for _, c := range e.Clusters {
		start += max(c.Replicas-c.Held, 0)
		stop += max(c.Held-c.Replicas, 0)
	}
	move := min(start, stop)
	text := fmt.Sprintf("Place %d, move %d, stop %d.", start-move, move, stop-move)
	if short := missing(e); short > 0 {
		text += fmt.Sprintf("  %d of %d not placeable.", short, e.Replicas)
	}
	if e.Price > 0 {
		text += fmt.Sprintf("  %s %s.", quantity.Money(e.Price), perHourOf(e.Currency))
	}
	if !e.Changed {
		text += "  Nothing would change."
	}
	return text
}

// missing counts the replicas that find no place.
func missing(e scheduler.Explanation) int {
	if e.Verdict == event.VerdictWithdrawn {
		return 0
	}
	short := e.Replicas
	for _, c := range e.Clusters {
		short -= c.Replicas
	}
	return max(short, 0)
}

// age writes the milliseconds of an answer's age.
func age(millis int64) string {
	switch {
	case millis < 60_000:
		return fmt.Sprintf("%d.%d s", millis/1000, millis%1000/100)
	}
	return (time.Duration(millis) * time.Millisecond).Round(time.Second).String()
}

package fairlead

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/output"
)

// printWhyNot prints one cluster's checks and what would have to change there.
func printWhyNot(p output.Printer, why scheduler.WhyNot, when string) error {
	if err := p.Linef("%s", explainTitle(why.Explanation, when)); err != nil {
		return err
	}
	if err := explainCluster(p, why.Cluster); err != nil {
		return err
	}
	for _, line := range whyNotLines(why) {
		if err := p.Linef("%s", output.Clean(line)); err != nil {
			return err
		}
	}
	return nil
}

// whyNotLines says what mending would bring, or why nothing needs to be mended.
func whyNotLines(why scheduler.WhyNot) []string {
	if why.Together == nil {
		return []string{notMended(why)}
	}
	var lines []string
	for _, m := range why.Alone {
		if len(m.Still) == 0 {
			lines = append(lines, mendLine("With "+m.Checks[0]+" alone mended", m, why.Currency))
		}
	}
	if len(why.Alone) > 0 && len(lines) == 0 {
		lines = append(lines, "None of them mended alone is enough.")
	}
	return append(lines, mendLine(together(why.Together.Checks), *why.Together, why.Currency))
}

func notMended(why scheduler.WhyNot) string {
	c := why.Cluster
	switch {
	case why.Rank == 0:
		return "Nothing is known of it that could be mended."
	case c.Replicas > 0:
		return fmt.Sprintf("It is there: %d of %d replicas. Rank %d by score.", c.Replicas, why.Replicas, why.Rank)
	case why.Rank == 1:
		return "Nothing fails and no cluster scores better; what runs elsewhere stays where it is."
	}
	return fmt.Sprintf("Nothing fails; rank %d by score: %d clusters before it take the replicas.", why.Rank, why.Rank-1)
}

func together(checks []string) string {
	switch len(checks) {
	case 1:
		return "With it mended"
	case 2:
		return "With both mended"
	}
	return fmt.Sprintf("With all %d mended", len(checks))
}

func mendLine(what string, m scheduler.Mend, currency string) string {
	if len(m.Still) > 0 {
		return fmt.Sprintf("%s: still %s", what, strings.Join(m.Still, ", "))
	}
	text := fmt.Sprintf("%s: score %s%s, rank %d, would %s", what, score(m.Score), parts(m.Parts), m.Rank, takes(m))
	if m.Price != 0 {
		text += fmt.Sprintf(" (%s %s)", signed(m.Price), perHourOf(currency))
	}
	return text
}

// takes says how many replicas the cluster would get, and from where.
func takes(m scheduler.Mend) string {
	switch {
	case m.Verdict == event.VerdictHeld && m.Replicas == 0:
		return "still be held: not all replicas fit together"
	case m.Replicas == 0:
		return "take none: others score better"
	case len(m.From) == 0:
		return fmt.Sprintf("get %d", m.Replicas)
	}
	from := make([]string, len(m.From))
	for i, t := range m.From {
		from[i] = fmt.Sprintf("%d from %s", t.Replicas, t.Cluster)
	}
	return "take " + strings.Join(from, ", ")
}

// signed writes a difference of money with a true minus.
func signed(micro int64) string {
	if micro < 0 {
		return "−" + quantity.Money(-micro)
	}
	return "+" + quantity.Money(micro)
}

// perHourOf is the unit after an amount.
func perHourOf(currency string) string {
	if currency == "" {
		return "per hour"
	}
	return currency + "/h"
}

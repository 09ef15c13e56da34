package scheduler

import (
	"fmt"
	"strings"

	"fairlead.dev/pkg/event"
)

// whyNotWords asks for a workload on a cluster and holds that asking changes nothing.
func (f *fleet) whyNotWords(name string, cluster event.ClusterID) string {
	before := f.s.Digest()
	why, ok := f.s.WhyNot(mustID(f.tb, name), cluster)
	if !ok {
		return "not known\n"
	}
	if f.s.Digest() != before || f.s.trial != nil {
		f.tb.Fatal("the question changed the state")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", cluster, strings.Join(why.Cluster.failed(), ", "))
	for _, m := range why.Alone {
		fmt.Fprintf(&b, "  %s\n", mendWords(m))
	}
	switch {
	case why.Together != nil:
		fmt.Fprintf(&b, "  %s\n", mendWords(*why.Together))
	case why.Rank > 0:
		fmt.Fprintf(&b, "  passes, rank %d, holds %d\n", why.Rank, why.Cluster.Held)
	}
	return b.String()
}

func mendWords(m Mend) string {
	text := "with " + strings.Join(m.Checks, "+") + " mended: "
	if len(m.Still) > 0 {
		return text + "still " + strings.Join(m.Still, ", ")
	}
	text += fmt.Sprintf("rank %d, gets %d", m.Rank, m.Replicas)
	for _, t := range m.From {
		text += fmt.Sprintf(", %d from %s", t.Replicas, t.Cluster)
	}
	if m.Price != 0 {
		text += fmt.Sprintf(", price %+d", m.Price)
	}
	return text
}

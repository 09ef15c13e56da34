package fairlead

import (
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
)

// settingsSummary says in one line what an operator set, or what placement decided
// about the fleet itself; "" for other types.
func settingsSummary(p event.Payload) string {
	switch d := p.(type) {
	case *event.WorkloadReleased:
		return fmt.Sprintf("%s  no instance is left on %s%s", d.ID(), d.Cluster, because(d.Reason))
	case *event.QuotaSet:
		if d.Removed {
			return fmt.Sprintf("%s  quota removed", d.Tenant)
		}
		return fmt.Sprintf("%s  %s", d.Tenant, limits(d))
	case *event.PriceSet:
		if d.Removed {
			return "prices removed"
		}
		return strings.Join(priceWords(d.Prices, d.Currency), "; ")
	case *event.ScoreSet:
		return fmt.Sprintf("%s %d%s", d.Name, d.Value, until(d.ValidUntil))
	case *event.PolicySet:
		return "policy " + policyWords(d) + because(d.Reason)
	case *event.ClusterLost:
		return "lost after " + silence(d.Silent)
	case *event.EvictionsChanged:
		if d.Paused {
			return fmt.Sprintf("evictions stop: %d of %d clusters are silent", d.Silent, d.Clusters)
		}
		return fmt.Sprintf("evictions go on: %d of %d clusters are silent", d.Silent, d.Clusters)
	case *event.SteeringPlanned:
		return fmt.Sprintf("steering plan by %s: %d groups, %d quotas, holds %s", d.By, len(d.Groups), len(d.Quotas), silence(d.ValidMillis))
	}
	return ""
}

// summaryTail is the summary without the entity that some begin with.
func summaryTail(p event.Payload) string {
	return strings.TrimSpace(strings.TrimPrefix(summary(p), p.Entity()+"  "))
}

// limits writes what a quota allows.
func limits(d *event.QuotaSet) string {
	var all []string
	if d.Limit != nil && resources(*d.Limit) != "–" {
		all = append(all, resources(*d.Limit))
	}
	if d.Workloads > 0 {
		all = append(all, fmt.Sprintf("%d workloads", d.Workloads))
	}
	if d.MaxPrice > 0 {
		all = append(all, quantity.Money(d.MaxPrice)+" per hour")
	}
	if len(all) == 0 {
		all = []string{"unlimited"}
	}
	if d.Weight > 0 {
		all = append(all, fmt.Sprintf("weight %d", d.Weight))
	}
	if d.Parent != "" {
		all = append(all, "in "+string(d.Parent))
	}
	return strings.Join(all, ", ")
}

// priceWords writes prices by shape: "core 0.032, GiB 0.004 USD/h".
func priceWords(all []event.Price, currency string) []string {
	words := make([]string, len(all))
	for i, p := range all {
		var parts []string
		for _, one := range []struct {
			of    string
			price int64
		}{{"core", p.CPU}, {"GiB", p.Memory}, {"GPU", p.GPU}} {
			if one.price > 0 {
				parts = append(parts, one.of+" "+quantity.Money(one.price))
			}
		}
		words[i] = dash(strings.Join(parts, ", ")) + " " + perHourOf(currency)
		if p.Shape != "" {
			words[i] = p.Shape + ": " + words[i]
		}
	}
	if len(words) == 0 {
		return []string{"no prices"}
	}
	return words
}

// policyWords counts what a fleet's policy sets.
func policyWords(d *event.PolicySet) string {
	var all []string
	for _, part := range []struct {
		name string
		n    int
	}{{"preferences", len(d.Prefer)}, {"pools", len(d.Pools)}, {"priority classes", len(d.Priorities)}, {"maintenance windows", len(d.Maintenance)}, {"links", len(d.Links)}} {
		if part.n > 0 {
			all = append(all, fmt.Sprintf("%d %s", part.n, part.name))
		}
	}
	if d.Failover != nil {
		all = append(all, "failover")
	}
	if d.Repack != nil {
		all = append(all, "repack")
	}
	if len(all) == 0 {
		return "of defaults"
	}
	return "with " + strings.Join(all, ", ")
}

func until(millis int64) string {
	if millis == 0 {
		return ""
	}
	return " until " + time.UnixMilli(millis).UTC().Format(time.RFC3339)
}

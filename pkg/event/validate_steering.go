package event

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Validate checks the groups, that quotas name one of them, and the times.
func (p *SteeringPlanned) Validate() error {
	return cmp.Or(
		oneOf("by", p.By, SteeringPlannedByCluster, SteeringPlannedByOffer, SteeringPlannedByRegion),
		each("groups", p.Groups, 64, (*SteeringGroup).check),
		unique("groups", p.Groups, func(g *SteeringGroup) string { return g.Name }),
		each("quotas", p.Quotas, 16_384, func(q *SteeringQuota) error { return q.check(len(p.Groups)) }),
		unique("quotas", p.Quotas, func(q *SteeringQuota) string { return q.Class + " " + strconv.Itoa(q.Group) }),
		amount("validMillis", p.ValidMillis),
		amount("observed", p.Observed),
		p.Positions.check(),
	)
}

func (g *SteeringGroup) check() error {
	return cmp.Or(
		text("name", g.Name, maxName),
		amount("cpu", g.CPU),
		amount("memory", g.Memory),
		amount("gpu", g.GPU),
	)
}

func (q *SteeringQuota) check(groups int) error {
	return cmp.Or(
		q.checkClass(),
		within("group", q.Group, 0, groups-1),
		within("replicas", q.Replicas, 1, 1_000_000_000),
	)
}

func (q *SteeringQuota) checkClass() error {
	if len(q.Class) != 16 || strings.Trim(q.Class, "0123456789abcdef") != "" {
		return fmt.Errorf("class: %q is not a hash of 16 hexadecimal digits", q.Class)
	}
	return nil
}

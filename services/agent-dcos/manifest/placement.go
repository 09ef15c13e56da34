package manifest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// The fields by which Marathon knows the fault domain of a node, since 1.5.
const (
	FieldRegion = "@region"
	FieldZone   = "@zone"
)

// Keys are the names that the cluster's nodes give to what every cluster has: attributes, or for region
// and zone the fault domain. Empty ones are the defaults.
type Keys struct {
	inventory.Keys        // @region, @zone, instance-type, provider
	Arch           string // arch
	// AllArch is the architecture of every node, for a cluster whose nodes do not say it.
	AllArch string
}

// WithDefaults fills in what is empty, but for AllArch.
func (k Keys) WithDefaults() Keys {
	return Keys{
		Keys: inventory.Keys{
			Region:       cmp.Or(k.Region, FieldRegion),
			Zone:         cmp.Or(k.Zone, FieldZone),
			InstanceType: cmp.Or(k.InstanceType, "instance-type"),
			Provider:     cmp.Or(k.Provider, "provider"),
		},
		Arch:    cmp.Or(k.Arch, "arch"),
		AllArch: k.AllArch,
	}
}

// constraints are the conditions on nodes, and the architectures that the image is built for.
func (k Keys) constraints(d agent.Desired, withArch bool) ([]any, error) {
	var list []any
	for _, r := range d.Nodes {
		operator, value := "LIKE", ".*"
		switch r.Operator {
		case event.OperatorIn:
			value = anyOf(r.Values)
		case event.OperatorNotIn:
			operator, value = "UNLIKE", anyOf(r.Values)
		case event.OperatorExists:
		case event.OperatorDoesNotExist:
			operator = "UNLIKE"
		default:
			return nil, unsupported("condition %s %s: Marathon compares attributes as text", r.Key, r.Operator)
		}
		list = append(list, []any{k.Own(r.Key), operator, value})
	}
	if archs := d.Template.Architectures; withArch && len(archs) > 0 && !slices.Contains(archs, k.AllArch) {
		list = append(list, []any{k.Arch, "LIKE", anyOf(archs)})
	}
	return list, nil
}

// anyOf is a regular expression of Java's for exactly these values.
func anyOf(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return "(" + strings.Join(quoted, "|") + ")"
}

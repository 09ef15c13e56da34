package event

import (
	"cmp"
	"fmt"
	"strings"
)

// ClusterID names a cluster, Tenant the owner of workloads, WorkloadName a workload
// within its tenant. All are DNS labels, checked by CheckName before anything is
// signed, published or stored.
type (
	ClusterID    string
	Tenant       string
	WorkloadName string
)

// WorkloadID identifies a workload in the federation.
type WorkloadID struct {
	Tenant Tenant
	Name   WorkloadName
}

// String gives tenant/name, the form people type.
func (w WorkloadID) String() string { return string(w.Tenant) + "/" + string(w.Name) }

// Compare orders by tenant, then name.
func (w WorkloadID) Compare(o WorkloadID) int {
	return cmp.Or(cmp.Compare(w.Tenant, o.Tenant), cmp.Compare(w.Name, o.Name))
}

// ParseWorkloadID reads tenant/name.
func ParseWorkloadID(s string) (WorkloadID, error) {
	tenant, name, ok := strings.Cut(s, "/")
	if !ok {
		return WorkloadID{}, fmt.Errorf("workload %q: want TENANT/NAME", s)
	}
	if err := CheckName(tenant); err != nil {
		return WorkloadID{}, fmt.Errorf("tenant: %w", err)
	}
	if err := CheckName(name); err != nil {
		return WorkloadID{}, fmt.Errorf("workload: %w", err)
	}
	return WorkloadID{Tenant(tenant), WorkloadName(name)}, nil
}

// longestName is the longest DNS label.
const longestName = 63

// CheckName refuses what is not a DNS label: such a name could widen a subject
// (*, >, .) or be renamed by an orchestrator.
func CheckName(s string) error {
	ok := len(s) > 0 && len(s) <= longestName && s[0] != '-' && s[len(s)-1] != '-'
	for i := 0; ok && i < len(s); i++ {
		c := s[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
	}
	if !ok {
		return fmt.Errorf("name %q is not a DNS label (lower-case letters, digits and inner hyphens, at most 63)", s)
	}
	return nil
}

package query

import "fairlead.dev/pkg/event"

// Subjects is the filter of everything that is asked.
const Subjects = subjectRoot + ">"

// The kinds that are asked about the whole fleet, and those about one tenant.
var (
	fleetKinds  = []Kind{Clusters, Workloads, Quotas, Prices, Scores, Policy, Status}
	tenantKinds = []Kind{Workloads, Workload, Explain, WhyNot, Plan}
)

// FleetSubjects lists what may be asked about the whole fleet, for rights.
func FleetSubjects() []string {
	var all []string
	for _, k := range fleetKinds {
		all = append(all, subjectRoot+"fleet."+string(k))
	}
	return all
}

// TenantSubjects lists what may be asked about one tenant, for rights; * means any.
func TenantSubjects(t event.Tenant) []string {
	var all []string
	for _, k := range tenantKinds {
		all = append(all, subjectRoot+"tenant."+string(t)+"."+string(k))
	}
	return all
}

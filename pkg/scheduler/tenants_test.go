package scheduler

import (
	"cmp"
	"strings"

	"fairlead.dev/pkg/event"
	"github.com/cockroachdb/datadriven"
)

// Script commands about tenants:
//
//	quota NAME [parent=] [weight=] [cpu=] [mem=] [gpu=] [workloads=] [price=] [removed]
//	policy [aging=SECONDS] [classes=NAME:PRIORITY[:preempts],…]
//	succeed CLUSTER T/N [n=] [failed=]   replicas of a job end
//
// submit knows class=, preempts, yields and least= (the fewest replicas worth placing).
func (f *fleet) actTenants(d *datadriven.TestData, first, second string, args map[string]string) bool {
	switch d.Cmd {
	case "quota":
		f.fact(event.Intents, quotaSet(event.Tenant(first), args))
	case "policy":
		f.fact(event.Intents, fleetPolicy(args))
	case "succeed":
		f.succeed(event.ClusterID(first), mustID(f.tb, second), int(number(cmp.Or(args["n"], "-1"))), int(number(args["failed"])))
	default:
		return false
	}
	return true
}

func quotaSet(id event.Tenant, args map[string]string) *event.QuotaSet {
	q := &event.QuotaSet{
		Tenant: id, Parent: event.Tenant(args["parent"]), Weight: int(number(args["weight"])),
		Workloads: int(number(args["workloads"])), MaxPrice: number(args["price"]),
	}
	_, q.Removed = args["removed"]
	limit := event.Resources{CPUMilli: milli(args["cpu"]), MemoryBytes: number(args["mem"]) << 30, GPUMilli: milli(args["gpu"])}
	if limit.CPUMilli > 0 || limit.MemoryBytes > 0 || limit.GPUMilli > 0 {
		q.Limit = &limit
	}
	return q
}

func fleetPolicy(args map[string]string) *event.PolicySet {
	p := &event.PolicySet{AgingSeconds: int(number(args["aging"]))}
	for _, field := range fields(args["classes"]) {
		part := strings.Split(field, ":")
		p.Priorities = append(p.Priorities, event.PriorityClass{Name: part[0], Priority: int(number(part[1])), Preempts: len(part) > 2})
	}
	return p
}

// asTenant adds to a wish what is about tenants.
func asTenant(w *event.WorkloadSubmitted, args map[string]string) {
	w.Policy.PriorityClass, w.Policy.MinReplicas = args["class"], int(number(args["least"]))
	_, w.Policy.Preempts = args["preempts"]
	_, w.Policy.YieldsLast = args["yields"]
}

// succeed tells that n replicas of a job came to an end; -1 means all.
func (f *fleet) succeed(id event.ClusterID, w event.WorkloadID, n, failed int) {
	sc := f.clusters[id]
	o := sc.objects[w]
	if o == nil {
		f.tb.Fatalf("%s does not run %s", id, w)
	}
	if n < 0 {
		n = o.Replicas
	}
	f.fact(event.Status, &event.WorkloadStatusReported{
		Cluster: id, Incarnation: sc.incarnation, Report: sc.report, Tenant: w.Tenant, Workload: w.Name,
		Generation: o.Generation, Token: o.Number, Wanted: o.Replicas, Ready: max(0, o.Replicas-n-failed), Succeeded: n, Failed: failed,
		Last: &event.Settled{Number: o.Number, Outcome: event.OutcomeApplied},
	})
}

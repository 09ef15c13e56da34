package scheduler

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"github.com/cockroachdb/datadriven"
	"github.com/go-json-experiment/json"
	"sigs.k8s.io/yaml"
)

// TestScenarios runs the scripts in testdata. They are tests and documentation at
// once; `go test ./scheduler -rewrite` writes what happens now into them.
//
//	cluster NAME key=value…     a cluster with its agent joins; shapes follow as lines
//	submit TENANT/NAME key=…    a workload is wanted
//	                            its policy may follow as YAML, on top of the keys
//	withdraw TENANT/NAME        it is wanted no more
//	fleet                       the fleet's policy; it follows as YAML
//	score CLUSTER NAME value=N [seconds=N]  a score from outside, and how long it counts
//	settle CLUSTER [through=N]  the cluster carries out its commands
//	report CLUSTER              and says what it has free
//	run                         every cluster settles, reports and has all replicas ready, until all is quiet
//	status CLUSTER T/N [ready=] replicas are ready
//	refuse CLUSTER T/N          the cluster rejects the workload from now on; accept takes it back
//	cordon, drain, uncordon, leave, restart CLUSTER
//	late CLUSTER nth=N          its Nth capacity report comes once more; with status, its Nth status
//	intrude CLUSTER node=N      another user of the cluster takes a node
//	tick [n=N]                  seconds pass
//	die, return CLUSTER         nothing is heard of it, or it goes on (its agent was cut off); restart after a crash
//	pass [n=N]                  seconds pass in which all that live report
//	taint CLUSTER taints=…      its taints are now these
//	label CLUSTER labels=…      its labels are now these
//	limit CLUSTER T/N ready=N   no more than N get ready there, any number without ready;
//	                            with image=I those of the image alone; with stranded the rest cannot be scheduled
//	lease CLUSTER               its orchestrator ends what it runs when it is cut off
//	release CLUSTER T/N         an operator's word that nothing of it is left there
//	quota, policy, succeed      see tenants_test.go
//	price CLUSTER cpu=N mem=N   what its room costs; plan shows what is left of the steering plan
//	steer [valid=SECONDS]       a steering plan is recorded, after what is submitted by the lines that follow
//	explain T/N · whynot T/N CLUSTER · clusters · workloads
//
// Every command but the last four is followed by what the leader records then.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if strings.Contains(path, "rapid") {
			return // what a property left behind
		}
		f := newFleet(t)
		f.standby.patience = 1
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			f.tb = t
			return script(f, d)
		})
	})
}

func script(f *fleet, d *datadriven.TestData) string {
	args := words(d)
	switch d.Cmd {
	case "explain":
		return f.explainWords(d.CmdArgs[0].Key)
	case "whynot":
		return f.whyNotWords(d.CmdArgs[0].Key, event.ClusterID(d.CmdArgs[1].Key))
	case "clusters":
		return f.clusterWords()
	case "workloads":
		return f.workloadWords()
	case "run":
		return f.run()
	case "pass":
		return f.pass(int(number(cmp.Or(args["n"], "1"))))
	case "plan":
		return f.planWords()
	}
	act(f, d, args)
	return tell(f.decide())
}

func act(f *fleet, d *datadriven.TestData, args map[string]string) {
	var first, second string
	if len(d.CmdArgs) > 0 {
		first = d.CmdArgs[0].Key
	}
	if len(d.CmdArgs) > 1 {
		second = d.CmdArgs[1].Key
	}
	c := event.ClusterID(first)
	switch d.Cmd {
	case "cluster":
		f.addCluster(c, args, d.Input)
	case "submit":
		w := spec(f.tb, first, args)
		f.yaml(d.Input, &w.Policy)
		w.Labels = pairs(args["labels"])
		f.fact(event.Intents, w)
	case "fleet":
		set := &event.PolicySet{}
		f.yaml(d.Input, set)
		f.fact(event.Intents, set)
	case "score":
		f.setScore(c, second, args)
	case "withdraw":
		id := mustID(f.tb, first)
		f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: id.Tenant, Name: id.Name})
	case "settle":
		f.settle(c, uint64(number(args["through"])))
	case "report":
		f.report(c)
	case "status":
		f.status(c, mustID(f.tb, second), int(number(cmp.Or(args["ready"], "-1"))))
	case "refuse", "accept":
		f.clusters[c].refuse[mustID(f.tb, second)] = d.Cmd == "refuse"
	case "cordon":
		f.fact(event.Intents, &event.ClusterCordoned{Cluster: c})
	case "uncordon":
		f.fact(event.Intents, &event.ClusterUncordoned{Cluster: c})
	case "drain":
		f.fact(event.Intents, &event.ClusterDrained{Cluster: c})
	case "limit":
		f.clusters[c].limit(mustID(f.tb, second), args)
	case "lease":
		f.clusters[c].rep.Leased = true
		f.report(c)
	case "leave":
		if second == "agent" {
			f.leave(c)
			break
		}
		f.fact(event.Intents, &event.ClusterLeft{Cluster: c})
	case "restart":
		f.hello(c)
	case "late":
		_, status := args["status"]
		f.late(c, int(number(args["nth"])), status)
	case "intrude":
		f.clusters[c].intrude(int(number(args["node"])), true)
	case "tick":
		f.tick(int(number(cmp.Or(args["n"], "1"))))
	case "die", "return":
		f.clusters[c].dead = d.Cmd == "die"
	case "taint":
		f.clusters[c].rep.Taints = taints(args["taints"])
		f.report(c)
	case "lack":
		f.clusters[c].rep.Lacks = features(args["lacks"])
		f.report(c)
	case "label":
		f.clusters[c].rep.Labels = pairs(args["labels"])
		f.report(c)
	case "muffle":
		f.clusters[c].muffled = true
	case "hear":
		f.hear(c)
	case "release":
		id := mustID(f.tb, second)
		f.fact(event.Intents, &event.WorkloadReleased{Tenant: id.Tenant, Name: id.Name, Cluster: c})
	case "price":
		f.fact(event.Intents, &event.PriceSet{Cluster: c, Prices: []event.Price{{CPU: number(args["cpu"]), Memory: number(args["mem"])}}})
	case "steer":
		f.rush(d.Input)
		f.steer(number(cmp.Or(args["valid"], "60")))
	default:
		if !f.actTenants(d, first, second, args) {
			d.Fatalf(f.tb.(*testing.T), "no such command: %s", d.Cmd)
		}
	}
}

// yaml reads what follows a command on top of what is there.
func (f *fleet) yaml(text string, into any) {
	f.tb.Helper()
	if text == "" {
		return
	}
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		err = json.Unmarshal(raw, into, json.RejectUnknownMembers(true))
	}
	if err != nil {
		f.tb.Fatalf("read the YAML: %v", err)
	}
}

func (f *fleet) setScore(c event.ClusterID, name string, args map[string]string) {
	d := &event.ScoreSet{Cluster: c, Name: name, Value: int(number(args["value"]))}
	if seconds := number(args["seconds"]); seconds > 0 {
		d.ValidUntil = f.clock + seconds*1000
	}
	f.fact(event.Intents, d)
}

// late delivers a capacity report or a status of the past again.
func (f *fleet) late(c event.ClusterID, nth int, status bool) {
	for _, e := range f.log {
		d, is := e.Data.(*event.WorkloadStatusReported)
		r, isReport := e.Data.(*event.ClusterCapacityReported)
		if status && is && d.Cluster == c || !status && isReport && r.Cluster == c {
			if nth--; nth == 0 {
				f.fact(e.At.Stream, e.Data)
				return
			}
		}
	}
	f.tb.Fatalf("%s has made fewer reports", c)
}

// run lets the clusters catch up until nothing new is recorded.
func (f *fleet) run() string {
	var out []event.Payload
	for range 50 {
		for _, id := range f.order {
			f.settle(id, 0)
			f.report(id)
			for w := range f.s.workloads {
				f.status(id, w, -1)
			}
		}
		records := f.decide()
		if len(records) == 0 {
			break
		}
		out = append(out, records...)
	}
	for _, id := range f.order {
		if what := f.clusters[id].overdrawn; what != "" {
			return fmt.Sprintf("%s IS OVERDRAWN: %s\n", id, what)
		}
	}
	return tell(out)
}

func (f *fleet) addCluster(id event.ClusterID, args map[string]string, shapes string) {
	sc := &simCluster{objects: map[event.WorkloadID]*event.CommandPlace{}, refuse: map[event.WorkloadID]bool{}, ending: map[event.WorkloadID]ending{}}
	sc.rep = event.ClusterCapacityReported{
		Cluster: id, Orchestrator: cmp.Or(args["orchestrator"], "kubernetes"), Provider: args["provider"], Region: args["region"], Zone: args["zone"],
		Labels: pairs(args["labels"]), Taints: taints(args["taints"]), Lacks: features(args["lacks"]),
	}
	for _, k := range strings.Split(cmp.Or(args["kinds"], "service,job"), ",") {
		sc.rep.Kinds = append(sc.rep.Kinds, event.Kind(k))
	}
	for line := range strings.Lines(shapes) {
		sc.rep.Shapes = append(sc.rep.Shapes, shape(strings.Fields(line)))
	}
	sc.boot()
	if f.clusters[id] == nil {
		f.order = append(f.order, id)
	}
	f.clusters[id] = sc
	f.hello(id)
	f.decide()
	f.settle(id, 0)
	f.report(id)
}

// shape reads "NAME nodes=4 cpu=4 mem=8 gpus=2 arch=amd64 labels=a:b taints=k=v:NoSchedule".
func shape(fields []string) event.NodeShape {
	args := map[string]string{}
	for _, field := range fields[1:] {
		k, v, _ := strings.Cut(field, "=")
		args[k] = v
	}
	sh := event.NodeShape{
		Name: fields[0], Nodes: int(number(cmp.Or(args["nodes"], "1"))), CPUMilli: milli(args["cpu"]), MemoryBytes: number(args["mem"]) << 30,
		GPUs: int(number(args["gpus"])), Arch: args["arch"], Labels: pairs(args["labels"]), Taints: taints(args["taints"]),
	}
	free := event.FreeNodes{Nodes: sh.Nodes, CPUMilli: sh.CPUMilli, MemoryBytes: sh.MemoryBytes}
	for range sh.GPUs {
		free.GPUs = append(free.GPUs, room.Device)
	}
	sh.Free = []event.FreeNodes{free}
	return sh
}

func spec(tb failer, name string, args map[string]string) *event.WorkloadSubmitted {
	id := mustID(tb, name)
	w := &event.WorkloadSubmitted{Tenant: id.Tenant, Name: id.Name, Kind: event.Kind(cmp.Or(args["kind"], "service")), Replicas: int(number(cmp.Or(args["replicas"], "1")))}
	w.Template.Image = cmp.Or(args["image"], "registry.example/app:1")
	w.Template.Resources = event.Resources{CPUMilli: milli(args["cpu"]), MemoryBytes: number(args["mem"]) << 30, GPUMilli: milli(args["gpu"])}
	if args["arch"] != "" {
		w.Template.Architectures = strings.Split(args["arch"], ",")
	}
	for _, secret := range fields(args["secrets"]) {
		w.Template.References = append(w.Template.References, event.Reference{Name: secret, Secret: true})
	}
	w.Policy = event.Policy{
		Strategy: event.Strategy(cmp.Or(args["strategy"], "spread")), Clusters: requirements(args["where"]), Nodes: requirements(args["nodes"]),
		Regions: fields(args["regions"]), Residency: fields(args["residency"]), Orchestrators: fields(args["orchestrators"]),
		MaxPerCluster: int(number(args["max"])), MaxClusters: int(number(args["clusters"])), Priority: int(number(args["priority"])),
	}
	asTenant(w, args)
	w.Plan = planned(args)
	for _, t := range taints(args["tolerates"]) {
		w.Policy.Tolerations = append(w.Policy.Tolerations, event.Toleration{Key: t.Key, Operator: event.TolerationOperatorEqual, Value: t.Value, Effect: t.Effect})
	}
	for _, part := range fields(args["weights"]) {
		c, n, _ := strings.Cut(part, ":")
		w.Policy.Weights = append(w.Policy.Weights, event.Weight{Weight: int(number(n)), Clusters: []event.Requirement{{Key: labelCluster, Operator: event.OperatorIn, Values: []string{c}}}})
	}
	return w
}

// planned reads plan=(eu:2,us:1) against=GENERATION price=MICRO.
func planned(args map[string]string) *event.Planned {
	if args["plan"] == "" {
		return nil
	}
	p := &event.Planned{Generation: uint64(number(args["against"])), Price: number(args["plan-price"])}
	for _, part := range fields(args["plan"]) {
		c, n, _ := strings.Cut(part, ":")
		p.Assignments = append(p.Assignments, event.PlannedAssignment{Cluster: event.ClusterID(c), Replicas: int(number(n))})
	}
	return p
}

func words(d *datadriven.TestData) map[string]string {
	out := map[string]string{}
	for _, a := range d.CmdArgs {
		out[a.Key] = strings.Join(a.Vals, ",")
	}
	return out
}

func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func features(s string) (out []event.Feature) {
	for _, name := range fields(s) {
		out = append(out, event.Feature(name))
	}
	return out
}

func pairs(s string) map[string]string {
	out := map[string]string{}
	for _, f := range fields(s) {
		k, v, _ := strings.Cut(f, ":")
		out[k] = v
	}
	return out
}

// taints reads key/value/effect, separated by commas.
func taints(s string) []event.Taint {
	var out []event.Taint
	for _, f := range fields(s) {
		p := strings.Split(f, "/")
		out = append(out, event.Taint{Key: p[0], Value: p[1], Effect: event.TaintEffect(p[2])})
	}
	return out
}

// requirements reads key:In:a|b or key:Exists, separated by commas.
func requirements(s string) []event.Requirement {
	var out []event.Requirement
	for _, f := range fields(s) {
		p := strings.Split(f, ":")
		r := event.Requirement{Key: p[0], Operator: event.Operator(p[1])}
		if len(p) > 2 {
			r.Values = strings.Split(p[2], "|")
		}
		out = append(out, r)
	}
	return out
}

func number(s string) int64 {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// milli reads 2 or 0.5 or 500m in thousandths.
func milli(s string) int64 {
	if m, ok := strings.CutSuffix(s, "m"); ok {
		return number(m)
	}
	return number(s) * 1000
}

func mustID(tb failer, s string) event.WorkloadID {
	id, err := event.ParseWorkloadID(s)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

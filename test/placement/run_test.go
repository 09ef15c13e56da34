package placement

import (
	"errors"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	service "fairlead.dev/services/placement"
)

// A submission becomes a decision and a command, linked by ids alone, and a restart
// continues where the last instance ended.
func TestSubmitDecideCommandRestart(t *testing.T) {
	f := newFleet(t)
	first := f.lead()
	f.join("eu-1")
	f.submit("web", 1)
	last := f.records(1, func(e event.Event) bool { _, ok := e.Data.(*event.CommandPlace); return ok })
	command := last[len(last)-1]
	decision := find[*event.PlacementDecided](t, last, func(d *event.PlacementDecided) bool { return d.Verdict == event.VerdictPlaced })
	if command.Causation != decision.ID || command.Correlation != "submit-web-0" || decision.Causation != "submit-web-0" {
		t.Errorf("chain is broken: command by %q of %q, decision %q by %q", command.Causation, command.Correlation, decision.ID, decision.Causation)
	}
	if command.Trace.Parent == "" || command.ID != "c_eu-1_1" {
		t.Errorf("command %q has trace %q", command.ID, command.Trace.Parent)
	}
	f.end(first)

	second := f.lead()
	f.submit("api", 2)
	f.consistent(f.placed(3))
	f.end(second)
	f.sameAsFolded()
}

func find[T event.Payload](t *testing.T, all []event.Event, is func(T) bool) event.Event {
	t.Helper()
	for _, e := range all {
		if d, ok := e.Data.(T); ok && is(d) {
			return e
		}
	}
	t.Fatalf("no such %T", *new(T))
	return event.Event{}
}

// A second instance does not depose the first because it was started; when the first is
// stopped it leads, and the first appends nothing after that.
func TestOneLeadsTheOtherStandsBy(t *testing.T) {
	f := newFleet(t)
	first := f.lead(func(c *service.Config) { c.Instance = "a" })
	f.join("eu-1")
	f.submit("before", 10)
	f.placed(10)
	second, hot := f.standby("b")
	f.await(hot)
	f.submit("meanwhile", 10)
	f.placed(20)
	f.end(first)
	f.await(second.ready)
	f.submit("after", 10)
	all := f.placed(30)
	f.consistent(all)
	begun := false
	for _, e := range all {
		if d, ok := e.Data.(*event.EpochStarted); ok && d.Epoch == 2 {
			begun = true
		}
		if want := map[bool]string{false: "a", true: "b"}[begun]; e.Source != event.PlacementSource(want) {
			t.Errorf("record %d is by %s, epoch 2 begun: %t", e.At.Sequence, e.Source, begun)
		}
	}
	f.end(&second.term)
	f.sameAsFolded()
}

// standby starts an instance and gives what is closed once it has folded the log.
func (f *fleet) standby(name string, change ...func(*service.Config)) (*starting, <-chan struct{}) {
	f.t.Helper()
	hot := make(chan struct{})
	once := sync.OnceFunc(func() { close(hot) })
	change = append(change, func(c *service.Config) {
		c.Instance = name
		c.Hot = func(is bool, _ string) {
			if is {
				once()
			}
		}
	})
	return f.start(change...), hot
}

// await waits for something to be closed.
func (f *fleet) await(c <-chan struct{}) {
	f.t.Helper()
	select {
	case <-c:
	case <-f.soon().Done():
		f.t.Fatal("it does not happen")
	}
}

// What is no event is kept as a dead letter with its reason and stops nothing.
func TestDeadLetters(t *testing.T) {
	f := newFleet(t)
	f.lead()
	bad := map[string]*nats.Msg{
		event.NotAnEvent:   {Subject: "fairlead.intents.tenant.shop.workload.submitted", Data: []byte("hello")},
		event.WrongSource:  f.foreign("fairlead.capacity.cluster.eu-1.cluster.capacity.reported", "/clusters/eu-2/agent"),
		event.WrongSubject: f.foreign("fairlead.capacity.cluster.eu-2.cluster.capacity.reported", "/clusters/eu-1/agent"),
	}
	for _, m := range bad {
		if _, err := f.js.PublishMsg(f.soon(), m); err != nil {
			t.Fatal(err)
		}
	}
	f.join("eu-1")
	f.submit("web", 1)
	f.placed(1)
	reasons, err := f.log.LetterCounts(f.soon())
	if err != nil {
		t.Fatal(err)
	}
	for reason := range bad {
		if reasons[reason] != 1 {
			t.Errorf("%d dead letters for %s, want 1 (all: %v)", reasons[reason], reason, reasons)
		}
	}
}

// foreign is a capacity report of cluster eu-1 under another subject or source.
func (f *fleet) foreign(subject, source string) *nats.Msg {
	f.t.Helper()
	e := event.New(event.AgentSource("eu-1"), &event.ClusterCapacityReported{
		Cluster: "eu-1", Incarnation: 1, Report: 1, Orchestrator: "scripted",
		Kinds: []event.Kind{event.KindService}, Shapes: []event.NodeShape{},
	})
	e.ID = "foreign"
	m, err := event.Encode(e)
	if err != nil {
		f.t.Fatal(err)
	}
	m.Subject = subject
	m.Header.Set("ce-source", source)
	return m
}

// The query service answers from the state, in pages, and says what it does not know.
func TestQueries(t *testing.T) {
	f := newFleet(t)
	ask := query.New(f.nc)
	if _, _, err := ask.Status(f.soon()); !errors.As(err, new(*query.Unreachable)) {
		t.Errorf("without placement: %v", err)
	}
	f.lead()
	f.join("eu-1")
	f.submit("web", 1200)
	f.placed(1200)

	status, asked, err := ask.Status(f.soon())
	if err != nil || status.Epoch != 1 || status.Decided < 1200 || asked.State == 0 {
		t.Errorf("status %+v as of %+v: %v", status, asked, err)
	}
	clusters, _, err := ask.Clusters(f.soon())
	if err != nil || len(clusters) != 1 || clusters[0].Workloads != 1200 {
		t.Errorf("clusters %+v: %v", clusters, err)
	}
	for tenant, want := range map[event.Tenant]int{"": 1200, "shop": 1200, "other": 0} {
		all, _, err := ask.Workloads(f.soon(), tenant)
		if err != nil || len(all) != want {
			t.Errorf("%d workloads of %q: %v", len(all), tenant, err)
		}
	}
	w, _, err := ask.Workload(f.soon(), event.WorkloadID{Tenant: "shop", Name: "web-7"})
	if err != nil || w.Verdict != event.VerdictPlaced {
		t.Errorf("workload %+v: %v", w, err)
	}
	why, _, err := ask.Explain(f.soon(), event.WorkloadID{Tenant: "shop", Name: "web-7"})
	if err != nil || len(why.Clusters) != 1 {
		t.Errorf("explanation %+v: %v", why, err)
	}
	plan := submission("shop", "new").Data.(*event.WorkloadSubmitted)
	would, _, err := ask.Plan(f.soon(), plan)
	if err != nil || would.Verdict != event.VerdictPlaced {
		t.Errorf("plan %+v: %v", would, err)
	}
	if _, _, err := ask.Workload(f.soon(), event.WorkloadID{Tenant: "shop", Name: "none"}); !errors.As(err, new(*query.NotFound)) {
		t.Errorf("unknown workload: %v", err)
	}
	plan.Replicas = -1
	if _, _, err := ask.Plan(f.soon(), plan); !errors.As(err, new(*query.Invalid)) {
		t.Errorf("invalid plan: %v", err)
	}
}

// An outage of the broker ends nothing: the same term goes on when it is back.
func TestBrokerOutage(t *testing.T) {
	f := newFleet(t)
	term := f.lead()
	f.join("eu-1")
	f.submit("before", 5)
	f.placed(5)
	back := f.nc.StatusChanged(nats.CONNECTED)
	f.stopBroker()
	f.startBroker()
	<-back
	f.submit("after", 5)
	all := f.placed(10)
	f.consistent(all)
	epochs := 0
	for _, e := range all {
		if _, ok := e.Data.(*event.EpochStarted); ok {
			epochs++
		}
	}
	if epochs != 1 {
		t.Errorf("%d epochs", epochs)
	}
	f.end(term)
	f.sameAsFolded()
}

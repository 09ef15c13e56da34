package placement

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

// A decision without a valid form on the wire is found when its batch is encoded, long
// after it was applied. Nothing takes its place in the log, and the next term holds it.
func TestInvalidDecisionIsHeld(t *testing.T) {
	s := placed(t, func(c *Config) { c.BatchMessages = 2 })
	for _, name := range []string{"web", "api", "job"} {
		s.submit(name)
	}
	s.read()
	if len(s.orders) != 3 {
		t.Fatalf("%d batches", len(s.orders))
	}
	delete(s.written, s.orders[1]) // which is changed on purpose
	head := s.orders[1].records[0]
	broken := *head.event.Data.(*event.PlacementDecided)
	broken.Verdict = "wished"
	head.event.Data = &broken
	s.deliver()
	var why *errUnacceptable
	if !errors.As(s.stopped, &why) || why.workload != head.about {
		t.Fatalf("stepped down with %v, want the refusal of %s", s.stopped, head.about)
	}
	s.hold[why.refusedDecision] = why.why
	s.begin()
	s.settle()
	for _, name := range []string{"web", "api", "job"} {
		want := event.VerdictPlaced
		if name == string(head.about.Name) {
			want = event.VerdictHeld
		}
		if got := s.verdicts(name); got[want] != 1 || len(got) != 1 {
			t.Errorf("%s: %v, want %s alone", name, got, want)
		}
	}
	s.sound()
}

// What is invalid even as held would be refused for ever: the service ends instead.
func TestInvalidHoldEnds(t *testing.T) {
	s := placed(t)
	s.submit("web")
	s.read()
	head := s.orders[0].records[0]
	s.hold[refusedDecision{head.about, head.generation}] = "refused before"
	broken := *head.event.Data.(*event.PlacementDecided)
	broken.Engine = ""
	head.event.Data = &broken
	s.deliver()
	if bad := new(event.Invalid); !errors.As(s.stopped, &bad) || errors.As(s.stopped, new(*errUnacceptable)) {
		t.Errorf("stepped down with %v, want what is invalid", s.stopped)
	}
}

// A batch that was not sent leaves a hole which nothing behind it may fill.
func TestNothingTakesThePlaceOfWhatWasNotSent(t *testing.T) {
	s := placed(t, func(c *Config) { c.BatchMessages = 2 })
	s.submit("web")
	s.submit("api")
	s.read()
	first, second := s.orders[0], s.orders[1]
	first.records[0].event.ID = ""
	before := len(s.log())
	s.append(first)
	if s.append(second); len(s.log()) != before {
		t.Errorf("%d records were stored behind a batch that was not sent", len(s.log())-before)
	}
}

// The bound that stands in for the bytes is never below them.
func TestBoundIsGenerous(t *testing.T) {
	awkward := strings.Repeat("\"\\<é\u2028&%", 40)
	s := placed(t)
	web := event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(strings.Repeat("w", 63))}
	submission := &event.WorkloadSubmitted{
		Tenant: web.Tenant, Name: web.Name, Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: awkward, Env: map[string]string{awkward: awkward}, Args: []string{awkward}},
		Labels:   map[string]string{awkward: awkward},
	}
	e := event.New(event.SubmitterSource(web.Tenant, "test"), submission)
	e.ID = "submit"
	wish, err := event.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	s.loop.notes.workloads[web] = &origin{
		Submit: strings.Repeat("%", 300), Cause: awkward, Size: len(wish.Data),
		Trace: event.Trace{Parent: strings.Repeat("%", 99), State: awkward},
	}
	for n := range 40 {
		for _, p := range []event.Payload{wideDecision(web, awkward, n), wideCommand(submission, awkward, n)} {
			r := s.loop.record(p)
			if err := r.encode(nil); err != nil {
				t.Fatal(err)
			}
			if size := r.msg.Size(); size > r.size {
				t.Errorf("%s of %d parts takes %d bytes, its bound is %d", p.EventType(), n, size, r.size)
			}
		}
	}
}

func wideDecision(w event.WorkloadID, text string, n int) *event.PlacementDecided {
	d := &event.PlacementDecided{
		Tenant: w.Tenant, Workload: w.Name, Verdict: event.VerdictHeld, Engine: text[:8], Reason: text,
		Generation: event.MaxInteger, Epoch: event.MaxInteger, Observed: event.MaxInteger, NotBefore: event.MaxInteger,
		Positions: event.Positions{Intents: event.MaxInteger, Status: event.MaxInteger, Capacity: event.MaxInteger},
	}
	for i := range n {
		c := event.ClusterID(fmt.Sprintf("c%061d", i))
		d.Assignments = append(d.Assignments, event.Assignment{
			Cluster: c, Command: event.MaxInteger, Incarnation: event.MaxInteger, Replicas: 1_000_000, Leaving: 999_999,
			Score: -event.MaxInteger, Shapes: wideShapes(text, n),
		})
		d.Refusals = append(d.Refusals, event.Refusal{
			Check: text[:8], Clusters: 1_000_000, Have: -event.MaxInteger, Need: -event.MaxInteger, Nearest: c, Message: text,
		})
	}
	return d
}

func wideCommand(w *event.WorkloadSubmitted, text string, n int) *event.CommandPlace {
	return &event.CommandPlace{
		Tenant: w.Tenant, Workload: w.Name, Kind: w.Kind, Cluster: event.ClusterID(strings.Repeat("c", 63)),
		Incarnation: event.MaxInteger, Number: event.MaxInteger, Epoch: event.MaxInteger, Generation: event.MaxInteger,
		Replicas: 1_000_000, Template: w.Template, Labels: w.Labels, Shapes: wideShapes(text, n),
	}
}

func wideShapes(text string, n int) []event.ShapeUse {
	var uses []event.ShapeUse
	for i := range n {
		uses = append(uses, event.ShapeUse{Shape: fmt.Sprintf("%s%d", text[:100], i), Replicas: 1_000_000})
	}
	return uses
}

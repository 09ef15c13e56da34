package live

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/test/openb/trace"
)

const tenant event.Tenant = "openb"

// start is the store time of the first event, in ms since 1970.
const start = 1_700_000_000_000

// Config says how stale the core's knowledge is.
type Config struct {
	InFlight int     // commands of a cluster that are under way before the oldest is carried out
	Every    int     // commands that a cluster carries out between two reports
	Keep     bool    // keep the log, so that it can be replayed
	Others   *Others // whom an oracle expects; nil: none is asked
}

// Fleet is the core and its clusters.
type Fleet struct {
	Commands int     // told to clusters
	Placings int     // of those, to place
	Rejected int     // of those, by clusters without room for them
	Chance   float64 // of rejections, in sum, as an oracle sees it before a command is told
	Least    float64 // the same, had each command gone where it is safest
	Wrong    []string

	cfg   Config
	state *scheduler.State
	heads map[event.Stream]uint64
	clock int64
	log   []event.Event
	sites []*site
	by    map[event.ClusterID]*site
	last  map[event.WorkloadID]event.Verdict
	asked map[event.WorkloadID]trace.Pod
}

// New is a fleet whose clusters have said hello and have reported. groups[i] are the
// nodes of cluster i, as positions in machines.
func New(cfg Config, machines []trace.Machine, groups [][]int) *Fleet {
	f := &Fleet{
		cfg: cfg, state: scheduler.New(scheduler.DefaultConfig()), heads: map[event.Stream]uint64{}, clock: start,
		by: map[event.ClusterID]*site{}, last: map[event.WorkloadID]event.Verdict{}, asked: map[event.WorkloadID]trace.Pod{},
	}
	f.record(&event.EpochStarted{Epoch: 1, Leader: "quality", Engine: scheduler.Engine, Streams: map[string]string{"INTENTS": "a"}})
	f.Tick()
	for i, nodes := range groups {
		s := newSite(f, i, machines, nodes)
		f.sites, f.by[s.id] = append(f.sites, s), s
		s.incarnation = f.fact(event.Intents, &event.AgentStarted{Cluster: s.id, Instance: "quality", Orchestrator: "simulated"})
	}
	f.run()
	for _, s := range f.sites {
		s.report()
	}
	f.run()
	return f
}

// fact gives a payload its place in the log, and the core reads it.
func (f *Fleet) fact(stream event.Stream, p event.Payload) uint64 {
	if err := p.Validate(); err != nil {
		f.wrong("invalid %s: %v", p.EventType(), err)
	}
	f.heads[stream]++
	e := event.Event{Data: p, At: event.At{Stream: stream, Sequence: f.heads[stream], Stored: time.UnixMilli(f.clock)}}
	if f.cfg.Keep {
		f.log = append(f.log, e)
	}
	f.state.Apply(e)
	return e.At.Sequence
}

func (f *Fleet) wrong(format string, args ...any) {
	f.Wrong = append(f.Wrong, fmt.Sprintf(format, args...))
}

func (f *Fleet) record(p event.Payload) { f.fact(event.Placements, p) }

// longest is how long a cluster is silent at most, in ms, and slowest how long a command
// is under way at most.
const (
	longest = 10_000
	slowest = 2_000
)

// Tick lets a second pass. What has been under way for long is carried out, and who has
// been silent for long reports.
func (f *Fleet) Tick() {
	f.clock += 1000
	f.record(f.state.Tick(time.UnixMilli(f.clock)))
	for _, s := range f.sites {
		s.settle(s.late())
		if f.clock-s.spoke >= longest {
			s.report()
		}
	}
	f.run()
}

// run decides until nothing is to be done, and lets the clusters carry it out.
func (f *Fleet) run() {
	for {
		p := f.state.Decide()
		if p == nil {
			return
		}
		f.record(p)
		f.deliver(p)
	}
}

func (f *Fleet) deliver(p event.Payload) {
	switch d := p.(type) {
	case *event.PlacementDecided:
		f.last[d.ID()] = d.Verdict
	case *event.CommandSynchronise:
		s := f.by[d.Cluster]
		s.settled = d.Through
		s.known = d.Through
	case *event.CommandPlace:
		f.Commands++
		f.Placings++
		f.foresee(d)
		f.by[d.Cluster].tell(d.Number, p)
	case *event.CommandWithdraw:
		f.Commands++
		f.by[d.Cluster].tell(d.Number, p)
	}
}

// Submit asks for one replica and says whether the core placed it.
func (f *Fleet) Submit(name string, p trace.Pod) bool {
	w := &event.WorkloadSubmitted{
		Tenant: tenant, Name: event.WorkloadName(name), Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "registry.example/openb:1", Resources: p.Resources},
		Policy:   event.Policy{Strategy: event.StrategyPack, Nodes: p.Requirements()},
	}
	f.asked[w.ID()] = p
	f.fact(event.Intents, w)
	f.run()
	return f.Placed(name)
}

// Placed says whether the last decision on a workload gave it a place.
func (f *Fleet) Placed(name string) bool {
	switch f.last[event.WorkloadID{Tenant: tenant, Name: event.WorkloadName(name)}] {
	case event.VerdictPlaced, event.VerdictMoved, event.VerdictScaled, event.VerdictUpdated:
		return true
	}
	return false
}

// Withdraw ends a workload.
func (f *Fleet) Withdraw(name string) {
	f.fact(event.Intents, &event.WorkloadWithdrawn{Tenant: tenant, Name: event.WorkloadName(name)})
	f.run()
}

// Settle carries out everything under way, and lets all clusters report.
func (f *Fleet) Settle() {
	for busy := true; busy; {
		busy = false
		for _, s := range f.sites {
			if len(s.inbox) > 0 {
				busy = true
				s.settle(len(s.inbox))
			}
			s.report()
		}
		f.run()
	}
}

// Allocated is the GPU that runs on the clusters, in thousandths.
func (f *Fleet) Allocated() int64 {
	out := int64(0)
	for _, s := range f.sites {
		for _, r := range s.runs {
			out += r.request.GPUMilli
		}
	}
	return out
}

// Replay decides everything again from the log, and compares the bytes.
func (f *Fleet) Replay() error {
	s := scheduler.New(scheduler.DefaultConfig())
	for i, e := range f.log {
		switch e.Data.(type) {
		case *event.EpochStarted, *event.PlacementTicked:
		default:
			if e.At.Stream == event.Placements {
				if err := same(s.Decide(), e.Data); err != nil {
					return fmt.Errorf("record %d of the log: %w", i, err)
				}
			}
		}
		s.Apply(e)
	}
	if a, b := s.Digest(), f.state.Digest(); a != b {
		return fmt.Errorf("the states differ: %v, %v", a, b)
	}
	return nil
}

func same(again, recorded event.Payload) error {
	if again == nil {
		return fmt.Errorf("nothing is decided where %s was", recorded.EventType())
	}
	a, err := encode(again)
	if err != nil {
		return err
	}
	b, err := encode(recorded)
	if err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("decided again:\n%s\nrecorded:\n%s", a, b)
	}
	return nil
}

func encode(p event.Payload) ([]byte, error) {
	e := event.New("/quality", p)
	e.ID = "same"
	msg, err := event.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", p.EventType(), err)
	}
	return msg.Data, nil
}

// Check compares what runs with what was decided last.
func (f *Fleet) Check() []string {
	out := slices.Clone(f.Wrong)
	running := map[event.WorkloadID]int{}
	for _, s := range f.sites {
		for id := range s.runs {
			running[id]++
		}
		if s.settled != s.known {
			out = append(out, fmt.Sprintf("%s settled %d of %d commands", s.id, s.settled, s.known))
		}
	}
	for id := range f.last {
		if placed := f.Placed(string(id.Name)); placed != (running[id] == 1) {
			out = append(out, fmt.Sprintf("%s placed %t runs %d times", id, placed, running[id]))
		}
	}
	return out
}

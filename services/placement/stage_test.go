package placement

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// stage drives the step function over the log in memory, one input at a time: what a
// test does not call does not happen.
type stage struct {
	t      *testing.T
	mem    *stream.Memory
	cfg    Config
	hold   map[refusedDecision]string
	now    time.Time
	agents map[event.ClusterID]*clusterAgent

	loop    *loop
	chain   *chain
	orders  []*batch
	looks   []look
	saves   []stream.Checkpoint
	stopped error

	written map[*batch][][]byte // what the records of each batch said when it was ordered
}

// clusterAgent settles every command as soon as it is told to report.
type clusterAgent struct{ incarnation, report, applied uint64 }

func newStage(t *testing.T, change ...func(*Config)) *stage {
	t.Helper()
	s := &stage{
		t: t, hold: map[refusedDecision]string{}, now: time.Unix(1_700_000_000, 0),
		agents:  map[event.ClusterID]*clusterAgent{},
		written: map[*batch][][]byte{},
		cfg:     Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}.Defaults(),
	}
	s.mem = stream.NewMemory(stream.MemoryConfig{Now: func() time.Time { return s.now }})
	for _, c := range change {
		c(&s.cfg)
	}
	s.begin()
	return s
}

// begin folds the log and begins an epoch, as a process that starts does.
func (s *stage) begin() {
	s.t.Helper()
	h, me := elect(s.t, s.mem, s.cfg)
	s.loop = newLoop(s.cfg, h, me, s.hold)
	s.orders, s.looks, s.saves, s.stopped = nil, nil, nil, nil
	s.newChain(me.at)
}

func (s *stage) newChain(after uint64) {
	shell := shell{log: s.mem, loop: s.loop}
	s.chain = shell.chain(after)
}

// step gives the loop an input, lets it go on for as long as it wants to, and keeps the
// effects for later. Those it returns are of all these steps together.
func (s *stage) step(in input) effects {
	s.t.Helper()
	all := s.one(in)
	for all.more {
		all = all.and(s.one(goOn{}))
	}
	return all
}

// and is e with what came after it.
func (e effects) and(later effects) effects {
	later.restart = later.restart || e.restart
	later.appends = append(e.appends, later.appends...)
	later.look = cmp.Or(later.look, e.look)
	later.save = cmp.Or(later.save, e.save)
	later.answers = append(e.answers, later.answers...)
	later.solve = cmp.Or(later.solve, e.solve)
	return later
}

func (s *stage) one(in input) effects {
	s.t.Helper()
	out := s.loop.step(in)
	if out.restart {
		s.newChain(s.loop.acked)
	}
	s.orders = append(s.orders, out.appends...)
	for _, b := range out.appends {
		if s.written[b] == nil {
			s.written[b] = said(b)
		}
	}
	if out.look != nil {
		s.looks = append(s.looks, *out.look)
	}
	if out.save != nil {
		c, err := out.save.checkpoint()
		if err != nil {
			s.t.Fatal(err)
		}
		s.saves = append(s.saves, c)
	}
	if out.stop != nil {
		s.stopped = out.stop
	}
	return out
}

// publish stores a fact.
func (s *stage) publish(id, source string, p event.Payload) uint64 {
	s.t.Helper()
	e := event.New(source, p)
	e.ID = id
	seq, err := s.mem.Publish(s.t.Context(), e)
	if err != nil {
		s.t.Fatal(err)
	}
	return seq
}

// submit wants one replica.
func (s *stage) submit(name string) { s.submitSized(name, 1) }

func (s *stage) submitSized(name string, bytes int) {
	s.t.Helper()
	env := map[string]string{"FILL": fmt.Sprintf("%0*d", bytes, 0)}
	s.publish("submit-"+name, event.SubmitterSource("shop", "test"), &event.WorkloadSubmitted{
		Tenant: "shop", Name: event.WorkloadName(name), Kind: event.KindService, Replicas: 1,
		Template: event.Template{Image: "registry.example/web:1", Env: env, Resources: event.Resources{CPUMilli: 100}},
	})
}

func (s *stage) withdraw(name string) {
	s.t.Helper()
	s.publish("withdraw-"+name, event.SubmitterSource("shop", "test"),
		&event.WorkloadWithdrawn{Tenant: "shop", Name: event.WorkloadName(name)})
}

// hello starts a new incarnation of a cluster's agent.
func (s *stage) hello(c event.ClusterID) {
	s.t.Helper()
	id := fmt.Sprintf("%s/hello/%d", c, s.now.UnixNano())
	s.agents[c] = &clusterAgent{incarnation: s.publish(id, event.AgentSource(c),
		&event.AgentStarted{Cluster: c, Instance: "scripted", Orchestrator: "scripted"})}
}

// report lets every agent that was answered settle its commands and say what is free.
func (s *stage) report() {
	s.t.Helper()
	for _, e := range s.log() {
		switch d := e.Data.(type) {
		case *event.CommandSynchronise:
			if a := s.agents[d.Cluster]; a != nil && a.incarnation == d.Incarnation {
				a.applied, a.report = max(a.applied, d.First-1), max(a.report, 1)
			}
		case *event.CommandPlace:
			s.agents[d.Cluster].settle(d.Incarnation, d.Number)
		case *event.CommandWithdraw:
			s.agents[d.Cluster].settle(d.Incarnation, d.Number)
		}
	}
	for _, c := range []event.ClusterID{"eu-1", "us-1"} {
		if a := s.agents[c]; a != nil && a.report > 0 {
			s.capacity(c, a)
		}
	}
}

func (a *clusterAgent) settle(incarnation, number uint64) {
	if a.incarnation == incarnation {
		a.applied = max(a.applied, number)
	}
}

func (s *stage) capacity(c event.ClusterID, a *clusterAgent) {
	a.report++
	s.publish(fmt.Sprintf("%s/%d/%d", c, a.incarnation, a.report), event.AgentSource(c), &event.ClusterCapacityReported{
		Cluster: c, Incarnation: a.incarnation, Report: a.report, AppliedThrough: a.applied,
		Orchestrator: "scripted", Kinds: []event.Kind{event.KindService},
		Shapes: []event.NodeShape{{
			Name: "big", Nodes: 1, CPUMilli: 10_000_000, MemoryBytes: 1 << 46,
			Free: []event.FreeNodes{{Nodes: 1, CPUMilli: 10_000_000, MemoryBytes: 1 << 46}},
		}},
	})
}

// read hands the loop everything that is in the streams of facts.
func (s *stage) read() {
	s.t.Helper()
	for _, name := range factStreams {
		messages, err := s.mem.Tail(s.t.Context(), name, s.loop.read[name]+1)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(messages) > 0 {
			got, _ := sift(name, hear(messages, nil))
			s.step(got)
		}
	}
}

// tick lets a second pass.
func (s *stage) tick() {
	s.now = s.now.Add(time.Second)
	s.step(clock{stored: s.now})
}

// deliver appends what the loop ordered, and what that leads to, until it is quiet.
func (s *stage) deliver() {
	s.t.Helper()
	for s.stopped == nil && len(s.orders)+len(s.looks) > 0 {
		if len(s.orders) > 0 {
			b := s.orders[0]
			s.orders = s.orders[1:]
			s.append(b)
			continue
		}
		at := s.looks[0]
		s.looks = s.looks[1:]
		at.wait = 0
		shell := shell{log: s.mem, cfg: s.cfg}
		s.step(shell.look(s.t.Context(), at))
	}
}

// append appends one batch and tells the loop what became of it.
func (s *stage) append(b *batch) effects {
	s.t.Helper()
	return s.step(appended{b, s.chain.append(s.t.Context(), b).wait(s.t.Context())})
}

// settle lets everything happen that wants to.
func (s *stage) settle() {
	s.t.Helper()
	for range 4 {
		s.read()
		s.deliver()
		s.report()
	}
	s.read()
	s.deliver()
}

// log is every record that PLACEMENTS keeps.
func (s *stage) log() []event.Event {
	s.t.Helper()
	messages, err := s.mem.Tail(s.t.Context(), event.Placements, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []event.Event
	for _, m := range messages {
		e, err := m.Event()
		if err != nil {
			s.t.Fatalf("record %d: %v", m.At.Sequence, err)
		}
		all = append(all, e)
	}
	return all
}

// sound checks what must hold of every log, that no event changed after it was applied,
// and that a fold of the log, with the facts that the loop has read, is the state of the
// loop.
func (s *stage) sound() {
	s.t.Helper()
	numbers := map[event.ClusterID]uint64{}
	for _, e := range s.log() {
		var c event.ClusterID
		var number uint64
		switch d := e.Data.(type) {
		case *event.CommandPlace:
			c, number = d.Cluster, d.Number
		case *event.CommandWithdraw:
			c, number = d.Cluster, d.Number
		default:
			continue
		}
		if number != numbers[c]+1 {
			s.t.Errorf("record %d: command %d of %s follows %d", e.At.Sequence, number, c, numbers[c])
		}
		numbers[c] = number
	}
	for b, before := range s.written {
		for i, now := range said(b) {
			if !bytes.Equal(now, before[i]) {
				s.t.Errorf("record %d has changed since it was made:\nwas %s\nis  %s", b.first+uint64(i), before[i], now)
			}
		}
	}
	if s.folded() != s.loop.state.Digest() {
		s.t.Error("the state of the loop is not the fold of the log")
	}
}

// said is what the events of a batch say now, nothing for what has no form on the wire.
func said(b *batch) [][]byte {
	var all [][]byte
	for _, r := range b.records {
		msg, err := event.Encode(r.event)
		if err != nil {
			msg = &nats.Msg{}
		}
		all = append(all, msg.Data)
	}
	return all
}

func (s *stage) folded() [32]byte {
	s.t.Helper()
	h, err := rebuild(s.t.Context(), s.mem, s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	defer h.close()
	for _, name := range factStreams {
		if err := h.feeds[name].through(s.t.Context(), s.loop.read[name], h.applyFact); err != nil {
			s.t.Fatal(err)
		}
	}
	return h.state.Digest()
}

// verdicts counts the decisions about a workload by verdict.
func (s *stage) verdicts(name string) map[event.Verdict]int {
	got := map[event.Verdict]int{}
	for _, e := range s.log() {
		if d, ok := e.Data.(*event.PlacementDecided); ok && string(d.Workload) == name {
			got[d.Verdict]++
		}
	}
	return got
}

// failing makes the next n appends of the memory end with a fault.
func (s *stage) failing(n int, f stream.Fault) {
	s.mem.Inject(func(op stream.Op) stream.Fault {
		if op.Kind != stream.OpAppend || n == 0 {
			return stream.NoFault
		}
		n--
		return f
	})
}

func (s *stage) wantStop(want error) {
	s.t.Helper()
	if !errors.Is(s.stopped, want) {
		s.t.Fatalf("stepped down with %v, want %v", s.stopped, want)
	}
}

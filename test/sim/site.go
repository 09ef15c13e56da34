package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
)

// site is a cluster and the agent that drives it: a process that may end at any moment
// and begin again, while the cluster stays.
type site struct {
	w       *world
	id      event.ClusterID
	cluster *agentsim.Cluster
	skew    time.Duration // of the agent's clock
	dead    bool          // the cluster and its agent are gone for ever
	cut     bool          // its link to the log
	away    bool          // its orchestrator does not answer
	asleep  bool          // the agent is paused: it does nothing and does not know it
	drifted bool          // somebody changed it past its agent
	backup  *agentsim.Backup

	agents []*agentProcess // usually one; two when somebody started another by mistake
	born   int
}

// agentProcess is one run of the agent.
type agentProcess struct {
	s        *site
	name     string
	machine  *agent.Machine
	todo     []agent.Effect
	commands *stream.Commands
	inbox    []stream.Command            // delivered, not handed to the machine
	open     map[uint64]stream.Command   // handed over, not acknowledged
	heard    map[uint64]event.WorkloadID // commands that it was given, by number
	stopped  bool
}

func newSite(w *world, n int) *site {
	s := &site{w: w, id: event.ClusterID(fmt.Sprintf("c%d", n)), skew: time.Duration(w.chance(20_001)-10_000) * time.Millisecond}
	spec := agentsim.Spec{
		Name: s.id, Seed: w.r.Uint64(), Region: fmt.Sprintf("r%d", n%2), Placement: pick(w, []agentsim.Placement{agentsim.Pinned, agentsim.Own}),
		Behaviour: agentsim.Behaviour{
			StartDelay: agentsim.Duration(w.chance(3)) * agentsim.Duration(time.Second), ReadyDelay: agentsim.Duration(w.chance(3)) * agentsim.Duration(time.Second),
			StopDelay: agentsim.Duration(w.chance(2)*w.chance(20)) * agentsim.Duration(time.Second),
			ErrorRate: 0.04, LostRate: 0.04, RejectionRate: 0.03 * float64(w.chance(2)),
		},
	}
	for k := range 1 + w.chance(2) {
		spec.Nodes = append(spec.Nodes, agentsim.Nodes{Count: 1 + w.chance(3), Shape: fmt.Sprintf("s%d", k), CPU: agentsim.Milli(1000 * (1 + w.chance(3))), Memory: 8 << 30})
	}
	if w.oneIn(4) {
		spec.Foreign = []agentsim.Foreign{{Every: agentsim.Duration(40 * time.Second), Lasts: agentsim.Duration(50 * time.Second), CPU: 500, Memory: 1 << 30}}
	}
	s.cluster = agentsim.New(spec, agentsim.WithClock(func() time.Time { return w.now }))
	if err := w.log.Join(w.ctx, s.id); err != nil {
		panic(err) // the name is well formed
	}
	s.start()
	return s
}

// foreign says whether others put load on the cluster.
func (s *site) foreign() bool { return len(s.cluster.Spec().Foreign) > 0 }

// start begins an agent process.
func (s *site) start() {
	commands, err := s.w.log.Commands(s.w.ctx, s.id)
	if err != nil {
		panic(err) // it has joined
	}
	s.born++
	a := &agentProcess{s: s, name: fmt.Sprintf("%s.%d", s.id, s.born), commands: commands, open: map[uint64]stream.Command{}, heard: map[uint64]event.WorkloadID{}}
	a.machine = agent.NewMachine(agent.Settings{Cluster: s.id, Instance: a.name, Orchestrator: "simulated", Parallel: 1 + s.w.chance(3)})
	s.agents = append(s.agents, a)
	s.w.say("%s: agent %s starts", s.id, a.name)
	a.step(agent.Started{})
}

// stop ends an agent process as kill -9 does.
func (s *site) stop(a *agentProcess) {
	s.agents = slices.DeleteFunc(s.agents, func(o *agentProcess) bool { return o == a })
	a.commands.Close()
}

// step gives the machine the time and an input.
func (a *agentProcess) step(in agent.Input) {
	effects := a.machine.Step(agent.TimePassed{Now: a.s.w.now.Add(a.s.skew)})
	if in != nil {
		effects = append(effects, a.machine.Step(in)...)
	}
	for _, e := range effects {
		switch e := e.(type) {
		case agent.Stop:
			a.s.w.say("%s: agent %s stops: %v", a.s.id, a.name, e.Reason)
			a.stopped = true
			a.s.stop(a)
			return
		case agent.Ack:
			if c, known := a.open[e.Sequence]; known {
				delete(a.open, e.Sequence)
				_ = c.Ack(a.s.w.ctx) // a lost one comes again
			}
		case agent.Withdraw:
			a.s.w.books.mayDelete(a, e.Withdrawal)
			a.todo = append(a.todo, e)
		default:
			a.todo = append(a.todo, e)
		}
	}
}

// awake are the agents that can act now.
func (w *world) awake() []*agentProcess {
	var out []*agentProcess
	for _, s := range w.sites {
		if !s.dead && !s.asleep {
			out = append(out, s.agents...)
		}
	}
	return out
}

// agentActs lets an agent do one thing that it wanted to, not always the oldest, or see
// what time it is.
func (w *world) agentActs() {
	all := w.awake()
	if len(all) == 0 {
		return
	}
	a := pick(w, all)
	w.by(&a.s.cut, func() {
		if len(a.todo) == 0 || w.oneIn(6) {
			a.step(nil)
			return
		}
		at := 0
		if w.oneIn(3) {
			at = w.chance(len(a.todo))
		}
		a.act(at)
	})
}

// act does one effect and answers the machine.
func (a *agentProcess) act(at int) {
	e := a.todo[at]
	a.todo = slices.Delete(a.todo, at, at+1)
	w := a.s.w
	switch e := e.(type) {
	case agent.Publish:
		seq, err := w.log.Publish(w.ctx, e.Event)
		w.say("%s: publishes %s %s: %d %v", a.s.id, e.Event.Type(), e.Event.ID, seq, err)
		refused := errors.As(err, new(*stream.TooLarge)) || errors.As(err, new(*event.Invalid))
		a.step(agent.Published{ID: e.Event.ID, Sequence: seq, Err: err, Refused: refused})
	case agent.Apply:
		before := a.s.token(e.Desired.Workload)
		err := a.s.do(func() error { return a.s.refusing(e.Desired) })
		if after := a.s.token(e.Desired.Workload); after < before && after > 0 {
			w.fail("%s: token %d of %s follows %d", a.s.id, after, e.Desired.Workload, before)
		}
		w.say("%s: applies %s, %d replicas, token %d: %v", a.s.id, e.Desired.Workload, e.Desired.Replicas, e.Desired.Token, err)
		w.books.carriedOut(a.s)
		w.books.once(e.Desired.Workload)
		a.step(agent.Finished{Workload: e.Desired.Workload, Token: e.Desired.Token, Err: err})
	case agent.Withdraw:
		had := a.s.holds(e.Withdrawal.Workload)
		err := a.s.do(func() error { return a.s.cluster.Withdraw(w.ctx, e.Withdrawal) })
		w.say("%s: withdraws %s, token %d: %v", a.s.id, e.Withdrawal.Workload, e.Withdrawal.Token, err)
		w.books.carriedOut(a.s)
		if had && !a.s.holds(e.Withdrawal.Workload) {
			w.books.deleted(a.s, e.Withdrawal)
		}
		a.step(agent.Finished{Workload: e.Withdrawal.Workload, Token: e.Withdrawal.Token, Err: err})
	case agent.Observe:
		var view agent.View
		err := a.s.do(func() (err error) {
			view, err = a.s.cluster.Observe(w.ctx)
			return err
		})
		if err == nil && w.rarely(w.mix.views) {
			w.counts["partial view"]++
			w.spoil(&view)
		}
		a.step(agent.Observed{View: view, Err: err})
	}
}

var errAway = errors.New("the orchestrator does not answer")

// do asks the orchestrator, which may be away, fail, or lose its answer.
func (s *site) do(ask func() error) error {
	switch {
	case s.away:
		return errAway
	case s.w.chanceOf(s.w.mix.errors):
		s.w.counts["orchestrator failed"]++
		return errAway
	}
	err := ask()
	if err == nil && s.w.chanceOf(s.w.mix.errors) {
		s.w.counts["orchestrator's answer lost"]++
		return errAway
	}
	return err
}

// refusing stores what is wanted, unless somebody was quicker.
func (s *site) refusing(d agent.Desired) error {
	if s.w.chanceOf(s.w.mix.rejections) {
		s.w.counts["command rejected"]++
		return &agent.Rejection{Reason: event.RejectReasonCapacity, Message: "others were quicker"}
	}
	return s.cluster.Apply(s.w.ctx, d)
}

// spoil makes of a view what a cache shows that is not filled: some objects are missing,
// and what runs on the nodes is not known, so that all of them seem free.
func (w *world) spoil(v *agent.View) {
	v.Complete = false
	v.Objects = v.Objects[:w.chance(len(v.Objects)+1)]
	v.Shapes = slices.Clone(v.Shapes)
	for i := range v.Shapes {
		sh := &v.Shapes[i]
		sh.Free = []event.FreeNodes{{Nodes: sh.Nodes, CPUMilli: sh.CPUMilli, MemoryBytes: sh.MemoryBytes}}
	}
}

func (s *site) holds(id event.WorkloadID) bool {
	return slices.ContainsFunc(s.cluster.Stored(), func(o agentsim.Stored) bool { return o.Workload == id })
}

// deliver brings commands to an agent: the next ones, sometimes again or out of order.
func (w *world) deliver() {
	all := w.awake()
	if len(all) == 0 {
		return
	}
	a := pick(w, all)
	w.by(&a.s.cut, func() {
		a.poll()
		if len(a.inbox) == 0 {
			return
		}
		at := 0
		if w.rarely(w.mix.orders) {
			w.counts["command out of order"]++
			at = w.chance(len(a.inbox))
		}
		c := a.inbox[at]
		if !w.rarely(w.mix.orders) {
			a.inbox = slices.Delete(a.inbox, at, at+1)
		} else {
			w.counts["command twice"]++
		}
		a.take(c)
	})
}

// poll takes what the log has for the cluster, without waiting.
func (a *agentProcess) poll() {
	if a.s.cut {
		return
	}
	now, cancel := context.WithCancel(a.s.w.ctx)
	cancel()
	if batch, err := a.commands.Next(now); err == nil {
		a.inbox = append(a.inbox, batch...)
	}
}

func (a *agentProcess) take(c stream.Command) {
	e, err := c.Event()
	if err != nil {
		panic(fmt.Sprintf("a command that cannot be read: %v", err)) // placement alone writes there
	}
	a.open[c.At.Sequence] = c
	a.hear(e)
	a.s.w.say("%s: gets %s %s", a.s.id, e.Type(), e.ID)
	a.step(agent.CommandArrived{Event: e})
}

// hear notes which command came.
func (a *agentProcess) hear(e event.Event) {
	switch d := e.Data.(type) {
	case *event.CommandPlace:
		a.heard[d.Number] = event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
	case *event.CommandWithdraw:
		a.heard[d.Number] = d.ID()
	}
}

package cost

import (
	"fmt"
	"strconv"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/steering/solve"
)

// core drives the real core as placement and agents would. Agents carry out every
// command at once and report when the moment is over.
type core struct {
	*scenario
	state     *scheduler.State
	heads     map[event.Stream]uint64
	agents    []agent
	decisions int
	now       int64
	begun     []int64 // per request: when it was placed, or -1
	out       outcome
}

// agent is one cluster's.
type agent struct {
	id          event.ClusterID
	incarnation uint64
	settled     uint64
	reports     uint64
	nodes       room.Groups // one entry a node
	runs        map[string]int
	stale       bool // something changed since its last report
}

func newCore(s *scenario) *core {
	c := &core{scenario: s, state: scheduler.New(scheduler.DefaultConfig()), heads: map[event.Stream]uint64{}, out: newOutcome(s)}
	for range s.requests {
		c.begun = append(c.begun, -1)
	}
	c.apply(event.Placements, &event.EpochStarted{Epoch: 1, Leader: "quality", Engine: scheduler.Engine, Streams: map[string]string{"INTENTS": "a"}})
	c.apply(event.Intents, &event.PolicySet{Prefer: []event.Preference{{Score: event.ScorePrice, Weight: 1}}})
	for i, site := range s.sites {
		a := agent{id: event.ClusterID(fmt.Sprintf("c%02d", i)), runs: map[string]int{}, stale: true}
		for range site.nodes {
			a.nodes = append(a.nodes, event.FreeNodes{CPUMilli: site.shape[0], MemoryBytes: site.shape[1] << 20, Nodes: 1})
		}
		a.incarnation = c.apply(event.Intents, &event.AgentStarted{Cluster: a.id, Instance: "quality", Orchestrator: "simulated"})
		price := event.Price{CPU: site.price[0], Memory: site.price[1] / 1000}
		c.apply(event.Intents, &event.PriceSet{Cluster: a.id, Prices: []event.Price{price}})
		c.agents = append(c.agents, a)
	}
	c.decide()
	c.report()
	return c
}

func (c *core) apply(stream event.Stream, p event.Payload) uint64 {
	c.heads[stream]++
	c.state.Apply(event.Event{Data: p, At: event.At{Stream: stream, Sequence: c.heads[stream], Stored: time.UnixMilli(c.now * 1000)}})
	return c.heads[stream]
}

// plan records a new plan.
func (c *core) plan() {
	if sum := c.state.Steering(); sum != nil {
		c.apply(event.Placements, solve.Plan(sum, valid))
	}
}

// decide records and carries out until nothing is to be done.
func (c *core) decide() {
	for {
		p := c.state.Decide()
		if p == nil {
			return
		}
		c.apply(event.Placements, p)
		switch d := p.(type) {
		case *event.CommandSynchronise:
			c.agent(d.Cluster).settled = d.Through
		case *event.CommandPlace:
			c.place(d)
			if c.decisions++; c.decisions%rethink == 0 {
				c.plan()
			}
		case *event.CommandWithdraw:
			c.withdraw(d)
		}
	}
}

func (c *core) agent(id event.ClusterID) *agent {
	i, err := strconv.Atoi(string(id[1:]))
	if err != nil {
		panic(err) // the name that newCore gave it
	}
	return &c.agents[i]
}

func (c *core) place(d *event.CommandPlace) {
	a := c.agent(d.Cluster)
	var meant *event.FreeNodes
	if len(d.Shapes) > 0 {
		meant = room.Meant(d.Shapes[0].On, 0, 1)
	}
	ask := d.Template.Resources
	at := a.nodes.Choose(ask, meant)
	if at < 0 {
		panic("cost: the core sent a machine to a cluster without room")
	}
	a.nodes[at] = room.Take(a.nodes[at], ask)
	a.nodes[at].Nodes = 1
	a.runs[string(d.Workload)] = at
	a.settled, a.stale = d.Number, true
	c.begun[requestOf(d.Workload)] = c.now
	c.charge(requestOf(d.Workload), d.Cluster)
}

func (c *core) charge(i int, id event.ClusterID) {
	r := c.requests[i]
	site, err := strconv.Atoi(string(id[1:]))
	if err != nil {
		panic(err) // as above
	}
	c.out.cost += float64(c.sites[site].rate(c.classes[r.class].need)) * float64(r.to-c.now) / 3600
	integrate(c.out.placed, r.class, c.now, r.to)
}

func (c *core) withdraw(d *event.CommandWithdraw) {
	a := c.agent(d.Cluster)
	at := a.runs[string(d.Workload)]
	delete(a.runs, string(d.Workload))
	need := c.classes[c.requests[requestOf(d.Workload)].class].need
	a.nodes[at].CPUMilli += need[0]
	a.nodes[at].MemoryBytes += need[1] << 20
	a.settled, a.stale = d.Number, true
}

// report lets every cluster in which something changed say what is free.
func (c *core) report() {
	for i := range c.agents {
		a := &c.agents[i]
		if !a.stale {
			continue
		}
		a.stale = false
		a.reports++
		site := &c.sites[i]
		shape := event.NodeShape{Name: "node", CPUMilli: site.shape[0], MemoryBytes: site.shape[1] << 20, Nodes: site.nodes}
		var groups room.Groups
		for _, n := range a.nodes {
			groups = groups.Add(n)
		}
		shape.Free = groups
		c.apply(event.Capacity, &event.ClusterCapacityReported{
			Cluster: a.id, Incarnation: a.incarnation, Report: a.reports, AppliedThrough: a.settled,
			Orchestrator: "simulated", Kinds: []event.Kind{event.KindVM}, Region: fmt.Sprintf("z%d", site.zone),
			Labels: map[string]string{"typed": strconv.FormatBool(site.typed)}, Shapes: []event.NodeShape{shape},
		})
	}
	c.decide()
}

func nameOf(i int) event.WorkloadName { return event.WorkloadName(fmt.Sprintf("m%d", i)) }

func requestOf(name event.WorkloadName) int {
	i, err := strconv.Atoi(string(name[1:]))
	if err != nil {
		panic(err) // the name that nameOf gave it
	}
	return i
}

const tenant event.Tenant = "azure"

func (c *core) submit(i int) {
	r := c.requests[i]
	cl := &c.classes[r.class]
	w := &event.WorkloadSubmitted{Tenant: tenant, Name: nameOf(i), Kind: event.KindVM, Replicas: 1}
	w.Template.Image = "registry.example/azure:1"
	w.Template.Resources = event.Resources{CPUMilli: cl.need[0], MemoryBytes: cl.need[1] << 20}
	if cl.zone >= 0 {
		w.Policy.Regions = []string{fmt.Sprintf("z%d", cl.zone)}
	}
	if cl.kind == 1 {
		w.Policy.Clusters = []event.Requirement{{Key: "typed", Operator: event.OperatorIn, Values: []string{"true"}}}
	}
	c.apply(event.Intents, w)
	integrate(c.out.demanded, r.class, r.from, r.to)
}

// run replays the whole trace.
func (c *core) run() outcome {
	var running departures
	next, plan := 0, int64(0)
	for next < len(c.requests) || len(running) > 0 {
		c.now = running.soonest(c.requests, next, c.horizon)
		for len(running) > 0 && running[0].at <= c.now {
			c.apply(event.Intents, &event.WorkloadWithdrawn{Tenant: tenant, Name: nameOf(running.next().request)})
		}
		c.decide()
		c.report()
		for ; next < len(c.requests) && c.requests[next].from <= c.now; next++ {
			c.submit(next)
			running.add(departure{at: c.requests[next].to, request: next})
		}
		if c.now >= plan {
			c.plan()
			plan = c.now + period
		}
		c.decide()
		c.report()
	}
	for _, at := range c.begun {
		if at < 0 {
			c.out.never++
		}
	}
	return c.out
}

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"fairlead.dev/test/chaos/line"
)

// fault is one thing that production does. do begins it and says to whom; heal ends it.
type fault struct {
	kind string // kill, pause, partition, slow, disk
	name string
	most time.Duration // it lasts
	do   func(*stage, context.Context, *rand.Rand) (harm, error)
}

// harm is a fault that was done.
type harm struct {
	to   string
	heal func() error
}

// faults is everything that may happen. The order is part of what a seed means.
var faults = []fault{
	{"kill", "kill-leader", 5 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return kill(s.placements[s.leader(ctx, r.IntN(len(s.placements)))])
	}},
	{"kill", "kill-placements", 3 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(s.placements...)
	}},
	{"kill", "kill-agent", 5 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(any1(r, s.agents))
	}},
	{"kill", "kill-agents", 3 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(s.agents...)
	}},
	{"kill", "kill-submitter", time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(s.submitter)
	}},
	{"kill", "kill-server", 6 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(any1(r, s.broker.servers[:]))
	}},
	{"kill", "kill-head", 6 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return kill(s.broker.servers[s.broker.head(ctx, s.js, r.IntN(nodes))])
	}},
	{"kill", "kill-two-servers", 4 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		i := r.IntN(nodes)
		return kill(s.broker.servers[i], s.broker.servers[(i+1)%nodes])
	}},
	{"kill", "kill-all-servers", 3 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(s.broker.servers[:]...)
	}},
	{"kill", "kill-everything", 2 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return kill(append(s.all(), s.broker.servers[:]...)...)
	}},

	{"pause", "pause-leader", 8 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return freeze(s.placements[s.leader(ctx, r.IntN(len(s.placements)))])
	}},
	{"pause", "pause-agent", 30 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return freeze(any1(r, s.agents))
	}},
	{"pause", "pause-server", 10 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return freeze(any1(r, s.broker.servers[:]))
	}},
	{"pause", "pause-head", 10 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return freeze(s.broker.servers[s.broker.head(ctx, s.js, r.IntN(nodes))])
	}},

	{"partition", "isolate-server", 12 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.isolated(r.IntN(nodes), line.Silent)
	}},
	{"partition", "isolate-head", 12 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.isolated(s.broker.head(ctx, s.js, r.IntN(nodes)), line.Silent)
	}},
	{"partition", "cut-head", 8 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.isolated(s.broker.head(ctx, s.js, r.IntN(nodes)), line.State{Cut: true})
	}},
	{"partition", "deaf-server", 8 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.isolated(r.IntN(nodes), line.State{Deaf: true})
	}},
	{"partition", "mute-server", 8 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.isolated(r.IntN(nodes), line.State{Mute: true})
	}},
	{"partition", "part-two-servers", 8 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		i, b := r.IntN(nodes), s.broker
		j := (i + 1) % nodes
		b.between(i, j, line.Silent)
		return harm{b.servers[i].name + "|" + b.servers[j].name, func() error { b.between(i, j, line.State{}); return nil }}, nil
	}},
	{"partition", "away-server", 12 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		i := r.IntN(nodes)
		return s.away(i)
	}},
	{"partition", "silence-leader", 8 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.alone(s.placements[s.leader(ctx, r.IntN(len(s.placements)))], line.Silent)
	}},
	{"partition", "cut-leader", 5 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.alone(s.placements[s.leader(ctx, r.IntN(len(s.placements)))], line.State{Cut: true})
	}},
	{"partition", "deaf-leader", 8 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.alone(s.placements[s.leader(ctx, r.IntN(len(s.placements)))], line.State{Deaf: true})
	}},
	{"partition", "silence-agent", 35 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.alone(any1(r, s.agents), line.Silent)
	}},
	{"partition", "cut-agent", 35 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.alone(any1(r, s.agents), line.State{Cut: true})
	}},

	{"slow", "slow-routes", 10 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		i := r.IntN(nodes)
		return s.isolated(i, line.State{Delay: time.Duration(10+r.IntN(40)) * time.Millisecond})
	}},
	{"slow", "slow-leader", 10 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.alone(s.placements[s.leader(ctx, r.IntN(len(s.placements)))], line.State{Delay: time.Duration(10+r.IntN(90)) * time.Millisecond})
	}},

	{"disk", "full-disk", 8 * time.Second, func(s *stage, _ context.Context, r *rand.Rand) (harm, error) {
		return s.full(r.IntN(nodes))
	}},
	{"disk", "full-head", 8 * time.Second, func(s *stage, ctx context.Context, r *rand.Rand) (harm, error) {
		return s.full(s.broker.head(ctx, s.js, r.IntN(nodes)))
	}},
}

// kinds of faults, in the order of the table.
func kinds() []string {
	var all []string
	for _, f := range faults {
		if !slices.Contains(all, f.kind) {
			all = append(all, f.kind)
		}
	}
	return all
}

// chosen gives the faults that a list names, by name or by kind.
func chosen(list string) ([]fault, error) {
	var out []fault
	for word := range strings.SplitSeq(list, ",") {
		n := len(out)
		for _, f := range faults {
			if word == f.kind || word == f.name {
				out = append(out, f)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("no fault is called %q: the kinds are %s", word, strings.Join(kinds(), ", "))
		}
	}
	return out, nil
}

func any1(r *rand.Rand, all []*process) *process { return all[r.IntN(len(all))] }

func kill(all ...*process) (harm, error) {
	return overall(all, (*process).kill, (*process).start)
}

func freeze(p *process) (harm, error) {
	return overall([]*process{p}, (*process).pause, func(p *process) error { p.resume(); return nil })
}

func overall(all []*process, do func(*process), heal func(*process) error) (harm, error) {
	var names []string
	for _, p := range all {
		do(p)
		names = append(names, p.name)
	}
	return harm{strings.Join(names, " "), func() error {
		for _, p := range all {
			if err := heal(p); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// isolated sets what passes between a server and the others; clients still reach it.
func (s *stage) isolated(i int, state line.State) (harm, error) {
	s.broker.isolate(i, state)
	return harm{s.broker.servers[i].name, func() error { s.broker.isolate(i, line.State{}); return nil }}, nil
}

// away takes a server's machine off the network: neither servers nor clients reach it.
func (s *stage) away(i int) (harm, error) {
	set := func(state line.State) {
		s.broker.isolate(i, state)
		for _, l := range s.links { // each on its own: the order does not matter
			l[i].Set(state)
		}
	}
	set(line.Silent)
	return harm{s.broker.servers[i].name, func() error { set(line.State{}); return nil }}, nil
}

// alone sets what passes between a process and all servers.
func (s *stage) alone(p *process, state line.State) (harm, error) {
	// A process is the near end of its lines: it is deaf where the line is.
	s.links[p].set(state)
	return harm{p.name, func() error { s.links[p].set(line.State{}); return nil }}, nil
}

// full leaves a server no room on its disk. A server that could not write has stopped its
// JetStream for good: whoever gives it room starts it again.
func (s *stage) full(i int) (harm, error) {
	d, server := s.broker.disks[i], s.broker.servers[i]
	if d == nil {
		return harm{"nobody: no disk of its own", func() error { return nil }}, nil
	}
	if err := d.fill(); err != nil {
		return harm{}, err
	}
	return harm{server.name, func() error {
		d.empty()
		server.kill()
		return server.start()
	}}, nil
}

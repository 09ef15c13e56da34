package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
	agentsim "fairlead.dev/services/agent-sim"
	"fairlead.dev/test/chaos/line"
)

// stage is the federation with everything that can be done to it.
type stage struct {
	options
	dir    string
	broker *broker

	placements []*process
	agents     []*process
	submitter  *process
	links      map[*process]*link // of those that are clients of the servers
	clusters   []*agentsim.Cluster
	journal    string

	nc  *nats.Conn // past every line
	js  jetstream.JetStream
	log *stream.Log

	mu     sync.Mutex
	double []string // at-most-once workloads that ran twice
}

// build makes everything and starts it; end stops it, also after an error.
func (s *stage) build(ctx context.Context, some []fault) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	binary := filepath.Join(s.dir, "nats-server")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		return fmt.Errorf("build nats-server: %w\n%s", err, out)
	}
	if s.broker, err = newBroker(s.dir, binary); err != nil {
		return fmt.Errorf("servers: %w", err)
	}
	if slices.ContainsFunc(some, func(f fault) bool { return f.kind == "disk" }) {
		s.broker.mountAll(s.say)
	}
	if err := s.broker.start(); err != nil {
		return err
	}
	if err := s.setUp(ctx); err != nil {
		return err
	}
	for n := range s.options.placements {
		if err := s.place(n); err != nil {
			return err
		}
	}
	for n := range s.options.clusters {
		if err := s.join(ctx, self, n); err != nil {
			return err
		}
	}
	s.journal = filepath.Join(s.dir, "journal")
	link, err := s.broker.link()
	if err != nil {
		return err
	}
	s.submitter = newProcess(s.dir, "submitter", self, "submitter", "-server", link.url(), "-journal", s.journal,
		"-rate", fmt.Sprint(s.rate), "-seed", fmt.Sprint(s.seed))
	s.links[s.submitter] = link
	return s.submitter.start()
}

// setUp makes the streams as an operator would, once the servers have found each other.
func (s *stage) setUp(ctx context.Context) error {
	var out []byte
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		cmd := exec.CommandContext(ctx, s.fairlead, "setup", "--server", s.broker.url(), "--replicas", fmt.Sprint(nodes), "--scale", "0.05")
		if out, err = cmd.CombinedOutput(); err == nil {
			break
		}
		s.say("setup again: %s", strings.TrimSpace(string(out)))
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("fairlead setup: %w: %s", err, out)
	}
	if s.nc, err = stream.Connect(ctx, stream.ConnConfig{URL: s.broker.url(), Name: "chaos", Log: quiet}); err != nil {
		return err
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return err
	}
	s.log, err = stream.Open(ctx, s.nc, stream.Options{Replicas: nodes, Log: quiet})
	return err
}

// place starts an instance of placement.
func (s *stage) place(n int) error {
	link, err := s.broker.link()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("p%d", n+1)
	p := newProcess(s.dir, name, s.fairlead, "run", "placement", "--instance", name, "--server", link.url(), "--address", "",
		"--replicas", fmt.Sprint(nodes), "--checkpoint-records", "1000", "--checkpoint-every", "20s",
		"--suspect-millis", fmt.Sprint(suspect.Milliseconds()), "--lost-millis", fmt.Sprint(lost.Milliseconds()))
	s.placements, s.links[p] = append(s.placements, p), link
	return p.start()
}

// How long a cluster may be silent: short enough for a fault to outlast it.
const (
	suspect = 12 * time.Second
	lost    = 25 * time.Second
)

// join starts a cluster and its agent.
func (s *stage) join(ctx context.Context, self string, n int) error {
	name := cluster(n)
	c := agentsim.New(agentsim.Spec{
		Name: name, Region: fmt.Sprintf("region-%d", n%2), Seed: s.seed + uint64(n),
		Nodes: []agentsim.Nodes{{Count: 5, Shape: "m", CPU: 8000, Memory: 32 << 30}, {Count: 3, Shape: "l", CPU: 16000, Memory: 64 << 30}},
		Behaviour: agentsim.Behaviour{
			ApplyDelay: agentsim.Duration(5 * time.Millisecond), StartDelay: agentsim.Duration(200 * time.Millisecond),
			ReadyDelay: agentsim.Duration(300 * time.Millisecond), StopDelay: agentsim.Duration(200 * time.Millisecond),
			ErrorRate: 0.01, LostRate: 0.01, RejectionRate: 0.01,
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go serve(listener, c)
	if err := s.log.Join(ctx, name); err != nil {
		return err
	}
	link, err := s.broker.link()
	if err != nil {
		return err
	}
	p := newProcess(s.dir, "agent-"+string(name), self, "agent", "-cluster", string(name), "-server", link.url(), "-orchestrator", "http://"+listener.Addr().String())
	s.clusters, s.agents, s.links[p] = append(s.clusters, c), append(s.agents, p), link
	go func() { _ = c.Watch(ctx, s.singles) }() // it ends with the context
	return p.start()
}

// singles notes a workload that runs on two clusters though it may run on one. Two looks
// in a row must show the same: between two clusters it may have moved.
func (s *stage) singles() {
	first := s.twice()
	if len(first) == 0 {
		return
	}
	second := s.twice()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, where := range first {
		if second[id] == where {
			s.double = append(s.double, fmt.Sprintf("%s %s ran on%s at the same time", time.Now().Format(clock), id, where))
		}
	}
}

func (s *stage) twice() map[event.WorkloadID]string {
	counts, where := map[event.WorkloadID]int{}, map[event.WorkloadID]string{}
	for _, c := range s.clusters {
		for id, n := range c.Running() {
			if atMostOnce(id) {
				counts[id] += n
				where[id] += fmt.Sprintf(" %s", c.Spec().Name)
			}
		}
	}
	for id, n := range counts {
		if n < 2 {
			delete(where, id)
		}
	}
	return where
}

// all is every process but the servers.
func (s *stage) all() []*process {
	out := append(append([]*process{}, s.placements...), s.agents...)
	if s.submitter != nil {
		out = append(out, s.submitter)
	}
	return out
}

// mend ends every fault.
func (s *stage) mend() error {
	for i := range nodes {
		s.broker.isolate(i, line.State{})
		s.broker.servers[i].resume()
		s.broker.disks[i].empty()
		if err := s.broker.servers[i].start(); err != nil {
			return err
		}
	}
	for _, p := range s.all() {
		s.links[p].set(line.State{})
		p.resume()
		if err := p.start(); err != nil {
			return err
		}
	}
	return nil
}

// end stops every process that is left.
func (s *stage) end() {
	for _, p := range s.all() {
		p.kill()
	}
	if s.nc != nil {
		s.nc.Close()
	}
	if s.broker == nil {
		return
	}
	for i, p := range s.broker.servers {
		if p != nil {
			p.kill()
		}
		s.broker.disks[i].unmount()
	}
}

// leader is the instance of placement that leads, as far as anybody says so.
func (s *stage) leader(ctx context.Context, otherwise int) int {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	all, err := query.New(s.nc).Instances(ctx)
	if err != nil {
		return otherwise
	}
	for _, one := range all {
		for i, p := range s.placements {
			if one.Role == query.Leading && strings.HasPrefix(one.Name, p.name+"-") {
				return i
			}
		}
	}
	return otherwise
}

// stop ends a process in good order.
func (p *process) stop() { p.end(syscall.SIGTERM) }

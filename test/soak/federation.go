package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/stream"
)

// federation is everything that runs.
type federation struct {
	options
	url       string
	nc        *nats.Conn
	js        jetstream.JetStream
	log       *stream.Log
	processes []*process
	load      *load
	series    map[string]*series
	order     []string
	wrong     []string
	began     time.Time
}

// begin starts broker, placement and agents.
func begin(ctx context.Context, o options) (*federation, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	f := &federation{options: o, series: map[string]*series{}}
	if err := f.start(ctx); err != nil {
		return nil, errors.Join(err, f.end())
	}
	return f, nil
}

func (f *federation) start(ctx context.Context) error {
	if err := f.startBroker(ctx); err != nil {
		return err
	}
	var err error
	if f.nc, err = stream.Connect(ctx, stream.ConnConfig{URL: f.url, Name: "soak"}); err != nil {
		return err
	}
	if f.js, err = jetstream.New(f.nc); err != nil {
		return err
	}
	if _, err := stream.Setup(ctx, f.js, stream.Options{Scale: f.scale}); err != nil {
		return err
	}
	if f.log, err = stream.Open(ctx, f.nc, stream.Options{Scale: f.scale}); err != nil {
		return err
	}
	for _, name := range []string{"a", "b"} {
		if err := f.launch(ctx, "placement-"+name, "placement", "--instance", name, "--checkpoint-every", "20s"); err != nil {
			return err
		}
	}
	clusters, err := f.clusterFile()
	if err != nil {
		return err
	}
	if err := f.log.Subscribe(ctx, "idle"); err != nil { // an integration that never pulls
		return err
	}
	f.load = &load{log: f.log, population: f.population, rate: f.rate}
	return f.launch(ctx, "agents", "agent-sim", "--join", "--clusters", clusters)
}

// startBroker runs this program as a broker, which prints where it is.
func (f *federation) startBroker(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	told := filepath.Join(f.keep, "broker.url")
	script := fmt.Sprintf("exec %q -broker %q > %q", self, filepath.Join(f.keep, "log"), told)
	p, err := launch(ctx, "broker", f.keep, "sh", "-c", script)
	if err != nil {
		return err
	}
	f.processes = append(f.processes, p)
	file, err := os.Open(told)
	if err != nil {
		return err
	}
	defer file.Close()
	if line, _ := bufio.NewReader(file).ReadString('\n'); line != "" {
		f.url = strings.TrimSpace(line)
		return nil
	}
	return errors.New("the broker does not say where it is")
}

func (f *federation) launch(ctx context.Context, name string, service ...string) error {
	program, err := exec.LookPath(f.fairlead)
	if err != nil {
		return fmt.Errorf("%w: run `make build`", err)
	}
	command := append([]string{program, "run"}, service...)
	p, err := launch(ctx, name, f.keep, append(command, "--server", f.url, "--metrics", "--address", "127.0.0.1:0")...)
	if err == nil {
		f.processes = append(f.processes, p)
	}
	return err
}

// clusterFile describes clusters with room for the population, twice over.
func (f *federation) clusterFile() (string, error) {
	var b strings.Builder
	b.WriteString("clusters:\n")
	nodes := max(2, f.population*2*200/(16_000*f.clusters))
	for i := range f.clusters {
		fmt.Fprintf(&b, "  - {name: soak-%d, orchestrator: kubernetes, region: r%d, kinds: [service], seed: %d, nodes: [{count: %d, shape: a, cpu: 32, memory: 128Gi}], foreign: [{every: 10s, lasts: 30s, cpu: 500m, memory: 1Gi}]}\n",
			i, i%3, i+1, nodes)
	}
	path := filepath.Join(f.keep, "clusters.yaml")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}

// end stops everything, agents first.
func (f *federation) end() error {
	var errs []error
	for i := len(f.processes) - 1; i >= 0; i-- {
		if i == 0 && f.nc != nil {
			f.nc.Close()
		}
		errs = append(errs, f.processes[i].stop())
	}
	return errors.Join(errs...)
}

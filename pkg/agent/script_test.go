package agent_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// The scripts in testdata tell the machine what happened, a line at a time, and show
// what it asks for. They are rewritten with: go test ./agent -run TestScripts -rewrite
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) { runScript(t, path) })
	}
}

func runScript(t *testing.T, path string) {
	s := &script{flight: map[string]bool{}, hashes: map[string]string{}}
	s.now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.machine = agent.NewMachine(agent.Settings{Cluster: "eu-1", Instance: "x", Orchestrator: "simulated", Parallel: 2, ShapeLimit: 2})
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		out, err := s.run(d)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		if out == "" {
			return "nothing\n"
		}
		return out
	})
}

// script is one machine, and what the script need not repeat.
type script struct {
	machine  *agent.Machine
	now      time.Time
	flight   map[string]bool // published and not answered
	order    []string        // of flight
	hashes   map[string]string
	sequence uint64
	looking  bool // a view was asked for and not given
}

func (s *script) run(d *datadriven.TestData) (string, error) {
	switch d.Cmd {
	case "state":
		return s.state(), nil
	case "time":
		step, err := time.ParseDuration(strings.TrimPrefix(d.CmdArgs[0].Key, "+"))
		s.now = s.now.Add(step)
		return s.step(agent.TimePassed{Now: s.now}), err
	case "stored":
		return s.stored(d), nil
	case "unsent":
		return s.unsent(d), nil
	}
	in, err := s.input(d)
	if err != nil {
		return "", err
	}
	s.machine.Step(agent.TimePassed{Now: s.now})
	return s.step(in), nil
}

func (s *script) state() string {
	wake := "never"
	if at := s.machine.Wake(); !at.IsZero() {
		wake = "in " + max(0, at.Sub(s.now)).String()
	}
	return fmt.Sprintf("incarnation %d, applied through %d, synchronised %t, wakes %s\n",
		s.machine.Incarnation(), s.machine.AppliedThrough(), s.machine.Synchronised(), wake)
}

// stored answers every event on its way: it is in the log. at= gives a hello's place.
func (s *script) stored(d *datadriven.TestData) string {
	at := arg[uint64](d, "at")
	ids := s.order
	s.order = nil
	var out strings.Builder
	for _, id := range ids {
		delete(s.flight, id)
		s.sequence++
		out.WriteString(s.step(agent.Published{ID: id, Sequence: max(at, s.sequence)}))
	}
	return out.String()
}

// unsent answers every event on its way: no answer came.
func (s *script) unsent(*datadriven.TestData) string {
	ids := s.order
	s.order = nil
	var out strings.Builder
	for _, id := range ids {
		delete(s.flight, id)
		out.WriteString(s.step(agent.Published{ID: id, Err: errors.New("timeout")}))
	}
	return out.String()
}

func (s *script) input(d *datadriven.TestData) (agent.Input, error) {
	switch d.Cmd {
	case "start":
		return agent.Started{}, nil
	case "synchronise", "place", "withdraw":
		return agent.CommandArrived{Event: s.command(d)}, nil
	case "unreadable":
		return agent.CommandUnreadable{Sequence: 99}, nil
	case "renewed":
		return agent.Renewed{}, nil
	case "finished":
		return s.finished(d)
	case "view":
		return s.view(d)
	case "blind":
		return agent.Observed{Err: errors.New("forbidden")}, nil
	case "changed":
		return agent.Changed{}, nil
	case "offline", "online":
		return agent.Connection{Up: d.Cmd == "online"}, nil
	case "leave":
		return agent.Leave{}, nil
	}
	return nil, fmt.Errorf("unknown line %q", d.Cmd)
}

// arg gives an argument of the line, zero if it is not there.
func arg[T any](d *datadriven.TestData, name string) (v T) {
	for _, a := range d.CmdArgs {
		if a.Key == name && len(a.Vals) == 1 {
			_, _ = fmt.Sscan(a.Vals[0], &v) // what is not read stays zero, and the output shows it
		}
	}
	return v
}

func workload(d *datadriven.TestData) event.WorkloadID {
	return event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(d.CmdArgs[0].Key)}
}

func (s *script) command(d *datadriven.TestData) event.Event {
	var p event.Payload
	incarnation, number := arg[uint64](d, "inc"), arg[uint64](d, "n")
	switch d.Cmd {
	case "synchronise":
		p = &event.CommandSynchronise{Cluster: "eu-1", Incarnation: incarnation, First: arg[uint64](d, "first"), Through: arg[uint64](d, "through")}
	case "withdraw":
		w := workload(d)
		p = &event.CommandWithdraw{Cluster: "eu-1", Incarnation: incarnation, Number: number, Tenant: w.Tenant, Workload: w.Name, Generation: 1}
	default:
		p = s.place(d, incarnation, number)
	}
	e := event.New(event.PlacementSource("a"), p)
	e.ID = fmt.Sprintf("c_eu-1_%d", number)
	e.At = event.At{Stream: event.Placements, Sequence: 100 + number}
	return e
}

func (s *script) place(d *datadriven.TestData, incarnation, number uint64) *event.CommandPlace {
	w := workload(d)
	c := &event.CommandPlace{
		Cluster: "eu-1", Incarnation: incarnation, Number: number, Tenant: w.Tenant, Workload: w.Name, Generation: 1,
		Kind: event.KindService, Replicas: arg[int](d, "replicas"),
		Template: event.Template{Image: "app:" + arg[string](d, "image"), Resources: event.Resources{CPUMilli: arg[int64](d, "cpu"), GPUMilli: arg[int64](d, "gpu")}},
	}
	if shape := arg[string](d, "shape"); shape != "" {
		c.Shapes = []event.ShapeUse{{Shape: shape, Replicas: c.Replicas}}
	}
	if d.HasArg("job") {
		c.Kind = event.KindJob
	}
	s.hashes[fmt.Sprint(number)] = agent.DesiredOf(c).Hash
	return c
}

func (s *script) finished(d *datadriven.TestData) (agent.Input, error) {
	in := agent.Finished{Workload: workload(d), Token: arg[uint64](d, "token")}
	switch {
	case d.HasArg("stale"):
		in.Err = agent.ErrStale
	case d.HasArg("rejected"):
		in.Err = &agent.Rejection{Reason: event.RejectReason(arg[string](d, "rejected")), Message: "no"}
	case d.HasArg("failed"):
		in.Err = errors.New("timeout")
	}
	return in, nil
}

// view reads lines: "shape NAME NODES CPU [GPUS]" with everything free,
// "object NAME token=N [wanted= ready= succeeded= stranded= bound=SHAPE:N spec=N]", "incomplete".
func (s *script) view(d *datadriven.TestData) (agent.Input, error) {
	if !s.looking {
		return nil, errors.New("no view was asked for")
	}
	s.looking = false
	v := agent.View{Complete: true, Facts: agent.Facts{Orchestrator: "simulated", Kinds: []event.Kind{event.KindService}}}
	for line := range strings.Lines(d.Input) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case fields[0] == "incomplete":
			v.Complete = false
		case fields[0] == "shape":
			shape, err := readShape(fields[1:])
			if err != nil {
				return nil, err
			}
			v.Shapes = append(v.Shapes, shape)
		case fields[0] == "object":
			o, err := s.readObject(fields[1:])
			if err != nil {
				return nil, err
			}
			v.Objects = append(v.Objects, o)
		default:
			return nil, fmt.Errorf("unknown line in a view: %q", line)
		}
	}
	return agent.Observed{View: v}, nil
}

func readShape(fields []string) (event.NodeShape, error) {
	s := event.NodeShape{Name: fields[0]}
	var gpus int
	_, err := fmt.Sscan(strings.Join(append(fields[1:], "0"), " "), &s.Nodes, &s.CPUMilli, &gpus)
	free := event.FreeNodes{Nodes: s.Nodes, CPUMilli: s.CPUMilli}
	for range gpus {
		free.GPUs = append(free.GPUs, 1000)
	}
	s.GPUs, s.Free = gpus, []event.FreeNodes{free}
	return s, err
}

func (s *script) readObject(fields []string) (agent.Object, error) {
	o := agent.Object{Workload: event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(fields[0])}, Generation: 1}
	for _, f := range fields[1:] {
		name, value, _ := strings.Cut(f, "=")
		var err error
		switch name {
		case "token":
			_, err = fmt.Sscan(value, &o.Token)
			if o.Hash == "" {
				o.Hash = s.hashes[value]
			}
		case "spec":
			o.Hash = s.hashes[value]
		case "wanted":
			_, err = fmt.Sscan(value, &o.Wanted)
		case "ready":
			_, err = fmt.Sscan(value, &o.Ready)
		case "succeeded":
			_, err = fmt.Sscan(value, &o.Succeeded)
		case "stranded":
			_, err = fmt.Sscan(value, &o.Unschedulable)
			o.Pending = o.Unschedulable
		case "removed":
			o.Removed = true
		case "bound":
			shape, n, _ := strings.Cut(value, ":")
			use := event.ShapeUse{Shape: shape}
			_, err = fmt.Sscan(n, &use.Replicas)
			o.Bound = append(o.Bound, use)
		default:
			err = errors.New("unknown")
		}
		if err != nil {
			return o, fmt.Errorf("object %s: %s: %w", fields[0], f, err)
		}
	}
	return o, nil
}

// step gives the effects as lines.
func (s *script) step(in agent.Input) string {
	var out strings.Builder
	for _, e := range s.machine.Step(in) {
		if p, ok := e.(agent.Publish); ok {
			s.order = append(s.order, p.Event.ID)
			s.flight[p.Event.ID] = true
		}
		if _, ok := e.(agent.Observe); ok {
			s.looking = true
		}
		fmt.Fprintln(&out, describe(e))
	}
	return out.String()
}

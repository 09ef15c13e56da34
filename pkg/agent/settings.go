package agent

import (
	"errors"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
)

// Settings fix how the machine behaves. The zero value of a field means its default.
type Settings struct {
	Cluster      event.ClusterID
	Instance     string // random name of this process, to tell two agents of one cluster apart
	Orchestrator string // kubernetes, swarm, …: told in the hello
	Version      string // of the agent: told in the hello

	Parallel   int           // operations on the orchestrator at a time; 16
	ShapeLimit int           // node shapes in a report; more are merged, rounding down; 1024
	Deadline   time.Duration // for storing a command, from its first attempt; 30 s

	ObserveMin  time.Duration // least time between two views; 250 ms
	ReportMin   time.Duration // least time between two capacity reports; 1 s
	ReportEvery time.Duration // most time between two capacity reports; 10 s
	StatusEvery time.Duration // every workload's status is repeated this often; 3 min
	HelloEvery  time.Duration // an unanswered hello is repeated, first after this, then more rarely; 2 min
}

// WithDefaults fills in what is zero.
func (s Settings) WithDefaults() Settings {
	s.Parallel = or(s.Parallel, 16)
	s.ShapeLimit = or(s.ShapeLimit, 1024)
	s.Deadline = or(s.Deadline, 30*time.Second)
	s.ObserveMin = or(s.ObserveMin, 250*time.Millisecond)
	s.ReportMin = or(s.ReportMin, time.Second)
	s.ReportEvery = or(s.ReportEvery, 10*time.Second)
	s.StatusEvery = or(s.StatusEvery, 3*time.Minute)
	s.HelloEvery = or(s.HelloEvery, 2*time.Minute)
	return s
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Validate says what cannot work.
func (s Settings) Validate() error {
	if err := event.CheckName(string(s.Cluster)); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if s.Instance == "" {
		return errors.New("instance: must not be empty")
	}
	if s.Parallel < 0 || s.ShapeLimit < 0 || s.ShapeLimit > 1024 {
		return errors.New("parallel must be positive and shape limit at most 1024")
	}
	return nil
}

// The waits before trying again: doubled from the first to the last.
const (
	firstWait = 200 * time.Millisecond
	lastWait  = 5 * time.Second
)

func backOff(tries int) time.Duration {
	return min(lastWait, firstWait<<min(tries, 10))
}

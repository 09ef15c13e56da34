package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/chaos/laws"
)

const tenant event.Tenant = "shop"

const (
	writers = 4  // who speak at the same time, each of workloads of their own
	names   = 40 // workloads of each writer
	single  = 3  // of them may run at most once
)

// said is a line of the submitter's journal, written after the acknowledgement.
type said struct {
	ID       string
	Sequence uint64
}

// runSubmitter is the role of somebody who submits, scales, changes and withdraws for as
// long as nobody stops it, and writes down what was acknowledged.
func runSubmitter(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("submitter", flag.ExitOnError)
	server := fs.String("server", "", "URL of the servers")
	file := fs.String("journal", "", "file for what was acknowledged")
	rate := fs.Float64("rate", 20, "submissions a second")
	seed := fs.Uint64("seed", 1, "seed")
	_ = fs.Parse(args) // it exits
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	nc, err := stream.Connect(ctx, stream.ConnConfig{URL: *server, Name: "submitter", Log: log})
	if err != nil {
		return err
	}
	defer nc.Close()
	l, err := stream.Open(ctx, nc, stream.Options{Replicas: nodes, SkipCheck: true, Log: log})
	if err != nil {
		return err
	}
	journal, err := os.OpenFile(*file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer journal.Close()
	life := time.Now().UnixNano() // ids of another life are others
	var group sync.WaitGroup
	for n := range writers {
		w := &writer{
			log: l, slog: log, journal: journal, number: n, life: life, pace: time.Duration(writers / *rate * float64(time.Second)),
			random: rand.New(rand.NewPCG(*seed^uint64(life), uint64(n))),
		}
		group.Go(func() { w.run(ctx) })
	}
	group.Wait()
	return nil
}

type writer struct {
	log     *stream.Log
	slog    *slog.Logger
	journal *os.File
	number  int
	life    int64
	said    int
	pace    time.Duration
	random  *rand.Rand
}

func (w *writer) run(ctx context.Context) {
	for pause(ctx, w.pace/2+rand.N(w.pace)) == nil {
		w.said++
		e := event.New(event.SubmitterSource(tenant, "chaos"), w.wish())
		e.ID, e.Time = fmt.Sprintf("%d-%d-%d", w.life, w.number, w.said), time.Now()
		w.publish(context.WithoutCancel(ctx), e)
	}
}

// publish says it under one id until it is acknowledged: whoever gave up could not know
// whether it was stored.
func (w *writer) publish(ctx context.Context, e event.Event) {
	for {
		seq, err := w.log.Publish(ctx, e)
		if err == nil {
			line, _ := json.Marshal(said{e.ID, seq})                       // two plain members
			if _, err := w.journal.Write(append(line, '\n')); err != nil { // one write, whole or not at all
				w.slog.Error("the journal cannot be written", "why", err)
			}
			return
		}
		w.slog.Warn("said again", "id", e.ID, "why", err)
		_ = pause(ctx, 200*time.Millisecond)
	}
}

func (w *writer) wish() event.Payload {
	n := w.random.IntN(names)
	name := event.WorkloadName(fmt.Sprintf("w%d-%d", w.number, n))
	if w.random.IntN(8) == 0 {
		return &event.WorkloadWithdrawn{Tenant: tenant, Name: name, Reason: "chaos"}
	}
	wish := &event.WorkloadSubmitted{
		Tenant: tenant, Name: name, Kind: event.KindService, Replicas: 1 + w.random.IntN(4),
		Template: event.Template{
			Image:     fmt.Sprintf("registry.example/web:%d", w.random.IntN(5)),
			Resources: event.Resources{CPUMilli: 250 * int64(1+w.random.IntN(3)), MemoryBytes: 256 << 20},
		},
	}
	if n < single {
		wish.Replicas, wish.Policy.AtMostOnce = 1, true
	}
	return wish
}

// accepted reads the journal. A last line that is not whole was written by nobody who
// lived to tell.
func accepted(file string) ([]laws.Accepted, error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []laws.Accepted
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s said
		if json.Unmarshal(lines.Bytes(), &s) == nil {
			all = append(all, laws.Accepted{ID: s.ID, Sequence: s.Sequence})
		}
	}
	return all, nil
}

// atMostOnce says whether a workload may run on one cluster only.
func atMostOnce(id event.WorkloadID) bool {
	_, n, _ := strings.Cut(string(id.Name), "-")
	number, err := strconv.Atoi(n)
	return err == nil && number < single
}

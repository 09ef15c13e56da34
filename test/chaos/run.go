package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// quiet keeps the log of this process's own connection out of the report.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	roles := map[string]func(context.Context, []string) error{"agent": runAgent, "submitter": runSubmitter}
	role, args := runChaos, os.Args[1:]
	if len(args) > 0 && roles[args[0]] != nil {
		role, args = roles[args[0]], args[1:]
	}
	if err := role(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1)
	}
}

// options say what happens.
type options struct {
	seed       uint64
	minutes    float64
	faults     string
	placements int
	clusters   int
	rate       float64
	fairlead   string
	keep       bool
}

func (o *options) flags(fs *flag.FlagSet) {
	fs.Uint64Var(&o.seed, "seed", 1, "`seed` of the schedule and of the load")
	fs.Float64Var(&o.minutes, "minutes", 5, "how long faults are made")
	fs.StringVar(&o.faults, "faults", strings.Join(kinds(), ","), "`list` of kinds or names of faults")
	fs.IntVar(&o.placements, "placements", 3, "instances of placement")
	fs.IntVar(&o.clusters, "clusters", 4, "clusters, each with its agent")
	fs.Float64Var(&o.rate, "rate", 25, "submissions a `second`")
	fs.StringVar(&o.fairlead, "fairlead", "bin/fairlead", "the `binary` under test")
	fs.BoolVar(&o.keep, "keep", false, "keep the folder of a run that held")
}

// runChaos is one run, from nothing to the verdict.
func runChaos(ctx context.Context, args []string) (err error) {
	s := &stage{links: map[*process]*link{}}
	fs := flag.NewFlagSet("chaos", flag.ExitOnError)
	s.flags(fs)
	_ = fs.Parse(args) // it exits
	some, err := chosen(s.faults)
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "fairlead-chaos-"); err != nil {
		return err
	}
	defer func() { s.leave(err) }()
	defer s.end()
	began := time.Now()
	if err := s.build(ctx, some); err != nil {
		return err
	}
	s.say("%d servers, %d instances of placement, %d agents, %g submissions a second; seed %d, %s in %s",
		nodes, len(s.placements), len(s.agents), s.rate, s.seed, s.faults, s.dir)
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.say("ready after %s; faults for %g minutes", time.Since(began).Round(time.Second), s.minutes)
	history, err := s.rounds(ctx, some)
	if err != nil {
		return err
	}
	return s.judge(ctx, history)
}

// say prints a line of progress.
func (s *stage) say(format string, args ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// leave removes the folder of a run that held, and says how to read that of one that did not.
func (s *stage) leave(err error) {
	if err == nil && !s.keep {
		_ = os.RemoveAll(s.dir)
		return
	}
	fmt.Printf("\nkept in %s: what each process said in *.log, what was acknowledged in journal,\n"+
		"the log itself in n1, n2 and n3. To read it: %[1]s/nats-server -c %[1]s/n1-read.conf (and n2, n3), then\n"+
		"fairlead tail or fairlead get with --server %s\nagain: go run ./test/chaos -seed %d -minutes %g -faults %s\n\n",
		s.dir, s.broker.url(), s.seed, s.minutes, s.faults)
}

// done is a fault as it happened.
type done struct {
	fault
	to         string
	begun, end time.Time
}

// rounds makes faults, one or two at a time, with a breath between them.
func (s *stage) rounds(ctx context.Context, some []fault) ([]done, error) {
	r := rand.New(rand.NewPCG(s.seed, 0xc4a05))
	var history []done
	deck := []fault{}
	draw := func() fault { // every fault comes before one comes again
		if len(deck) == 0 {
			deck = slices.Clone(some)
			r.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		f := deck[0]
		deck = deck[1:]
		return f
	}
	for end := time.Now().Add(time.Duration(s.minutes * float64(time.Minute))); time.Now().Before(end); {
		together := []fault{draw()}
		if len(some) > 1 && r.IntN(3) == 0 {
			together = append(together, draw())
		}
		all, err := s.round(ctx, r, together)
		history = append(history, all...)
		if err != nil {
			return history, err
		}
		if err := pause(ctx, time.Duration(2000+r.IntN(3000))*time.Millisecond); err != nil {
			return history, err
		}
	}
	return history, nil
}

// round begins faults, holds them for a while, and heals each in its time.
func (s *stage) round(ctx context.Context, r *rand.Rand, together []fault) ([]done, error) {
	var all []done
	var heal []func() error
	var said []string
	before := s.state(ctx)
	for i, f := range together {
		if i > 0 {
			if err := pause(ctx, time.Duration(r.IntN(1500))*time.Millisecond); err != nil {
				return all, err
			}
		}
		begun := time.Now()
		h, err := f.do(s, ctx, r)
		if err != nil {
			return all, fmt.Errorf("%s: %w", f.name, err)
		}
		lasts := f.most/8 + time.Duration(r.Int64N(int64(f.most*7/8)))
		all = append(all, done{f, h.to, begun, begun.Add(lasts)})
		heal = append(heal, h.heal)
		said = append(said, fmt.Sprintf("%s %s for %s", f.name, h.to, lasts.Round(100*time.Millisecond)))
	}
	s.say("%s   (%s)", strings.Join(said, " + "), before)
	var errs []error
	order := slices.SortedFunc(slices.Values([]int{0, len(all) - 1}[:len(all)]), func(a, b int) int { return all[a].end.Compare(all[b].end) })
	for _, i := range order {
		errs = append(errs, pause(ctx, time.Until(all[i].end)), heal[i]())
		all[i].end = time.Now()
	}
	return all, errors.Join(errs...)
}

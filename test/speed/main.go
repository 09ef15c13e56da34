package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings say what is measured, and for how long.
type settings struct {
	parts   []string
	sizes   []int // clusters of the fleets that the core decides for
	classes int
	limit   time.Duration // for each size
	most    int           // decisions for each size

	broker flood

	memory population

	cpuProfile, heapProfile string // files; none if empty
}

var allParts = []string{"core", "quality", "broker", "memory"}

func main() {
	s, err := parse(os.Args[1:])
	if err == nil {
		err = profiled(s.cpuProfile, func() error { return run(context.Background(), s, os.Stdout) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func parse(args []string) (settings, error) {
	var s settings
	fs := flag.NewFlagSet("speed", flag.ExitOnError)
	part := fs.String("part", strings.Join(allParts, ","), "`parts` to measure")
	sizes := fs.String("sizes", "10,100,1000,10000", "`clusters` of the fleets that the core decides for")
	fs.IntVar(&s.classes, "classes", 256, "different requests")
	fs.DurationVar(&s.limit, "limit", 12*time.Second, "most time for each size of the core")
	fs.IntVar(&s.most, "decisions", 100_000, "most decisions for each size of the core")
	fs.IntVar(&s.broker.workloads, "workloads", 10_000, "submissions in each round's flood")
	fs.IntVar(&s.broker.clusters, "clusters", 32, "clusters with room for the flood")
	fs.IntVar(&s.broker.classes, "flood-classes", 16, "different requests in the flood")
	fs.IntVar(&s.broker.rounds, "rounds", 4, "rounds of flood and raw append")
	fs.StringVar(&s.broker.profiles, "window-profiles", "", "`folder` for a CPU profile of each measured stretch of the broker part")
	fs.IntVar(&s.memory.clusters, "memory-clusters", 10_000, "clusters in memory")
	fs.IntVar(&s.memory.nodes, "memory-nodes", 1_000_000, "nodes in memory")
	fs.IntVar(&s.memory.workloads, "memory-workloads", 1_000_000, "workloads in memory")
	fs.StringVar(&s.cpuProfile, "cpuprofile", "", "`file` for a CPU profile")
	fs.StringVar(&s.heapProfile, "memprofile", "", "`file` for a heap profile of what is held in memory")
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	for p := range strings.SplitSeq(*part, ",") {
		if !slices.Contains(allParts, p) {
			return s, fmt.Errorf("part %q: want some of %s", p, strings.Join(allParts, ","))
		}
		s.parts = append(s.parts, p)
	}
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return s, fmt.Errorf("sizes: %q is not a number of clusters", text)
		}
		s.sizes = append(s.sizes, n)
	}
	return s, nil
}

// run measures the parts in turn and ends with the goals.
func run(ctx context.Context, s settings, out io.Writer) error {
	r := report{out: out, settings: s}
	began := time.Now()
	steps := map[string]func() error{
		"core":    func() error { return r.core() },
		"quality": func() error { return r.quality() },
		"broker":  func() error { return r.broker(ctx) },
		"memory":  func() error { return r.memory() },
	}
	for _, part := range s.parts {
		if err := steps[part](); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	r.goals()
	fmt.Fprintf(out, "took %s\n", time.Since(began).Round(time.Second))
	return nil
}

func profiled(path string, do func() error) error {
	if path == "" {
		return do()
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	defer func() { pprof.StopCPUProfile(); _ = f.Close() }()
	return do()
}

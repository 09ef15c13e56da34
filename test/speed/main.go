package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"fairlead.dev/test/harness"
)

// sizes say what is measured.
type sizes struct {
	workloads, clusters, classes int
}

func main() {
	var n sizes
	flag.IntVar(&n.workloads, "workloads", 20_000, "submissions in the flood")
	flag.IntVar(&n.clusters, "clusters", 32, "clusters with room for them")
	flag.IntVar(&n.classes, "classes", 16, "different requests among the submissions")
	profile := flag.String("cpuprofile", "", "`file` for a CPU profile of the service's part")
	flag.Parse()
	if err := run(context.Background(), n, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n sizes, profile string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	b, err := harness.StartBroker(ctx)
	if err != nil {
		return err
	}
	defer b.Stop()
	if err := prepare(ctx, b, n); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	stopProfile, err := startProfile(profile)
	if err != nil {
		return err
	}
	flood, err := measureService(ctx, b, n)
	stopProfile()
	if err != nil {
		return fmt.Errorf("measure the service: %w", err)
	}
	raw, err := measureRaw(ctx, flood.messages)
	if err != nil {
		return fmt.Errorf("measure the broker: %w", err)
	}
	report(n, flood, raw)
	return nil
}

func startProfile(path string) (func(), error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

func report(n sizes, flood, raw rate) {
	bytes := 0
	for _, m := range flood.messages {
		bytes += m.Size()
	}
	fmt.Printf("%d workloads of %d requests over %d clusters, sync always; messages of %d bytes on average\n",
		n.workloads, n.classes, n.clusters, bytes/len(flood.messages))
	fmt.Printf("%-34s %10s %12s %12s\n", "", "messages", "messages/s", "decisions/s")
	fmt.Printf("%-34s %10d %12.0f %12s\n", "raw, atomic batches of 1000", raw.count, raw.perSecond(), "")
	fmt.Printf("%-34s %10d %12.0f %12.0f\n", "placement, deciding and recording", flood.count, flood.perSecond(),
		float64(flood.decisions)/flood.took.Seconds())
	fmt.Printf("ratio %.2f\n", flood.perSecond()/raw.perSecond())
}

// rate is messages recorded in a time.
type rate struct {
	count, decisions int
	took             time.Duration
	messages         []message
}

func (r rate) perSecond() float64 { return float64(r.count) / r.took.Seconds() }

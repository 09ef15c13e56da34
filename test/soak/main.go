package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

// options say what is run, and for how long.
type options struct {
	minutes    float64
	population int
	rate       int
	clusters   int
	every      time.Duration
	fairlead   string
	scale      float64
	keep       string
	broker     string // the role of a broker, over this folder
}

func main() {
	var o options
	flag.Float64Var(&o.minutes, "minutes", 60, "`minutes` at load")
	flag.IntVar(&o.population, "population", 1000, "`workloads` at any time")
	flag.IntVar(&o.rate, "rate", 20, "`workloads` renewed each second")
	flag.IntVar(&o.clusters, "clusters", 8, "simulated `clusters`")
	flag.DurationVar(&o.every, "every", 5*time.Second, "`time` between two samples")
	flag.StringVar(&o.fairlead, "fairlead", "bin/fairlead", "`program` whose services are run")
	flag.Float64Var(&o.scale, "scale", 0.002, "`factor` on the sizes of the streams")
	flag.StringVar(&o.keep, "keep", "", "`folder` for samples and logs; a temporary one when empty")
	flag.StringVar(&o.broker, "broker", "", "be the broker over this `folder` (what this program starts itself)")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.broker != "" {
		return broker(o.broker)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if o.keep == "" {
		dir, err := os.MkdirTemp("", "fairlead-soak")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.keep = dir
	}
	if err := os.MkdirAll(o.keep, 0o700); err != nil {
		return err
	}
	f, err := begin(ctx, o)
	if err != nil {
		return err
	}
	wrong, err := f.soak(ctx)
	if end := f.end(); err == nil {
		err = end
	}
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("not as it should be:\n  %s", strings.Join(wrong, "\n  "))
	}
	fmt.Println("flat")
	return nil
}

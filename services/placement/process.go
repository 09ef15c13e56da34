package placement

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
)

// Flags declares the settings that a process of its own takes, with c as defaults.
func (c *Config) Flags(fs *pflag.FlagSet) {
	fs.StringVar(&c.Instance, "instance", c.Instance, "`name` of this process in epochs and event sources")
	fs.StringVar(&c.Connect.URL, "server", c.Connect.URL, "`URL` of the NATS servers, several separated by commas")
	c.Connect.SecurityFlags(fs)
	fs.IntVar(&c.BatchMessages, "batch-messages", c.BatchMessages, "`messages` that close a batch, at most 1000")
	fs.IntVar(&c.Replicas, "replicas", c.Replicas, "`copies` that the streams have, 1 or 3")
	fs.IntVar(&c.InFlight, "in-flight", c.InFlight, "`batches` appended before the first is acknowledged")
	fs.DurationVar(&c.AppendTimeout, "append-timeout", c.AppendTimeout, "`time` after which the outcome of an append is looked up")
	fs.Uint64Var(&c.CheckpointRecords, "checkpoint-records", c.CheckpointRecords, "`records` after which a checkpoint is saved")
	fs.DurationVar(&c.CheckpointEvery, "checkpoint-every", c.CheckpointEvery, "`time` after which a checkpoint is saved if anything is new")
	fs.DurationVar(&c.SteerEvery, "steer-every", c.SteerEvery, "`time` between steering plans, where clusters have prices")
	fs.DurationVar(&c.TakeoverAfter, "takeover-after", c.TakeoverAfter, "`time` that nobody may be seen to lead before this instance does")
	fs.DurationVar(&c.StuckAfter, "stuck-after", c.StuckAfter, "`time` that the leader may answer without getting on")
	fs.DurationVar(&c.ProbeEvery, "probe-every", c.ProbeEvery, "`time` between two questions of a standby to the leader")
	fs.BoolVar(&c.LeadBackwards, "lead-backwards", c.LeadBackwards, "lead although the log was led by a newer engine than this one's")
	fs.BoolVar(&c.AdoptLog, "adopt-log", c.AdoptLog, "take the log as it is, even where it rolled back (see the documentation)")
	fs.Int64Var(&c.Scheduler.TickMillis, "tick-millis", c.Scheduler.TickMillis, "`ms` between recorded ticks")
	fs.Int64Var(&c.Scheduler.SuspectMillis, "suspect-millis", c.Scheduler.SuspectMillis, "`ms` of silence after which nothing new is placed on a cluster")
	fs.Int64Var(&c.Scheduler.LostMillis, "lost-millis", c.Scheduler.LostMillis, "`ms` of silence after which its workloads are placed elsewhere")
}

// Part is the service as a part of a process, which is ready while it leads and its
// appends get into the log, and while it stands by with all that it read folded.
func Part(cfg Config, checks *daemon.Checks) daemon.Part {
	var why atomic.Pointer[string]
	starting := "starting"
	why.Store(&starting)
	checks.Add("placement", func(context.Context) error {
		if w := why.Load(); w != nil {
			return errors.New(*w)
		}
		return nil
	})
	cfg.Ready = func(ready bool, reason string) {
		if ready {
			why.Store(nil)
		} else {
			why.Store(&reason)
		}
	}
	cfg.Hot = cfg.Ready
	cfg.Warn = func(warnings []string) { checks.Warn("placement", warnings) }
	return daemon.Part{Name: "placement", Run: func(ctx context.Context, ready func()) error {
		ready()
		return Run(ctx, cfg)
	}}
}

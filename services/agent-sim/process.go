package agentsim

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/event"
)

// Flags declares the settings that a process of its own takes. The clusters come from
// the file named by --clusters: pass its value to Load.
func (cfg *Config) Flags(fs *pflag.FlagSet) {
	fs.StringVar(&cfg.Connect.URL, "server", "nats://127.0.0.1:4222", "`URL` of the NATS servers, several separated by commas")
	cfg.Connect.SecurityFlags(fs)
	fs.BoolVar(&cfg.Join, "join", false, "make each cluster's command channel first, as fairlead clusters join does")
	fs.BoolVar(&cfg.LeaveOnStop, "leave-on-stop", false, "a stop is a departure from the fleet, not a pause")
	fs.DurationVar(&cfg.Agent.ReportMin, "report-min", time.Second, "least `time` between two capacity reports of a cluster")
	fs.DurationVar(&cfg.Agent.ReportEvery, "report-every", 10*time.Second, "most `time` between two capacity reports of a cluster")
}

// LoadClusters makes a cluster of every spec in the file.
func (cfg *Config) LoadClusters(path string) error {
	specs, err := Load(path)
	if err != nil {
		return err
	}
	for _, s := range specs {
		cfg.Clusters = append(cfg.Clusters, New(s))
	}
	return nil
}

// Part is the service as a part of a process, which is ready when every agent is
// synchronised.
func Part(cfg Config, checks *daemon.Checks) daemon.Part {
	var lock sync.Mutex
	waiting := map[event.ClusterID]string{}
	for _, c := range cfg.Clusters {
		waiting[c.spec.Name] = "starting"
	}
	cfg.Ready = func(c event.ClusterID, ready bool, why string) {
		lock.Lock()
		defer lock.Unlock()
		if delete(waiting, c); !ready {
			waiting[c] = why
		}
	}
	checks.Add("agents", func(context.Context) error {
		lock.Lock()
		defer lock.Unlock()
		for c, why := range waiting { // any one will do
			return fmt.Errorf("%d of %d clusters are not synchronised, for one %s: %s", len(waiting), len(cfg.Clusters), c, why)
		}
		return nil
	})
	return daemon.Part{Name: "agent-sim", Run: func(ctx context.Context, ready func()) error {
		ready()
		return Run(ctx, cfg)
	}}
}

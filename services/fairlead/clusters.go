package fairlead

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

func newClusters(s *Session) *cobra.Command {
	return parent("clusters", "Show the fleet, and take clusters in, out of service or back.",
		newClustersList(s), newClustersShow(s),
		newClustersWish(s, cordon), newClustersWish(s, uncordon), newClustersWish(s, drain), newClustersJoin(s), newClustersLeave(s))
}

type clustersListOptions struct {
	*Session
	out output.Printer
}

func newClustersList(s *Session) *cobra.Command {
	o := &clustersListOptions{Session: s}
	return command(spec{
		use:   "ls",
		about: "List the clusters with their state, free room and the age of their last report.",
		examples: [3]string{
			"fairlead clusters ls",
			"fairlead clusters ls -o wide",
			"fairlead clusters ls -o json | jq '.[] | select(.state != \"ready\")'",
		},
		exits:  connected,
		see:    []string{"fairlead clusters show", "fairlead tail 'cluster.*'", "fairlead doctor"},
		server: true,
	}, o)
}

// Complete checks the format.
func (o *clustersListOptions) Complete([]string) (err error) {
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *clustersListOptions) Validate() error { return nil }

// Run asks and prints.
func (o *clustersListOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	clusters, _, err := f.ask.Clusters(ctx)
	if err != nil {
		return answered(err, "clusters")
	}
	if o.out.Structured() {
		return o.out.Value(append([]scheduler.ClusterView{}, clusters...))
	}
	if len(clusters) == 0 {
		return o.talk().Linef("no clusters; join one with `fairlead clusters join NAME`")
	}
	return o.out.Table(fleetRows(clusters))
}

func fleetRows(clusters []scheduler.ClusterView) output.Rows {
	rows := output.Rows{Columns: []output.Column{
		{Name: "cluster"}, {Name: "orchestrator"}, {Name: "provider"}, {Name: "region"}, {Name: "state"}, {Name: "nodes", Right: true},
		{Name: "free cpu", Right: true}, {Name: "free memory", Right: true}, {Name: "free gpu", Right: true, Wide: true},
		{Name: "workloads", Right: true}, {Name: "replicas", Right: true}, {Name: "silent", Right: true}, {Name: "price"},
		{Name: "version", Wide: true}, {Name: "labels", Wide: true},
	}}
	for _, c := range clusters {
		rows.Add(string(c.Cluster), dash(c.Orchestrator), dash(c.Provider), dash(c.Region), string(c.State), strconv.Itoa(c.Nodes),
			of(quantity.Cores, c.Free.CPUMilli, c.Allocatable.CPUMilli), of(quantity.Memory, c.Free.MemoryBytes, c.Allocatable.MemoryBytes),
			of(quantity.Cores, c.Free.GPUMilli, c.Allocatable.GPUMilli), strconv.Itoa(c.Workloads), strconv.Itoa(c.Replicas),
			silence(c.SilentMillis), clusterPrice(c.Price), dash(c.Version), pairs(c.Labels))
	}
	return rows
}

func of(write func(int64) string, part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return write(part) + "/" + write(whole)
}

func silence(millis int64) string {
	return (time.Duration(millis) * time.Millisecond).Round(time.Second).String()
}

type clustersShowOptions struct {
	*Session
	id  event.ClusterID
	out output.Printer
}

func newClustersShow(s *Session) *cobra.Command {
	o := &clustersShowOptions{Session: s}
	return command(spec{
		use:   "show CLUSTER",
		about: "Show one cluster: its facts, its protocol numbers and its room by node shape.",
		examples: [3]string{
			"fairlead clusters show k8s-eu",
			"fairlead clusters show k8s-eu -o yaml",
			"fairlead clusters show k8s-eu -o json | jq .free",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead clusters ls", "fairlead tail --cluster", "fairlead clusters cordon"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}

// Complete reads the name.
func (o *clustersShowOptions) Complete(args []string) (err error) {
	if o.out, err = o.printer(); err != nil {
		return err
	}
	o.id, err = clusterID(args[0])
	return err
}

// Validate has nothing to refuse.
func (o *clustersShowOptions) Validate() error { return nil }

// Run asks and prints.
func (o *clustersShowOptions) Run(ctx context.Context) error {
	f, err := o.fleet(ctx)
	if err != nil {
		return err
	}
	defer f.close()
	ctx, cancel := o.bounded(ctx)
	defer cancel()
	view, err := f.cluster(ctx, o.id)
	if err != nil {
		return err
	}
	if o.out.Structured() {
		return o.out.Value(view)
	}
	return showCluster(o.out, view)
}

// cluster gives one cluster's view.
func (f *fleet) cluster(ctx context.Context, id event.ClusterID) (scheduler.ClusterView, error) {
	clusters, _, err := f.ask.Clusters(ctx)
	if err != nil {
		return scheduler.ClusterView{}, answered(err, "clusters")
	}
	for _, c := range clusters {
		if c.Cluster == id {
			return c, nil
		}
	}
	return scheduler.ClusterView{}, exit.Errorf(exit.NotFound, "cluster %s is not known", id)
}

func showCluster(p output.Printer, c scheduler.ClusterView) error {
	kinds := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		kinds[i] = string(k)
	}
	taints := make([]string, len(c.Taints))
	for i, t := range c.Taints {
		taints[i] = fmt.Sprintf("%s=%s:%s", t.Key, t.Value, t.Effect)
	}
	facts := [][2]string{
		{"Cluster", string(c.Cluster)},
		{"State", string(c.State)},
		{"Runs", strings.TrimSpace(fmt.Sprintf("%s %s", c.Orchestrator, c.Version))},
		{"Place", strings.Join(present(c.Provider, c.Region, c.Zone), ", ")},
		{"Kinds", strings.Join(kinds, ", ")},
		{"Labels", pairs(c.Labels)},
		{"Taints", strings.Join(taints, ", ")},
		{"Price", clusterPrice(c.Price)},
		{"Holds", fmt.Sprintf("%d replicas of %d workloads", c.Replicas, c.Workloads)},
		{"Report", fmt.Sprintf("%d of incarnation %d, applied through %d of %d commands, silent %s",
			c.Report, c.Incarnation, c.AppliedThrough, c.LastCommand, silence(c.SilentMillis))},
	}
	for _, f := range facts {
		if err := p.Linef("%-8s %s", f[0]+":", dash(output.Clean(f[1]))); err != nil {
			return err
		}
	}
	if len(c.Shapes) == 0 {
		return nil
	}
	if err := p.Linef(""); err != nil {
		return err
	}
	return p.Table(shapeRows(c.Shapes))
}

func shapeRows(shapes []scheduler.ShapeView) output.Rows {
	rows := output.Rows{Columns: []output.Column{
		{Name: "shape"}, {Name: "arch"}, {Name: "nodes", Right: true}, {Name: "each"}, {Name: "free", Right: true}, {Name: "note"}, {Name: "labels", Wide: true},
	}}
	for _, s := range shapes {
		note := ""
		if s.Overdrawn {
			note = "overdrawn: nothing is sent there"
		}
		rows.Add(s.Name, dash(s.Arch), strconv.Itoa(s.Nodes), resources(s.Allocatable), free(s.Free), note, pairs(s.Labels))
	}
	return rows
}

func present(values ...string) []string {
	var kept []string
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

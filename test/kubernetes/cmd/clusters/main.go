// Command clusters runs several Kubernetes clusters on loopback until it is interrupted, for demos
// and for trying things by hand. It prints one line for each: name, URL and the path of an
// administrator's kubeconfig.
//
//	clusters -n 6 -nodes 100 -dir /tmp/demo
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"fairlead.dev/test/kubernetes/controlplane"
)

func main() {
	var o options
	flag.IntVar(&o.clusters, "n", 3, "number of `clusters`")
	flag.IntVar(&o.nodes, "nodes", 10, "`nodes` of each cluster")
	flag.StringVar(&o.dir, "dir", "", "`folder` for data, kubeconfigs and logs; temporary when empty")
	flag.StringVar(&o.memory, "memory", "150MiB", "soft memory `limit` of each component")
	flag.BoolVar(&o.bare, "bare", false, "API servers and etcd only: nothing runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "clusters:", err)
		os.Exit(1)
	}
}

type options struct {
	clusters, nodes int
	dir, memory     string
	bare            bool
}

func run(ctx context.Context, o options) error {
	clusters, err := controlplane.StartAll(ctx, o.configs()...)
	if err != nil {
		return err
	}
	for i, c := range clusters {
		defer c.Stop()
		kubeconfig, err := c.Kubeconfig(controlplane.Admin)
		if err != nil {
			return err
		}
		fmt.Println(o.name(i), c.URL, kubeconfig)
	}
	<-ctx.Done()
	return nil
}

func (o options) name(i int) string { return "cluster-" + strconv.Itoa(i) }

func (o options) configs() []controlplane.Config {
	cfgs := make([]controlplane.Config, o.clusters)
	for i := range cfgs {
		cfgs[i] = controlplane.Config{
			Name:        o.name(i),
			Full:        !o.bare,
			MemoryLimit: o.memory,
			Nodes: controlplane.Nodes(o.name(i), o.nodes, controlplane.Node{
				Labels: map[string]string{
					"topology.kubernetes.io/region": "loopback",
					"topology.kubernetes.io/zone":   o.name(i),
				},
			}),
		}
		if o.dir != "" {
			cfgs[i].Dir = filepath.Join(o.dir, o.name(i))
		}
	}
	return cfgs
}

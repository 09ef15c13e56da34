package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// Requests a second that the agent allows itself; client-go's own 5 would make a resync of a
// thousand workloads take ten minutes. The API server's fairness protects it from us.
const (
	requestsPerSecond = 200
	burst             = 400
)

// Cluster is one Kubernetes cluster. It implements agent.Orchestrator. Its methods may be called at
// the same time.
type Cluster struct {
	Config
	scheme manifest.Scheme
	api    kubernetes.Interface
	meta   metadata.Interface
	sight  *sight
	hints  agent.Hints
	work   sync.WaitGroup

	mu         sync.Mutex // guards what the informers fill
	book       *inventory.Book
	objects    map[key]*manifest.Object
	written    map[key]writing
	quotas     map[types.NamespacedName]*quota
	namespaces map[string]time.Time // known to exist for us, and when we were given rights there
	version    string
}

// Open connects, and begins to watch the cluster until ctx ends; Wait then returns when all is at
// rest. An unreachable API server is no error: views are not complete until it answers.
func Open(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg = cfg.completed()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuration of the cluster: %w", err)
	}
	c := &Cluster{
		Config:     cfg,
		scheme:     manifest.Scheme{Cluster: cfg.Cluster, NamespacePrefix: cfg.NamespacePrefix},
		book:       inventory.NewBook(),
		objects:    map[key]*manifest.Object{},
		written:    map[key]writing{},
		quotas:     map[types.NamespacedName]*quota{},
		namespaces: map[string]time.Time{},
	}
	c.sight = newSight(c.hints.Give)
	if err := c.connect(); err != nil {
		return nil, fmt.Errorf("connect to the API server: %w", err)
	}
	if err := c.inform(ctx); err != nil {
		return nil, fmt.Errorf("prepare watches: %w", err)
	}
	c.work.Go(func() { c.probe(ctx) })
	c.work.Go(func() { c.sweep(ctx) })
	return c, nil
}

// Wait returns when the context given to Open has ended and nothing of the cluster runs any more.
func (c *Cluster) Wait() { c.work.Wait() }

// Watch implements agent.Orchestrator.
func (c *Cluster) Watch(ctx context.Context, changed func()) error {
	return c.hints.Watch(ctx, changed)
}

func (c *Cluster) connect() (err error) {
	rc := rest.CopyConfig(c.REST)
	rc.QPS, rc.Burst = requestsPerSecond, burst
	rc.UserAgent = "fairlead-agent-kubernetes"
	rc.Wrap(c.sight.wrap)
	if c.meta, err = metadata.NewForConfig(rc); err != nil {
		return err
	}
	typed := rest.CopyConfig(rc) // as protobuf a pod takes half the time to read; metadata chooses by itself
	typed.ContentType = "application/vnd.kubernetes.protobuf"
	typed.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	c.api, err = kubernetes.NewForConfig(typed)
	return err
}

// handler tells of every change of one kind of object, as what its transform made of it.
func handler[T any](set, remove func(T), changed func()) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { set(o.(T)); changed() },
		UpdateFunc: func(_, o any) { set(o.(T)); changed() },
		DeleteFunc: func(o any) {
			if lost, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = lost.Obj
			}
			remove(o.(T))
			changed()
		},
	}
}

package double

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Cluster is the cluster that is played. Its methods may be called at the same time.
type Cluster struct {
	cfg    Config
	server *http.Server
	url    string
	ctx    context.Context // of the whole
	end    context.CancelFunc
	work   sync.WaitGroup

	faults faults
	tokens tokens
	out    streams

	mu          sync.Mutex
	root        *root
	roots       []*root           // older ones, and the present one
	history     map[string][]*app // versions by app
	deployments []*deployment
	tasks       map[string]*task
	waiting     map[string]*waiting // by app
	failures    map[string]*failure
	delays      map[string]time.Time // an app is not launched before
	unhealthy   map[string]bool
	away        map[string]bool // nodes
	quotas      map[string]map[string]float64
	serial      int
	kick        chan struct{}
}

// Start plays a cluster on a free port of the loopback until Close.
func Start(cfg Config) (*Cluster, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("play a DC/OS cluster: %w", err)
	}
	c := &Cluster{
		cfg:       cfg.completed(),
		url:       "http://" + listener.Addr().String(),
		root:      newRoot(),
		history:   map[string][]*app{},
		tasks:     map[string]*task{},
		waiting:   map[string]*waiting{},
		failures:  map[string]*failure{},
		delays:    map[string]time.Time{},
		unhealthy: map[string]bool{},
		away:      map[string]bool{},
		quotas:    map[string]map[string]float64{},
		kick:      make(chan struct{}, 1),
	}
	for _, n := range cfg.Nodes {
		c.away[n.Name] = n.Away
	}
	c.ctx, c.end = context.WithCancel(context.Background())
	c.server = &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	c.work.Go(func() {
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic("double: " + err.Error())
		}
	})
	c.work.Go(c.run)
	return c, nil
}

// Close ends it; requests that run are cut off.
func (c *Cluster) Close() {
	c.end()
	_ = c.server.Close()
	c.work.Wait()
}

// URL is the cluster's own: Marathon is at /service/marathon and /marathon below it, Mesos at /mesos, the
// login at /acs/api/v1/auth/login.
func (c *Cluster) URL() string { return c.url }

func (c *Cluster) handler() http.Handler {
	mux := http.NewServeMux()
	marathon := c.marathon()
	mux.Handle("/service/marathon/", http.StripPrefix("/service/marathon", marathon))
	mux.Handle("/marathon/", http.StripPrefix("/marathon", marathon))
	mux.HandleFunc("POST /mesos/api/v1", c.operator)
	guarded := c.guarded(mux)
	whole := http.NewServeMux()
	whole.HandleFunc("POST /acs/api/v1/auth/login", c.login)
	whole.Handle("/", guarded)
	return c.faulty(whole)
}

// run moves tasks and deployments on, after every change and every few milliseconds.
func (c *Cluster) run() {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-c.kick:
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
		c.mu.Lock()
		c.step(time.Now())
		c.mu.Unlock()
	}
}

func (c *Cluster) wake() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// number gives names that are not used yet; c.mu is held.
func (c *Cluster) number() int {
	c.serial++
	return c.serial
}

package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"
)

// Halt kills the named components, or all of them, and waits for their ends. Data, port, keys and
// users stay: Resume goes on from there. A halted etcd has lost nothing it had acknowledged.
func (c *Cluster) Halt(components ...string) {
	c.turn.Lock()
	defer c.turn.Unlock()
	victims := c.take(components)
	for _, p := range slices.Backward(victims) { // clients before their servers, for quieter logs
		p.kill()
	}
	for _, p := range victims {
		<-p.done
	}
}

// take removes the named processes, or all, from the list of the living and returns them.
func (c *Cluster) take(components []string) (taken []*process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.processes = slices.DeleteFunc(c.processes, func(p *process) bool {
		named := len(components) == 0 || slices.Contains(components, p.name)
		if named {
			taken = append(taken, p)
		}
		return named
	})
	return taken
}

// Resume starts every component that is not running, on the same port and data, and returns when the
// cluster answers again.
func (c *Cluster) Resume(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.port.number == 0 {
		return fmt.Errorf("resume cluster %s: it was stopped for good", c.cfg.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.ReadyWithin)
	defer cancel()
	for _, component := range Components(c.cfg.Full) {
		if err := c.resume(ctx, component); err != nil {
			return err
		}
	}
	if c.cfg.Full {
		// Pods need this account, and the controllers make it: it shows that they work.
		account := c.answers("/api/v1/namespaces/default/serviceaccounts/default")
		if err := c.await(ctx, ControllerManager, account); err != nil {
			return err
		}
	}
	return c.Check()
}

// Restart halts the whole cluster and resumes it.
func (c *Cluster) Restart(ctx context.Context) error {
	c.Halt()
	return c.Resume(ctx)
}

// resume starts one component unless it runs, and waits until the next can be started.
func (c *Cluster) resume(ctx context.Context, component string) error {
	if p := c.find(component); p != nil && p.running() {
		return nil
	}
	c.take([]string{component})
	if err := c.clear(ctx, component); err != nil {
		return err
	}
	p, err := c.launch(component)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.processes = append(c.processes, p)
	c.mu.Unlock()
	return c.awaitStarted(ctx, component)
}

// clear removes what the component's last life left behind and its next would stumble over.
func (c *Cluster) clear(ctx context.Context, component string) error {
	switch component {
	case Etcd:
		_ = os.Remove(c.socket("client")) // its reappearance is what we wait for; there is none at first
	case Kwok:
		// A new kwok has a new identity and lets a node alone while the old one's lease lasts.
		const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
		if err := c.Admin.Do(ctx, http.MethodDelete, leases, nil, nil); err != nil {
			return fmt.Errorf("clear node leases: %w", err)
		}
	}
	return nil
}

// awaitStarted waits for what the components after this one need of it.
func (c *Cluster) awaitStarted(ctx context.Context, component string) error {
	switch component {
	case Etcd:
		// A gRPC client that finds no socket backs off for a second: better to come after it.
		return c.await(ctx, Etcd, c.listens)
	case APIServer:
		if err := c.await(ctx, APIServer, c.answers("/readyz")); err != nil {
			return err
		}
		// The server makes its own namespaces, but only after it calls itself ready.
		return c.await(ctx, APIServer, c.answers("/api/v1/namespaces/default"))
	}
	return nil
}

func (c *Cluster) listens(context.Context) error {
	_, err := os.Stat(c.socket("client"))
	return err
}

// answers is the condition that the API server gives Admin what is at path.
func (c *Cluster) answers(path string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		return c.Admin.Do(ctx, http.MethodGet, path, nil, nil)
	}
}

// await returns when ok does without an error, or fails when the component or ctx ends before.
func (c *Cluster) await(ctx context.Context, component string, ok func(context.Context) error) error {
	ended := c.find(component).done
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := ok(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ended:
			return c.Check()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready (%w): %w\n%s", component, context.Cause(ctx), err, c.LogTail(component))
		}
	}
}

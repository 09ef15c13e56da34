package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Cluster is one control plane of child processes. They end with Stop, with Halt or with us. Its
// methods may be called from several goroutines; Halt, Resume and Stop take turns.
type Cluster struct {
	URL   string // https://127.0.0.1:port, the same for the cluster's whole life
	Dir   string // data, keys, kubeconfigs and logs
	Admin *API   // speaks as Admin

	cfg       Config
	port      port
	sockets   string // a folder with a path short enough for socket names
	authority []byte // PEM
	http      *http.Client
	temporary bool // Dir is ours to remove

	turn      sync.Mutex // held while processes are started or ended
	mu        sync.Mutex // guards the two below
	tokens    map[string]string
	processes []*process // in the order they were started
}

// Start makes a cluster and returns when it answers, its nodes exist and, in a Full one, workloads
// can be created. ctx and Config.ReadyWithin bound the start, not the cluster's life. An error quotes
// the end of the log of what failed, and leaves nothing behind.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg, err := cfg.completed()
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	c := &Cluster{cfg: cfg, tokens: map[string]string{}}
	if err := c.begin(ctx); err != nil {
		c.Stop()
		return nil, fmt.Errorf("start cluster %s: %w", cfg.Name, err)
	}
	return c, nil
}

// StartAll starts several clusters at the same time; all of them, or none and the error.
func StartAll(ctx context.Context, cfgs ...Config) ([]*Cluster, error) {
	clusters, errs := make([]*Cluster, len(cfgs)), make([]error, len(cfgs))
	var starts sync.WaitGroup
	for i, cfg := range cfgs {
		starts.Go(func() { clusters[i], errs[i] = Start(ctx, cfg) })
	}
	starts.Wait()
	err := errors.Join(errs...)
	if err == nil {
		return clusters, nil
	}
	for _, c := range clusters {
		if c != nil {
			c.Stop()
		}
	}
	return nil, err
}

func (c *Cluster) begin(ctx context.Context) error {
	if err := c.makeFolders(); err != nil {
		return err
	}
	reserved, err := reservePort()
	if err != nil {
		return err
	}
	c.port = reserved
	c.URL = "https://127.0.0.1:" + strconv.Itoa(reserved.number)
	if err := c.writeFiles(); err != nil {
		return err
	}
	if err := c.Resume(ctx); err != nil {
		return err
	}
	return c.AddNodes(ctx, c.cfg.Nodes...)
}

func (c *Cluster) makeFolders() (err error) {
	if c.sockets, err = os.MkdirTemp(shortTempDir(), "fl-"); err != nil {
		return fmt.Errorf("make a folder for sockets: %w", err)
	}
	if c.cfg.Dir == "" {
		c.temporary = true
		c.cfg.Dir = filepath.Join(c.sockets, "dir")
	}
	if c.Dir, err = filepath.Abs(c.cfg.Dir); err != nil {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	if _, err := os.Stat(c.path("etcd")); err == nil {
		return fmt.Errorf("%s holds a cluster already", c.Dir)
	}
	return nil
}

// shortTempDir leaves a socket's whole path within the 104 bytes that every kernel takes. A test's
// own temporary folder is named after the test, and would not.
func shortTempDir() string {
	if dir := os.TempDir(); len(dir) < 64 {
		return dir
	}
	return "/tmp"
}

// writeFiles puts down all that the components read, and sets up our own access.
func (c *Cluster) writeFiles() error {
	k, err := newKeys(time.Now())
	if err != nil {
		return err
	}
	tokens, err := c.inventTokens()
	if err != nil {
		return fmt.Errorf("invent tokens: %w", err)
	}
	for name, content := range map[string][]byte{
		"ca.crt":       k.authority,
		"server.crt":   k.server,
		"server.key":   k.serverKey,
		"accounts.key": k.accountsKey,
		"tokens.csv":   tokens,
		"stages.yaml":  stages,
	} {
		if err := os.WriteFile(c.path(name), content, 0o600); err != nil {
			return fmt.Errorf("write the cluster's files: %w", err)
		}
	}
	c.authority = k.authority
	c.http = newHTTPClient(k.authority)
	if c.Admin, err = c.API(Admin); err != nil {
		return err
	}
	_, err = c.Kubeconfig(Admin)
	return err
}

// newHTTPClient has no time-out: a watch lasts. Each request's context bounds it.
func newHTTPClient(authority []byte) *http.Client {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: trusted},
		ForceAttemptHTTP2: true,
	}}
}

// Stop ends the cluster for good; a temporary folder goes with it. It may be called twice.
func (c *Cluster) Stop() {
	c.Halt()
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.port.number != 0 {
		c.port.release()
		c.port = port{}
	}
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	if c.sockets != "" {
		_ = os.RemoveAll(c.sockets) // a left-over in the system's temporary folder harms nobody
	}
}

// Log is the path of a component's output, all lives of it.
func (c *Cluster) Log(component string) string { return c.path(component + ".log") }

// PID of a running component; 0 when it is not running.
func (c *Cluster) PID(component string) int {
	if p := c.find(component); p != nil {
		return p.cmd.Process.Pid
	}
	return 0
}

// Check says whether a component has ended that nobody halted.
func (c *Cluster) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.processes {
		if !p.running() {
			return fmt.Errorf("%s of cluster %s ended by itself (%v):\n%s", p.name, c.cfg.Name, p.err, c.LogTail(p.name))
		}
	}
	return nil
}

// LogTail is the last 4 KiB of a component's log, for messages.
func (c *Cluster) LogTail(component string) string {
	text, err := os.ReadFile(c.Log(component))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4096):])
}

func (c *Cluster) path(name string) string { return filepath.Join(c.Dir, name) }

func (c *Cluster) socket(name string) string { return filepath.Join(c.sockets, name+".sock") }

func (c *Cluster) find(component string) *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.IndexFunc(c.processes, func(p *process) bool { return p.name == component }); i >= 0 {
		return c.processes[i]
	}
	return nil
}

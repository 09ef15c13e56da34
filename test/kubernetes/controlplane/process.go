package controlplane

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

// lifeline tells the binary that its standard input is ours and that it ends when we do.
const lifeline = "CONTROLPLANE_LIFELINE=1"

// process is one running component.
type process struct {
	name     string
	cmd      *exec.Cmd
	lifeline io.Closer
	done     chan struct{} // closed when the process has ended
	err      error         // why it ended; read after done
}

// launch starts a component with its output appended to its log.
func (c *Cluster) launch(component string) (*process, error) {
	log, err := os.OpenFile(c.Log(component), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", component, err)
	}
	defer log.Close()
	cmd := exec.Command(c.cfg.Binary, c.arguments(component)...)
	cmd.Dir = c.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = c.environment()
	cmd.SysProcAttr = dieWithParent()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", component, err)
	}
	p := &process{name: component, cmd: cmd, lifeline: in, done: make(chan struct{})}
	if err := p.start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", component, err)
	}
	return p, nil
}

// environment is the component's own and nothing of ours: a developer's KUBECONFIG, proxies or
// ~/.kwok must not decide what a test sees.
func (c *Cluster) environment() []string {
	env := []string{lifeline, "HOME=" + c.Dir, "TMPDIR=" + c.sockets, "PATH=" + os.Getenv("PATH")}
	if c.cfg.MemoryLimit != "" {
		env = append(env, "GOMEMLIMIT="+c.cfg.MemoryLimit)
	}
	return env
}

// start runs the process from a thread of its own, held until the process ends: Linux sends the death
// signal when the thread that forked is gone, which for a Go program may be long before its end.
func (p *process) start() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return <-started
}

// kill does not ask: a cluster that vanishes is what its users must survive, and an orderly end
// would take the API server up to a minute.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended already
	_ = p.lifeline.Close()
}

// running tells whether the process has not ended, by us or by itself.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

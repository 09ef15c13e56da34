package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// process is one process of the federation, started again when it ends: a service manager
// would do no less.
type process struct {
	name    string
	command []string
	log     string // file with what it said, over all its lives

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // of the present life
	down  bool          // it stays down until start
	lives int
	ends  []string // how it ended by itself, one line each
}

func newProcess(dir, name string, command ...string) *process {
	return &process{name: name, command: command, log: filepath.Join(dir, name+".log")}
}

// start runs it, unless it runs, and again whenever it ends by itself.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && !p.down {
		return nil
	}
	p.down = false
	return p.run()
}

func (p *process) run() error {
	out, err := os.OpenFile(p.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	p.lives++
	fmt.Fprintf(out, "--- life %d of %s, %s\n", p.lives, p.name, time.Now().Format(clock))
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Start()
	_ = out.Close() // the process has its own
	if err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.ended = cmd, make(chan struct{})
	go p.follow(cmd, p.ended)
	return nil
}

// again is how long a process that ended by itself stays away.
const again = time.Second

// follow waits for the end of one life.
func (p *process) follow(cmd *exec.Cmd, ended chan struct{}) {
	_ = cmd.Wait()
	p.mu.Lock()
	byItself := !p.down
	if byItself {
		p.ends = append(p.ends, fmt.Sprintf("%s %s: %s", time.Now().Format(clock), cmd.ProcessState, lastLine(p.log)))
	}
	close(ended)
	p.mu.Unlock()
	if !byItself {
		return
	}
	time.Sleep(again)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down && p.cmd == cmd {
		if err := p.run(); err != nil {
			p.ends = append(p.ends, err.Error())
		}
	}
}

// kill is kill -9; it stays down until start.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// end signals it and waits until it has ended.
func (p *process) end(s syscall.Signal) {
	p.mu.Lock()
	p.down = true
	cmd, ended := p.cmd, p.ended
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(s) // one that has ended by itself needs none
	<-ended
}

// pause and resume stop it where it stands.
func (p *process) pause()  { p.signal(syscall.SIGSTOP) }
func (p *process) resume() { p.signal(syscall.SIGCONT) }

func (p *process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(s) // the same
	}
}

// lastLine is the last thing it said.
func lastLine(file string) string {
	body, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	end := len(body)
	for end > 0 && body[end-1] == '\n' {
		end--
	}
	begin := end
	for begin > 0 && body[begin-1] != '\n' && end-begin < 400 {
		begin--
	}
	return string(body[begin:end])
}

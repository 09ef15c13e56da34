package dev

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"fairlead.dev/pkg/daemon"
	"fairlead.dev/pkg/event"
)

// agentBinary is a program of its own, so that client-go is not linked in here.
const agentBinary = "fairlead-agent-kubernetes"

// Kubernetes is a real cluster to join: a context of the kubeconfig by name.
type Kubernetes struct {
	Context string
	Cluster event.ClusterID // its name in the federation
	Binary  string          // path of the agent
}

// FindAgent looks for the Kubernetes agent beside this program, then on PATH.
func FindAgent() (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), agentBinary)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(agentBinary)
	if err != nil {
		return "", fmt.Errorf("%s is neither beside this program nor on PATH", agentBinary)
	}
	return path, nil
}

var notLabel = regexp.MustCompile(`[^a-z0-9]+`)

// ClusterOf gives the name under which a context joins: the context's, made a DNS label.
func ClusterOf(context string) (event.ClusterID, error) {
	name := strings.Trim(notLabel.ReplaceAllString(strings.ToLower(context), "-"), "-")
	if len(name) > 63 {
		name = strings.Trim(name[len(name)-63:], "-")
	}
	if err := event.CheckName(name); err != nil {
		return "", fmt.Errorf("context %q gives no cluster name: %w", context, err)
	}
	return event.ClusterID(name), nil
}

// kubernetes runs the agent beside this process. Its end does not end the rest: the
// failure is told, with its last words.
func (f *federation) kubernetes(k Kubernetes) daemon.Part {
	return daemon.Part{Name: "agent of " + string(k.Cluster), Run: func(ctx context.Context, ready func()) error {
		ready()
		if err := f.child(ctx, k); err != nil && ctx.Err() == nil {
			f.Failed(fmt.Errorf("kubernetes context %s: %w", k.Context, err))
		}
		<-ctx.Done()
		return nil
	}}
}

func (f *federation) child(ctx context.Context, k Kubernetes) error {
	cmd := exec.CommandContext(ctx, k.Binary, "--server", f.server.ClientURL(), "--cluster", string(k.Cluster), "--kube-context", k.Context)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace / 2
	words, write := io.Pipe()
	cmd.Stderr, cmd.Stdout = write, write
	var last lastLines
	var reading sync.WaitGroup
	reading.Go(func() { last.read(words, func(line string) { f.Log.Info(line, "agent", string(k.Cluster)) }) })
	err := cmd.Run()
	_ = write.Close() // ends the reader
	reading.Wait()
	if err == nil {
		err = errors.New("ended by itself")
	}
	if said := last.String(); said != "" {
		err = fmt.Errorf("%w; its last words: %s", err, said)
	}
	return fmt.Errorf("the agent ended: %w", err)
}

// lastLines keeps the end of what a process said.
type lastLines struct{ lines []string }

func (l *lastLines) read(r io.Reader, each func(string)) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		l.lines = append(l.lines, scanner.Text())
		if len(l.lines) > 3 {
			l.lines = l.lines[1:]
		}
		each(scanner.Text())
	}
	_, _ = io.Copy(io.Discard, r) // a line too long must not block the process
}

// String joins them.
func (l *lastLines) String() string { return strings.Join(l.lines, " | ") }

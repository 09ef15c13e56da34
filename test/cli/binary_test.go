package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait; a loaded machine may need much of it.
const patience = 60 * time.Second

var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

// build makes the program that is tested and removes it afterwards.
func build(m *testing.M) int {
	folder, err := os.MkdirTemp("", "fairlead-cli-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "fairlead")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/fairlead")
	cmd.Dir = filepath.Join("..", "..", "services", "fairlead")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build fairlead: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// shell is one person's terminal: an environment of its own.
type shell struct {
	t    *testing.T
	home string
	env  []string
}

func newShell(t *testing.T) *shell {
	home := t.TempDir()
	return &shell{t: t, home: home, env: []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home, "TZ=UTC",
	}}
}

// with gives the same shell with further variables.
func (s *shell) with(env ...string) *shell {
	return &shell{t: s.t, home: s.home, env: append(append([]string{}, s.env...), env...)}
}

// result is what a command line did.
type result struct {
	out, err string
	code     int
}

// run runs a command line to its end.
func (s *shell) run(args ...string) result { return s.feed("", args...) }

// feed is run with something on stdin.
func (s *shell) feed(in string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var out, talk bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.env, s.home, strings.NewReader(in), &out, &talk
	err := cmd.Run()
	if ctx.Err() != nil {
		s.t.Fatalf("fairlead %s did not end in %s; stderr: %s", strings.Join(args, " "), patience, talk.String())
	}
	return result{out.String(), talk.String(), exitCode(s.t, err)}
}

// want runs a command line and checks its exit code and what its output contains.
func (s *shell) want(code int, contains string, args ...string) result {
	s.t.Helper()
	r := s.run(args...)
	if r.code != code || !strings.Contains(r.out+r.err, contains) {
		s.t.Errorf("fairlead %s: exit %d, want %d with %q\nstdout: %s\nstderr: %s", strings.Join(args, " "), r.code, code, contains, r.out, r.err)
	}
	return r
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// background is a command line that runs on.
type background struct {
	t     *testing.T
	cmd   *exec.Cmd
	began time.Time
	lines chan string // of stdout
	talk  lockedBuffer
	done  chan struct{}
	err   error
}

func (s *shell) start(args ...string) *background {
	s.t.Helper()
	b := &background{t: s.t, lines: make(chan string, 4096), done: make(chan struct{}), began: time.Now()}
	b.cmd = exec.Command(binary, args...)
	b.cmd.Env, b.cmd.Dir, b.cmd.Stderr = s.env, s.home, &b.talk
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go b.read(out)
	s.t.Cleanup(func() {
		_ = b.cmd.Process.Kill() // its own handle; an ended process stays ended
		<-b.done
	})
	return b
}

func (b *background) read(out io.Reader) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		b.lines <- scanner.Text()
	}
	close(b.lines)
	b.err = b.cmd.Wait()
	close(b.done)
}

// line waits for a line of stdout that contains text and gives the time since the start.
func (b *background) line(text string) (string, time.Duration) {
	b.t.Helper()
	late := time.After(patience)
	for {
		select {
		case l, ok := <-b.lines:
			if !ok {
				b.t.Fatalf("it ended without a line that contains %q; stderr: %s", text, b.talk.String())
			}
			if strings.Contains(l, text) {
				return l, time.Since(b.began)
			}
		case <-late:
			b.t.Fatalf("no line contains %q within %s; stderr: %s", text, patience, b.talk.String())
		}
	}
}

// interrupt sends ^C and gives the exit code.
func (b *background) interrupt() int {
	b.t.Helper()
	if err := b.cmd.Process.Signal(os.Interrupt); err != nil {
		b.t.Fatal(err)
	}
	late := time.After(patience)
	for {
		select {
		case <-b.lines: // or a full pipe would keep it from ending
		case <-b.done:
			return exitCode(b.t, b.err)
		case <-late:
			b.t.Fatalf("it did not end within %s of ^C", patience)
		}
	}
}

// lockedBuffer collects stderr while the process writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// freePort gives a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// eventually asks until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// examples gives the path of a file of the repository's examples.
func examples(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

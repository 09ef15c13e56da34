package stream_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// victim is a server in a process of its own.
type victim struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
	once  sync.Once
}

func startVictim(t *testing.T, dir string) *victim {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{cmd: exec.Command(self)}
	v.cmd.Env = append(os.Environ(), asServer+"="+dir)
	v.cmd.Stderr = os.Stderr
	if v.stdin, err = v.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server said nothing: %v", err)
	}
	v.url = strings.TrimSpace(line)
	return v
}

// kill ends the process as SIGKILL does: nothing is flushed or closed.
func (v *victim) kill() {
	v.once.Do(func() {
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait()
	})
}

// TestKilledServer kills the server again and again while batches are in flight.
// Afterwards no batch may be there in part, and none that was acknowledged may be
// missing.
func TestKilledServer(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	o := stream.Options{Scale: 0.01, AckTimeout: 5 * time.Second}
	k := &killing{acked: map[string]bool{}}
	for round := range 6 {
		v := startVictim(t, dir)
		l, nc := openAt(t, v.url, o)
		k.check(t, l)
		k.append(t, l, v, round, 3+random.IntN(20), random)
		nc.Close()
	}
	v := startVictim(t, dir)
	l, nc := openAt(t, v.url, o)
	defer nc.Close()
	k.check(t, l)
	t.Logf("%d batches acknowledged, %d stored", len(k.acked), k.stored)
	if len(k.acked) < 12 {
		t.Fatalf("only %d batches were acknowledged: nothing was tested", len(k.acked))
	}
}

func openAt(t *testing.T, url string, o stream.Options) (*stream.Log, *nats.Conn) {
	t.Helper()
	nc := connect(t, url)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Setup(soon(t), js, o); err != nil {
		t.Fatal(err)
	}
	l, err := stream.Open(soon(t), nc, o)
	if err != nil {
		t.Fatal(err)
	}
	return l, nc
}

// killing remembers what was acknowledged over all lives of the server.
type killing struct {
	acked  map[string]bool // names of batches
	stored int             // batches found at the last check
}

// append keeps batches in flight and kills the server after some were acknowledged.
func (k *killing) append(t *testing.T, l *stream.Log, v *victim, round, after int, random *rand.Rand) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	state, err := l.State(ctx, event.Placements)
	if err != nil {
		t.Fatal(err)
	}
	a := l.Appender(state.Last)
	at, _, err := a.Append(ctx, []*nats.Msg{message(epochSubject, fmt.Sprintf("epoch%d 0 1", round))}).Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	a.Fence(epochSubject, at)
	flying := map[string]*stream.Pending{}
	for i := 0; a.Err() == nil; i++ {
		name, size := fmt.Sprintf("r%d-b%d", round, i), 1+random.IntN(200)
		flying[name] = a.Append(ctx, namedBatch(name, size))
		if i == after {
			go v.kill()
		}
	}
	for name, p := range flying {
		if _, _, err := p.Wait(ctx); err == nil {
			k.acked[name] = true
		}
	}
}

const epochSubject = "fairlead.placements.fleet.placement.epoch.started"

func message(subject, data string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = []byte(data)
	return m
}

// namedBatch says in each message which batch it is of, its place and the size.
func namedBatch(name string, size int) []*nats.Msg {
	var all []*nats.Msg
	for i := range size {
		all = append(all, message("fairlead.placements.cluster.eu-1.command.place", fmt.Sprintf("%s %d %d", name, i, size)))
	}
	return all
}

// check reads the whole log: every batch is complete, in one piece, and those that
// were acknowledged are there.
func (k *killing) check(t *testing.T, l *stream.Log) {
	t.Helper()
	all, err := l.Tail(soon(t), event.Placements, 1)
	must(t, err)
	k.checkAll(t, all)
}

func (k *killing) checkAll(t *testing.T, all []stream.Message) {
	t.Helper()
	found := map[string]bool{}
	for rest := all; len(rest) > 0; {
		var name string
		var place, size int
		if _, err := fmt.Sscan(string(rest[0].Data), &name, &place, &size); err != nil {
			t.Fatal(err)
		}
		if place != 0 || size > len(rest) || found[name] {
			t.Fatalf("at %d: %q begins a batch of which %d records are left", rest[0].At.Sequence, rest[0].Data, len(rest))
		}
		for i, m := range rest[:size] {
			if want := fmt.Sprintf("%s %d %d", name, i, size); string(m.Data) != want {
				t.Fatalf("at %d: %q, want %q", m.At.Sequence, m.Data, want)
			}
		}
		found[name] = true
		rest = rest[size:]
	}
	for name := range k.acked {
		if !found[name] {
			t.Fatalf("batch %s was acknowledged and is lost", name)
		}
	}
	k.stored = len(found)
}

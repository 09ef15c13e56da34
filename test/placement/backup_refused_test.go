package placement

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/backup"
	service "fairlead.dev/services/placement"
	"fairlead.dev/test/harness"
)

// kept is a small federation with a backup of it.
func kept(t *testing.T) (*fleet, string) {
	f := newFleet(t)
	term := f.lead()
	f.join("eu-1")
	f.submit("web", 20)
	f.placed(20)
	f.end(term)
	dir := filepath.Join(t.TempDir(), "backup")
	if _, err := backup.Take(t.Context(), f.nc, f.log, dir, backup.Options{}); err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// A backup that is not as it was written is refused, whichever byte of it changed, and
// nothing is put anywhere.
func TestDamagedBackupsAreRefused(t *testing.T) {
	f, dir := kept(t)
	empty := f.elsewhere()
	for name, c := range map[string]struct {
		harm func(dir string)
		want error
		says string
	}{
		"a byte of a snapshot": {func(d string) {
			change(t, d, "placements.snapshot", func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		}, backup.ErrDamaged, "placements.snapshot"},
		"a snapshot cut short": {func(d string) { change(t, d, "intents.snapshot", func(b []byte) []byte { return b[:len(b)-9] }) }, backup.ErrDamaged, "intents.snapshot"},
		"a snapshot missing":   {func(d string) { must(t, os.Remove(filepath.Join(d, "status.snapshot"))) }, backup.ErrDamaged, "it is missing"},
		"two snapshots exchanged": {func(d string) {
			must(t, os.Rename(filepath.Join(d, "status.snapshot"), filepath.Join(d, "x")))
			must(t, os.Rename(filepath.Join(d, "capacity.snapshot"), filepath.Join(d, "status.snapshot")))
			must(t, os.Rename(filepath.Join(d, "x"), filepath.Join(d, "capacity.snapshot")))
		}, backup.ErrDamaged, "SHA-256"},
		"a word of the manifest": {func(d string) {
			change(t, d, backup.ManifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte(`"consumers":1`), []byte(`"consumers":2`), 1) })
		}, backup.ErrDamaged, "the manifest is not as it was written"},
		"the manifest cut short": {func(d string) { change(t, d, backup.ManifestFile, func(b []byte) []byte { return b[:len(b)/2] }) }, backup.ErrDamaged, "manifest"},
		"not finished":           {func(d string) { must(t, os.Remove(filepath.Join(d, backup.ManifestFile))) }, backup.ErrNone, "not finished"},
		"of another program": {func(d string) {
			change(t, d, backup.ManifestFile, func(b []byte) []byte {
				return bytes.Replace(b, []byte("fairlead backup"), []byte("another backup!"), 1)
			})
		}, backup.ErrForeign, "another backup!"},
		"of a later format": {func(d string) {
			change(t, d, backup.ManifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte(`"format":1`), []byte(`"format":9`), 1) })
		}, backup.ErrForeign, "format 9"},
	} {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "copy")
			must(t, os.CopyFS(copied, os.DirFS(dir)))
			c.harm(copied)
			if _, err := backup.Verify(copied, backup.Options{}); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("verified with %v", err)
			}
			if _, err := backup.Restore(t.Context(), empty, copied, backup.RestoreOptions{}); !errors.Is(err, c.want) {
				t.Errorf("restored with %v", err)
			}
		})
	}
	f.holdsNothing(empty)
}

func change(t *testing.T, dir, file string, how func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, file)
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, how(b), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// elsewhere is an empty NATS.
func (f *fleet) elsewhere() *nats.Conn {
	f.t.Helper()
	s, err := harness.Serve(harness.Synced(f.t.TempDir(), server.RANDOM_PORT))
	must(f.t, err)
	f.t.Cleanup(func() { harness.End(s) })
	nc, err := nats.Connect(s.ClientURL())
	must(f.t, err)
	f.t.Cleanup(nc.Close)
	return nc
}

func (f *fleet) holdsNothing(nc *nats.Conn) {
	f.t.Helper()
	js, err := jetstream.New(nc)
	must(f.t, err)
	for name := range js.StreamNames(f.soon()).Name() {
		f.t.Errorf("stream %s was left there", name)
	}
}

// Nothing that is there is overwritten, neither a folder nor a log; what a restore that
// fails half way has made is taken away again.
func TestNothingIsOverwritten(t *testing.T) {
	f, dir := kept(t)
	if _, err := backup.Take(t.Context(), f.nc, f.log, dir, backup.Options{}); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("taken twice: %v", err)
	}
	if _, err := backup.Verify(dir, backup.Options{}); err != nil {
		t.Errorf("then: %v", err)
	}
	if _, err := backup.Restore(t.Context(), f.nc, dir, backup.RestoreOptions{}); !errors.Is(err, backup.ErrNotEmpty) || !strings.Contains(err.Error(), "holds") {
		t.Errorf("restored over itself: %v", err)
	}
	f.consistent(f.placed(20))

	other := f.elsewhere()
	js, err := jetstream.New(other)
	must(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "FOREIGN", Subjects: []string{"fairlead.intents.>"}})
	must(t, err)
	if _, err := backup.Restore(t.Context(), other, dir, backup.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "restore INTENTS") {
		t.Errorf("restored beside a stream with the same subjects: %v", err)
	}
	must(t, js.DeleteStream(t.Context(), "FOREIGN"))
	f.holdsNothing(other)

	_, err = stream.Setup(t.Context(), js, stream.Options{Scale: 0.01}) // by whoever could not wait
	must(t, err)
	if _, err := backup.Restore(t.Context(), other, dir, backup.RestoreOptions{}); err != nil {
		t.Errorf("over what was set up and never used: %v", err)
	}
}

// A backup that stops half way leaves no folder that looks like one.
func TestBackupThatIsInterrupted(t *testing.T) {
	f, _ := kept(t)
	dir := filepath.Join(t.TempDir(), "backup")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := backup.Take(ctx, f.nc, f.log, dir, backup.Options{Progress: func(name string, _ int64, finished *backup.Part) {
		if name == string(event.Intents) && finished != nil {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// From one server to three with three replicas, and back to one: sequences, records,
// consumers and checkpoints come through, and placement goes on from the checkpoint.
func TestRestoreWithOtherReplicas(t *testing.T) {
	f, dir := kept(t)
	servers, err := harness.ServeCluster(t.TempDir(), t.TempDir(), t.TempDir())
	for _, s := range servers {
		t.Cleanup(func() { harness.End(s) })
	}
	must(t, err)
	nc, err := nats.Connect(servers[0].ClientURL() + "," + servers[1].ClientURL())
	must(t, err)
	t.Cleanup(nc.Close)
	must(t, harness.AwaitJetStream(f.soon(), nc))
	three, err := backup.Restore(f.soon(), nc, dir, backup.RestoreOptions{Replicas: 3})
	must(t, err)
	log, err := stream.Open(f.soon(), nc, stream.Options{Replicas: 3})
	must(t, err)
	report, err := stream.Check(f.soon(), f.jsOf(nc), stream.Options{Replicas: 3})
	if err != nil || !report.Same() {
		t.Errorf("restored as: %v, %v", report, err)
	}
	f.continues(nc, 3, three)

	back := filepath.Join(t.TempDir(), "back")
	_, err = backup.Take(f.soon(), nc, log, back, backup.Options{})
	must(t, err)
	one := f.elsewhere()
	again, err := backup.Restore(f.soon(), one, back, backup.RestoreOptions{Replicas: 1})
	must(t, err)
	report, err = stream.Check(f.soon(), f.jsOf(one), stream.Options{Replicas: 1})
	if err != nil || !report.Same() {
		t.Errorf("restored as: %v, %v", report, err)
	}
	f.continues(one, 1, again)
}

func (f *fleet) jsOf(nc *nats.Conn) jetstream.JetStream {
	f.t.Helper()
	js, err := jetstream.New(nc)
	must(f.t, err)
	return js
}

// continues lets placement lead over a restored log, from its checkpoint.
func (f *fleet) continues(nc *nats.Conn, replicas int, m backup.Manifest) {
	f.t.Helper()
	words := &lines{}
	f.t.Cleanup(func() { f.t.Logf("placement said:\n%s", words) })
	term := f.lead(func(c *service.Config) {
		c.Conn, c.Replicas, c.Log = nc, replicas, words.logger()
	})
	f.end(term)
	if !strings.Contains(words.String(), "checkpoint restored") {
		f.t.Errorf("placement did not begin with a checkpoint:\n%s", words)
	}
	log, err := stream.Open(f.soon(), nc, stream.Options{Replicas: replicas})
	must(f.t, err)
	state, err := log.State(f.soon(), event.Placements)
	must(f.t, err)
	part, _ := m.Part(string(event.Placements))
	if state.Last <= part.Last+1000 || !state.Means(part.Incarnation, part.Last) || state.Means(part.Incarnation, part.Last+1) {
		f.t.Errorf("PLACEMENTS ends at %d after %d, and continues %q", state.Last, part.Last, state.Lineage)
	}
	all, err := log.Tail(f.soon(), event.Placements, 0) // a hole that is told by nobody would be a *Gap
	must(f.t, err)
	placed := 0
	for _, one := range all {
		e, err := one.Event()
		must(f.t, err)
		if isPlaced(e) {
			placed++
		}
	}
	if placed != 20 {
		f.t.Errorf("%d placements came through, want 20", placed)
	}
	durable, err := f.jsOf(nc).Consumer(f.soon(), string(event.Placements), stream.Durable("eu-1"))
	must(f.t, err)
	if at := durable.CachedInfo().Delivered.Stream; at == 0 || at > state.Last {
		raw, _ := json.Marshal(durable.CachedInfo())
		f.t.Errorf("the cluster's channel stands nowhere: %s", raw)
	}
}

package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/stream"
	"github.com/nats-io/nats-server/v2/server"
)

// RestoreOptions say how a backup is put back.
type RestoreOptions struct {
	Options
	Replicas int // copies of each stream; 0: as they were
	// Signer signs every record anew in the name of its source, for a federation with
	// another authority than the backup's, or that had none; nil leaves them as they are.
	Signer func(source string) (*identity.Signer, error)
}

// Numbers that a restore leaves out of INTENTS and PLACEMENTS: as many as the log can
// have used for what came after the backup. It writes less than a record in 15 µs. More is
// not better: a server that starts within the duplicate window of a stream looks at each.
const (
	eachSecond = 1 << 16
	slack      = time.Minute // for clocks that are apart
)

// Restore verifies a backup and puts it into a NATS that holds none of it: streams that
// were made and never used are replaced. The connection is an operator's. If it fails,
// what it had put there is taken away. The errors are those of Verify, ErrForeign,
// ErrNotEmpty, or what the server says.
func Restore(ctx context.Context, nc *nats.Conn, dir string, o RestoreOptions) (Manifest, error) {
	m, err := Verify(dir, Options{})
	if err != nil {
		return m, err
	}
	if err := m.belongs(o); err != nil {
		return m, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return m, err
	}
	since := max(0, time.Since(m.Taken)) + slack
	r := &restoring{Manifest: m, nc: nc, js: js, dir: dir, o: o, left: uint64(since/time.Second) * eachSecond}
	if r.signed, err = m.signing(o); err != nil {
		return m, err
	}
	if err := r.rehearse(); err != nil {
		return m, err
	}
	if err := r.clear(ctx); err != nil {
		return m, err
	}
	if err := r.all(ctx); err != nil {
		return m, errors.Join(err, r.undo())
	}
	return m, nil
}

// belongs refuses a backup whose records nobody here would believe.
func (m Manifest) belongs(o RestoreOptions) error {
	same := slices.ContainsFunc(m.Trust, func(root string) bool { return slices.Contains(o.Trust, root) })
	switch {
	case o.Signer != nil || len(o.Trust) == 0 || same:
		return nil
	case len(m.Trust) == 0:
		return fmt.Errorf("%w: nothing in it is signed, and here only what is signed is believed", ErrForeign)
	}
	return fmt.Errorf("%w: it is signed under the authority %s, and here %s is believed", ErrForeign, strings.Join(m.Trust, ", "), strings.Join(o.Trust, ", "))
}

// restoring is one restore on its way.
type restoring struct {
	Manifest
	nc     *nats.Conn
	js     jetstream.JetStream
	dir    string
	o      RestoreOptions
	signed func(stream string, e entry) (entry, error)
	left   uint64 // numbers to leave out
	made   []string
}

// rehearse signs everything once before anything is changed.
func (r *restoring) rehearse() error {
	if r.o.Signer == nil {
		return nil
	}
	for _, p := range r.Parts {
		if err := r.rehearsePart(p); err != nil {
			return err
		}
	}
	return nil
}

func (r *restoring) rehearsePart(p Part) (err error) {
	f, err := os.Open(filepath.Join(r.dir, p.File))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	a, err := open(f)
	if err != nil {
		return err
	}
	return a.each(func(e entry) error {
		_, err := r.signed(p.Stream, e)
		return err
	})
}

// clear looks whether the place is free. What was set up and never used makes way.
func (r *restoring) clear(ctx context.Context) error {
	var unused []string
	for _, p := range r.Parts {
		s, err := r.js.Stream(ctx, p.Stream)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at stream %s: %w", p.Stream, err)
		}
		if state := s.CachedInfo().State; state.LastSeq > 0 || state.Consumers > 0 {
			return fmt.Errorf("%w: stream %s holds %d records up to %d and has %d consumers; restore into a NATS that has none of the streams",
				ErrNotEmpty, p.Stream, state.Msgs, state.LastSeq, state.Consumers)
		}
		unused = append(unused, p.Stream)
	}
	for _, name := range unused {
		if err := r.js.DeleteStream(ctx, name); err != nil {
			return fmt.Errorf("make way for stream %s: %w", name, err)
		}
	}
	return nil
}

// all puts the parts back, the checkpoints last: until they are there, placement does not
// start.
func (r *restoring) all(ctx context.Context) error {
	for _, p := range slices.Backward(r.Parts) {
		if err := r.put(ctx, p); err != nil {
			return fmt.Errorf("restore %s: %w", p.Stream, err)
		}
		r.o.tell(p.Stream, p.Size, &p)
	}
	return nil
}

func (r *restoring) put(ctx context.Context, p Part) (err error) {
	f, err := os.Open(filepath.Join(r.dir, p.File))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	counted := &meter{to: io.Discard, sum: nothing{}, tell: func(n int64) { r.o.tell(p.Stream, n, nil) }}
	a, err := open(io.TeeReader(f, counted))
	if err != nil {
		return err
	}
	last := r.resumes(p) - 1
	config, err := r.config(p)
	if err != nil {
		return err
	}
	from, to := io.Pipe()
	go func() {
		to.CloseWithError(a.rewrite(to, last, func(e entry) (entry, error) { return r.signed(p.Stream, e) }))
	}()
	defer func() { _ = from.Close() }() // ends the goroutine
	r.made = append(r.made, p.Stream)
	done, err := send(ctx, r.nc, p.Stream, config, a.state, from)
	if err != nil {
		return err
	}
	return r.check(p, done.State, last)
}

// check compares what the server made with what it was given.
func (r *restoring) check(p Part, made server.StreamState, last uint64) error {
	if made.Msgs != p.Messages || made.LastSeq != last {
		return fmt.Errorf("the server keeps %d messages up to %d of %d up to %d: do its limits hold less than the backup?", made.Msgs, made.LastSeq, p.Messages, last)
	}
	return nil
}

// resumes is the sequence of the next record.
func (r *restoring) resumes(p Part) uint64 {
	if p.Stream != string(event.Intents) && p.Stream != string(event.Placements) {
		return p.Last + 1 // nobody remembers them
	}
	return p.Last + 1 + r.left
}

// config is that of the backup, with other copies where they are asked for, and what the
// stream continues.
func (r *restoring) config(p Part) (json.RawMessage, error) {
	numbers := json.NewDecoder(bytes.NewReader(p.Config))
	numbers.UseNumber()
	var c map[string]any
	if err := numbers.Decode(&c); err != nil {
		return nil, damaged("the configuration of %s cannot be read: %v", p.Stream, err)
	}
	if r.o.Replicas > 0 {
		c["num_replicas"] = r.o.Replicas
		delete(c, "placement") // it named servers of the former cluster
	}
	stream.Persist(c, p.Stream)
	meta, _ := c["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	before, _ := meta[stream.LineageKey].(string)
	meta[stream.LineageKey] = stream.Lineage(before).Continue(stream.Ancestor{Incarnation: p.Incarnation, Through: p.Last, Resumes: r.resumes(p)})
	c["metadata"] = meta
	return json.Marshal(c)
}

// undo takes away what a restore that failed has put there.
func (r *restoring) undo() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	for _, name := range r.made {
		if err := r.js.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			errs = append(errs, fmt.Errorf("take %s away again (do it with `nats stream rm %s`): %w", name, name, err))
		}
	}
	return errors.Join(errs...)
}

// nothing is a sum that nobody asks for.
type nothing struct{}

func (nothing) Write(b []byte) (int, error) { return len(b), nil }
func (nothing) Sum([]byte) []byte           { return nil }
func (nothing) Reset()                      {}
func (nothing) Size() int                   { return 0 }
func (nothing) BlockSize() int              { return 1 }

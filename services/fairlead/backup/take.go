package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Options say who acts, and who is told how it goes.
type Options struct {
	By    string   // version of this program
	Trust []string // authorities that are believed here; none where nothing is signed
	// Progress is told of each part how many bytes of it are done, and at its end once more
	// with the part; nil for nobody.
	Progress func(name string, done int64, finished *Part)
}

func (o Options) tell(name string, done int64, finished *Part) {
	if o.Progress != nil {
		o.Progress(name, done, finished)
	}
}

func names() []string { return stream.Names() }

func file(name string) string { return strings.ToLower(name) + ".snapshot" }

// Take keeps the federation in a folder that is empty or does not exist, and reads back
// all that it wrote. The connection is an operator's. The errors are ErrNotEmpty, that the
// server does not give a snapshot, or that the folder cannot be written; then nothing is
// left in it.
func Take(ctx context.Context, nc *nats.Conn, log *stream.Log, dir string, o Options) (Manifest, error) {
	if err := fresh(dir); err != nil {
		return Manifest{}, err
	}
	m := Manifest{Kind: kind, Format: format, By: o.By, Server: nc.ConnectedServerVersion(), Trust: o.Trust}
	err := m.take(ctx, nc, log, dir, o)
	if err != nil {
		for _, name := range names() { // what is unfinished is of no use to anybody
			_ = os.Remove(filepath.Join(dir, file(name)))
		}
		return Manifest{}, err
	}
	return m, nil
}

// fresh makes the folder.
func fresh(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	inside, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the folder: %w", err)
	}
	if len(inside) > 0 {
		return fmt.Errorf("%w: %s holds %s; give a folder that is empty, or a new one", ErrNotEmpty, dir, inside[0].Name())
	}
	return nil
}

func (m *Manifest) take(ctx context.Context, nc *nats.Conn, log *stream.Log, dir string, o Options) (err error) {
	if m.Taken, err = log.Time(ctx, event.Placements); err != nil {
		return err
	}
	for _, name := range names() {
		part, err := takePart(ctx, nc, log, dir, name, o)
		if err != nil {
			return fmt.Errorf("back up %s: %w", name, err)
		}
		m.Parts = append(m.Parts, part)
		o.tell(name, part.Size, &part)
	}
	if err := m.verify(dir, Options{}); err != nil {
		return fmt.Errorf("read back what was written: %w", err)
	}
	return m.write(dir)
}

func takePart(ctx context.Context, nc *nats.Conn, log *stream.Log, dir, name string, o Options) (part Part, err error) {
	before, err := log.State(ctx, event.Stream(name))
	if err != nil {
		return part, err
	}
	part = Part{Stream: name, File: file(name), Incarnation: before.Incarnation}
	f, err := os.OpenFile(filepath.Join(dir, part.File), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return part, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	to := &meter{to: f, sum: sha256.New(), tell: func(n int64) { o.tell(name, n, nil) }}
	answer, err := snapshot(ctx, nc, name, to)
	if err != nil {
		return part, err
	}
	if err := f.Sync(); err != nil {
		return part, err
	}
	after, err := log.State(ctx, event.Stream(name))
	if err != nil || after.Incarnation != before.Incarnation {
		return part, errors.Join(err, errors.New("the stream was made anew meanwhile"))
	}
	part.Size, part.SHA256, part.Config = to.n, hex.EncodeToString(to.sum.Sum(nil)), answer.Config
	part.First, part.Last, part.Bytes = answer.State.FirstSeq, answer.State.LastSeq, answer.State.Bytes
	return part, part.count(f)
}

// count reads the archive once more, from where it was written.
func (p *Part) count(f *os.File) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	a, err := open(f)
	if err != nil {
		return err
	}
	p.Consumers = len(a.consumers)
	err = a.each(func(entry) error { return nil })
	p.Messages = a.n
	return err
}

// meter writes, sums up and counts.
type meter struct {
	to   io.Writer
	sum  hash.Hash
	n    int64
	tell func(int64)
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.to.Write(b)
	m.sum.Write(b[:n])
	m.n += int64(n)
	m.tell(m.n)
	return n, err
}

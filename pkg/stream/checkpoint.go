package stream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Checkpoint is the fold of the log up to a record of PLACEMENTS.
type Checkpoint struct {
	State      []byte                  // the state, opaque here
	Placements uint64                  // the last record of PLACEMENTS in it
	Positions  event.Positions         // the last facts in it
	Streams    map[event.Stream]string // incarnations of the streams it was made from
	Digest     [sha256.Size]byte       // of the state, as its owner computes it
}

// label is the first line of a stored checkpoint; the state follows, packed with S2.
type label struct {
	Format     int                     `json:"format"`
	Placements uint64                  `json:"placements"`
	Positions  event.Positions         `json:"positions"`
	Streams    map[event.Stream]string `json:"streams"`
	Digest     []byte                  `json:"digest"`
	Sum        []byte                  `json:"sum"` // SHA-256 of the packed state and of this line without it
}

const checkpointFormat = 2

// checkpointName sorts by position.
func checkpointName(placements uint64) string { return fmt.Sprintf("placements-%020d", placements) }

// SaveCheckpoint stores a checkpoint and removes the oldest beyond the number kept.
func (l *Log) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	store, err := l.checkpoints(ctx)
	if err != nil {
		return err
	}
	body, err := c.seal()
	if err != nil {
		return err
	}
	name := checkpointName(c.Placements)
	if _, err := store.PutBytes(ctx, name, body); err != nil {
		return fmt.Errorf("save checkpoint %s: %w", name, err)
	}
	return l.prune(ctx, store)
}

func (l *Log) prune(ctx context.Context, store jetstream.ObjectStore) error {
	names, err := checkpointNames(ctx, store)
	if err != nil {
		return err
	}
	for _, old := range names[min(l.o.Checkpoints, len(names)):] {
		if err := store.Delete(ctx, old); err != nil {
			return fmt.Errorf("remove checkpoint %s: %w", old, err)
		}
	}
	return nil
}

// Checkpoints gives what is kept, newest first. One that cannot be trusted comes
// as a *Damaged; go on to the next. Any other error is the last value.
func (l *Log) Checkpoints(ctx context.Context) iter.Seq2[Checkpoint, error] {
	return func(yield func(Checkpoint, error) bool) {
		store, err := l.checkpoints(ctx)
		if err != nil {
			yield(Checkpoint{}, err)
			return
		}
		names, err := checkpointNames(ctx, store)
		if err != nil {
			yield(Checkpoint{}, err)
			return
		}
		for _, name := range names {
			c, err := l.load(ctx, store, name)
			if !yield(c, err) || err != nil && !errors.As(err, new(*Damaged)) {
				return
			}
		}
	}
}

func (l *Log) load(ctx context.Context, store jetstream.ObjectStore, name string) (Checkpoint, error) {
	lacks, err := l.lacksPieces(ctx, store, name)
	if lacks {
		return Checkpoint{}, &Damaged{Name: name, Why: "pieces of it are gone"}
	}
	var body []byte
	if err == nil {
		body, err = store.GetBytes(ctx, name)
	}
	switch {
	case errors.Is(err, jetstream.ErrDigestMismatch):
		return Checkpoint{}, &Damaged{Name: name, Why: "the store's digest does not match"}
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return Checkpoint{}, &Damaged{Name: name, Why: "removed while it was read"}
	case err != nil:
		return Checkpoint{}, fmt.Errorf("load checkpoint %s: %w", name, err)
	}
	return unseal(name, body)
}

// lacksPieces says whether the store holds fewer pieces of an object than it was stored in.
// Of one that has none left the library would wait for the first until time is up.
func (l *Log) lacksPieces(ctx context.Context, store jetstream.ObjectStore, name string) (bool, error) {
	about, err := store.GetInfo(ctx, name)
	if err != nil {
		return false, err
	}
	handle, err := l.js.Stream(ctx, "OBJ_"+bucket)
	if err != nil {
		return false, err
	}
	subject := fmt.Sprintf("$O.%s.C.%s", bucket, about.NUID)
	found, err := handle.Info(ctx, jetstream.WithSubjectFilter(subject))
	if err != nil {
		return false, err
	}
	return found.State.Subjects[subject] < uint64(about.Chunks), nil
}

func (l *Log) checkpoints(ctx context.Context) (jetstream.ObjectStore, error) {
	store, err := l.js.ObjectStore(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, absent(bucket)
	}
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	return store, nil
}

// checkpointNames gives the newest first.
func checkpointNames(ctx context.Context, store jetstream.ObjectStore) ([]string, error) {
	found, err := store.List(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var names []string
	for _, o := range found {
		names = append(names, o.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	return names, nil
}

func (c Checkpoint) seal() ([]byte, error) {
	l := label{checkpointFormat, c.Placements, c.Positions, c.Streams, c.Digest[:], nil}
	packed := s2.Encode(nil, c.State)
	sum, err := l.sum(packed)
	if err != nil {
		return nil, err
	}
	l.Sum = sum
	line, err := json.Marshal(l, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode checkpoint: %w", err)
	}
	return slices.Concat(line, []byte{'\n'}, packed), nil
}

func (l label) sum(packed []byte) ([]byte, error) {
	l.Sum = nil
	line, err := json.Marshal(l, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode checkpoint: %w", err)
	}
	h := sha256.New()
	h.Write(line)
	h.Write(packed)
	return h.Sum(nil), nil
}

func unseal(name string, body []byte) (Checkpoint, error) {
	line, packed, _ := bytes.Cut(body, []byte{'\n'})
	var l label
	if err := json.Unmarshal(line, &l); err != nil {
		return Checkpoint{}, &Damaged{name, "its label cannot be read: " + err.Error()}
	}
	if l.Format != checkpointFormat || len(l.Digest) != sha256.Size {
		return Checkpoint{}, &Damaged{name, fmt.Sprintf("format %d is not known", l.Format)}
	}
	sum, err := l.sum(packed)
	if err != nil || !bytes.Equal(sum, l.Sum) {
		return Checkpoint{}, &Damaged{name, "its sum does not match"}
	}
	state, err := s2.Decode(nil, packed)
	if err != nil {
		return Checkpoint{}, &Damaged{name, "it cannot be unpacked: " + err.Error()}
	}
	c := Checkpoint{State: state, Placements: l.Placements, Positions: l.Positions, Streams: l.Streams}
	copy(c.Digest[:], l.Digest)
	return c, nil
}

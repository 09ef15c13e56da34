package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"fairlead.dev/pkg/event"
)

// ManifestFile says what is in the folder. It is written last: a folder without one is
// no backup.
const ManifestFile = "manifest.json"

const (
	format = 1
	kind   = "fairlead backup"
)

// Manifest is what a backup holds.
type Manifest struct {
	Kind   string    `json:"kind"`
	Format int       `json:"format"`
	Taken  time.Time `json:"taken"`  // by the server's clock, before the first part
	By     string    `json:"by"`     // version of this program
	Server string    `json:"server"` // version of NATS
	// Trust are the authorities that the federation believed; none where nothing was signed.
	Trust []string `json:"trust"`
	// Position is the last record of PLACEMENTS, Positions what it was made from.
	Position  uint64          `json:"position"`
	Positions event.Positions `json:"positions"`
	Parts     []Part          `json:"parts"` // in the order in which they were taken
	Sum       string          `json:"sum"`   // SHA-256 of all this without it, in hexadecimal
}

// Part is one stream.
type Part struct {
	Stream      string          `json:"stream"`
	File        string          `json:"file"`
	Size        int64           `json:"size"`   // of the file
	SHA256      string          `json:"sha256"` // of the file
	Incarnation string          `json:"incarnation"`
	First       uint64          `json:"first"`
	Last        uint64          `json:"last"` // sequence that the next record was to follow
	Messages    uint64          `json:"messages"`
	Bytes       uint64          `json:"bytes"`     // as the server counts them
	Consumers   int             `json:"consumers"` // durable ones
	Config      json.RawMessage `json:"config"`
}

// The reasons for which a backup is refused, for errors.Is.
var (
	// ErrNone is a folder that holds no finished backup.
	ErrNone = errors.New("no backup is there")
	// ErrDamaged is a backup that is not as it was written.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrForeign is a backup of something else.
	ErrForeign = errors.New("the backup is not of this federation")
	// ErrNotEmpty is a place that holds something already.
	ErrNotEmpty = errors.New("nothing is overwritten")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// Part gives one stream of the backup.
func (m Manifest) Part(stream string) (Part, bool) {
	for _, p := range m.Parts {
		if p.Stream == stream {
			return p, true
		}
	}
	return Part{}, false
}

// Bytes is how large the files are together.
func (m Manifest) Bytes() (n int64) {
	for _, p := range m.Parts {
		n += p.Size
	}
	return n
}

func (m Manifest) sum() (string, error) {
	m.Sum = ""
	raw, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("sum up the manifest: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// write seals the manifest and puts it into the folder, whole or not at all.
func (m *Manifest) write(dir string) (err error) {
	for i := range m.Parts { // as it will be read again
		var b bytes.Buffer
		if err := json.Compact(&b, m.Parts[i].Config); err != nil {
			return fmt.Errorf("write the manifest: %w", err)
		}
		m.Parts[i].Config = b.Bytes()
	}
	if m.Sum, err = m.sum(); err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	temporary := filepath.Join(dir, ManifestFile+".part")
	if err := store(temporary, bytes.NewReader(append(raw, '\n'))); err != nil {
		return err
	}
	if err := os.Rename(temporary, filepath.Join(dir, ManifestFile)); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return syncFolder(dir)
}

// Read gives the manifest of a folder, verified in itself. The errors are ErrNone,
// ErrDamaged, or that it could not be read.
func Read(dir string) (Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%w: %s has no %s, so it is none or was not finished", ErrNone, dir, ManifestFile)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("read the manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return Manifest{}, damaged("its manifest cannot be read: %v", err)
	}
	if m.Kind != kind || m.Format != format {
		return Manifest{}, fmt.Errorf("%w: %s says kind %q, format %d; this program reads %q, format %d", ErrForeign, ManifestFile, m.Kind, m.Format, kind, format)
	}
	if sum, err := m.sum(); err != nil || sum != m.Sum {
		return Manifest{}, damaged("the manifest is not as it was written")
	}
	return m, m.complete()
}

// complete says whether every part is named once, and nothing else.
func (m Manifest) complete() error {
	want := names()
	if len(m.Parts) != len(want) {
		return damaged("%d parts, want %d", len(m.Parts), len(want))
	}
	for i, p := range m.Parts {
		if p.Stream != want[i] || p.File != file(p.Stream) {
			return damaged("part %d is %q in %q, want %q", i+1, p.Stream, p.File, want[i])
		}
	}
	return nil
}

// store writes a file that must not exist, and syncs it.
func store(path string, from io.Reader) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, from); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return f.Sync()
}

// syncFolder makes what was renamed in it last.
func syncFolder(dir string) (err error) {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}

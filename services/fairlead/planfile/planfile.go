package planfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// keep is how long plans stay in the state folder: what is older is stale by any measure.
const keep = 7 * 24 * time.Hour

// Plan is what was shown for some workloads, each against the state of one moment.
type Plan struct {
	ID    string    `json:"id"`   // p_ and eight letters or digits
	Made  time.Time `json:"made"` // by this machine's clock, for people
	Parts []Part    `json:"parts"`
}

// Part is the plan of one workload: what was wanted, and where it was to run.
type Part struct {
	Wanted  *event.WorkloadSubmitted `json:"wanted"`
	Outcome event.Planned            `json:"outcome"`
}

// ErrUnknown says that there is no such plan here.
var ErrUnknown = errors.New("no such plan here")

// letters leaves out those that are taken for digits.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

var idForm = regexp.MustCompile(`^p_[0-9A-HJKMNP-TV-Z]{8}$`)

// IsID says whether the text has the form of a plan's id.
func IsID(text string) bool { return idForm.MatchString(text) }

// New makes a plan of its parts.
func New(made time.Time, parts []Part) (Plan, error) {
	p := Plan{Made: made.UTC().Round(time.Second), Parts: parts}
	raw, err := json.Marshal(p) // without an id yet
	if err != nil {
		return p, fmt.Errorf("encode the plan: %w", err)
	}
	sum := sha256.Sum256(raw)
	p.ID = "p_" + letters.EncodeToString(sum[:5])
	return p, nil
}

// Wants says whether the plan was made for the workload as it is written now.
func (p Part) Wants(w *event.WorkloadSubmitted) bool {
	x, errA := json.Marshal(p.Wanted)
	y, errB := json.Marshal(w)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

// Write writes the plan to a file.
func (p Plan) Write(file string) error {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encode plan %s: %w", p.ID, err)
	}
	if err := os.WriteFile(file, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write plan %s: %w", p.ID, err)
	}
	return nil
}

// Keep writes the plan to the folder and drops those there that are too old.
func (p Plan) Keep(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of plans: %w", err)
	}
	old, _ := filepath.Glob(filepath.Join(folder, "p_*.json")) // the pattern is sound
	for _, file := range old {
		if info, err := os.Stat(file); err == nil && p.Made.Sub(info.ModTime()) > keep {
			_ = os.Remove(file) // the next one tries again
		}
	}
	return p.Write(filepath.Join(folder, p.ID+".json"))
}

// Kept are the plans of the folder that can be read, the newest first.
func Kept(folder string) []Plan {
	files, _ := filepath.Glob(filepath.Join(folder, "p_*.json")) // the pattern is sound
	var out []Plan
	for _, file := range files {
		if p, err := Read(file); err == nil {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Plan) int { return b.Made.Compare(a.Made) })
	return out
}

// About says when the plan was made, and for what.
func (p Plan) About() string {
	text := "made " + p.Made.Format(time.DateTime)
	for _, part := range p.Parts {
		text += " " + part.Wanted.ID().String()
	}
	return text
}

// Find reads the plan of an id from the folder, or, where name is no id, from the file
// of that name. The error is ErrUnknown if there is none of that id.
func Find(folder, name string) (Plan, error) {
	if !IsID(name) {
		return Read(name)
	}
	p, err := Read(filepath.Join(folder, name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Plan{}, ErrUnknown
	}
	return p, err
}

// Read reads a plan and refuses one that was changed after it was made.
func Read(file string) (Plan, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Plan{}, err
	}
	var p Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return Plan{}, fmt.Errorf("%s is no plan: %w", file, err)
	}
	made, err := New(p.Made, p.Parts)
	if err != nil {
		return Plan{}, err
	}
	if made.ID != p.ID || len(p.Parts) == 0 {
		return Plan{}, fmt.Errorf("%s is no plan, or was changed after it was made", file)
	}
	return p, nil
}

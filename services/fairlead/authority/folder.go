package authority

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Authority is an open folder. It is for one process at a time.
type Authority struct {
	dir      string
	register register
}

// ErrExists says that a folder holds an authority already.
var ErrExists = errors.New("there is an authority already")

// ErrMissing says that a folder holds no authority.
var ErrMissing = errors.New("there is no authority")

// Open reads the authority in a folder.
func Open(dir string) (*Authority, error) {
	a := &Authority{dir: dir}
	raw, err := os.ReadFile(a.path(registerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s: begin with `fairlead auth init`", ErrMissing, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open authority: %w", err)
	}
	if err := json.Unmarshal(raw, &a.register); err != nil {
		return nil, fmt.Errorf("open authority: %s: %w", a.path(registerFile), err)
	}
	return a, nil
}

// Dir is the folder.
func (a *Authority) Dir() string { return a.dir }

func (a *Authority) path(parts ...string) string {
	return filepath.Join(append([]string{a.dir}, parts...)...)
}

const registerFile = "authority.json"

// save writes the register last of all: what it does not name was never issued.
func (a *Authority) save() error {
	raw, err := json.MarshalIndent(a.register, "", "  ")
	if err != nil {
		return fmt.Errorf("encode register: %w", err)
	}
	return write(a.path(registerFile), append(raw, '\n'))
}

// write replaces a file in one step, readable for its owner alone.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

package connection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Dev is what a running "fairlead dev" leaves for other shells.
type Dev struct {
	Server string `json:"server"`
	PID    int    `json:"pid"`
}

var errNoDev = errors.New("no fairlead dev is running")

// FindDev reads the running-dev file; a file left by a process that is gone does
// not count.
func FindDev(getenv func(string) string) (Dev, error) {
	raw, err := os.ReadFile(DevFile(getenv))
	if errors.Is(err, fs.ErrNotExist) {
		return Dev{}, errNoDev
	}
	if err != nil {
		return Dev{}, fmt.Errorf("read the running-dev file: %w", err)
	}
	var d Dev
	if err := json.Unmarshal(raw, &d); err != nil || !alive(d.PID) {
		return Dev{}, errNoDev
	}
	return d, nil
}

// WriteDev announces a running dev; the newest wins.
func WriteDev(d Dev, getenv func(string) string) error {
	file := DevFile(getenv)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the folder of the running-dev file: %w", err)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode the running-dev file: %w", err)
	}
	temporary := fmt.Sprintf("%s.%d", file, d.PID)
	if err := os.WriteFile(temporary, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the running-dev file: %w", err)
	}
	return os.Rename(temporary, file)
}

// RemoveDev takes the announcement back, unless another dev has replaced it.
func RemoveDev(pid int, getenv func(string) string) {
	if d, err := FindDev(getenv); err == nil && d.PID == pid {
		_ = os.Remove(DevFile(getenv)) // a file that stays names a dead process and is ignored
	}
}

// DevFile is the path of the running-dev file.
func DevFile(getenv func(string) string) string {
	state := getenv("XDG_STATE_HOME")
	if state == "" {
		state = filepath.Join(getenv("HOME"), ".local", "state")
	}
	return filepath.Join(state, "fairlead", "dev.json")
}

func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

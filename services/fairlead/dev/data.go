package dev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// openData gives the folder of the server's data and what to call at the end: a
// temporary folder is removed, a given one is kept.
func openData(dir string) (path string, done func() error, err error) {
	if dir == "" {
		path, err = os.MkdirTemp("", "fairlead-dev-")
		if err != nil {
			return "", nil, fmt.Errorf("make a temporary folder: %w", err)
		}
		return path, func() error { return os.RemoveAll(path) }, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock := filepath.Join(dir, "fairlead-dev.pid")
	if err := claim(lock); err != nil {
		return "", nil, err
	}
	return dir, func() error { return os.Remove(lock) }, nil
}

// claim takes the folder for this process: two servers on one folder would destroy
// each other's streams.
func claim(lock string) error {
	err := create(lock)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	raw, err := os.ReadFile(lock)
	if err != nil {
		return fmt.Errorf("read %s: %w", lock, err)
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil && running(pid) {
		return fmt.Errorf("data folder %s is used by process %d", filepath.Dir(lock), pid)
	}
	if err := os.Remove(lock); err != nil {
		return fmt.Errorf("remove a lock whose process is gone: %w", err)
	}
	return create(lock)
}

func create(lock string) error {
	f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("claim the data folder: %w", err)
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	return errors.Join(err, f.Close())
}

func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || pid == os.Getpid() {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

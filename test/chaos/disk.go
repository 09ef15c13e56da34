package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// disk is a small file system of a server's own; nil where none could be mounted.
type disk struct{ folder string }

const diskSize = "size=192m"

// mountAll gives every server a disk of its own, where this process may mount one.
func (b *broker) mountAll(say func(string, ...any)) {
	for i, folder := range b.stores {
		out, err := exec.Command("mount", "-t", "tmpfs", "-o", diskSize, "fairlead-chaos", folder).CombinedOutput()
		if err != nil {
			say("!!! FULL DISKS ARE SKIPPED: no file system can be mounted here (%v: %s)", err, out)
			return
		}
		b.disks[i] = &disk{folder}
	}
}

func (d *disk) ballast() string { return filepath.Join(d.folder, "ballast") }

// fill leaves not a byte.
func (d *disk) fill() error {
	f, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		_, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			return fmt.Errorf("fill %s: %w", d.folder, err)
		}
	}
	return nil
}

// empty gives the room back.
func (d *disk) empty() {
	if d != nil {
		_ = os.Remove(d.ballast()) // mostly there is none
	}
}

func (d *disk) unmount() {
	if d != nil {
		_ = exec.Command("umount", d.folder).Run() // whoever looks at the folder finds it mounted
	}
}

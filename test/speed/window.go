package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"golang.org/x/sys/unix"
)

// window is one stretch of a round that is measured: what this process, the broker in it,
// did from its beginning to its end, and nothing of what prepares it.
type window struct {
	before  time.Duration // processor time
	profile *os.File      // nil for none
}

// open begins a window, with a CPU profile of its own in the folder of the settings.
func (n flood) open(name string) (window, error) {
	w := window{before: processTime()}
	if n.profiles == "" {
		return w, nil
	}
	f, err := os.Create(filepath.Join(n.profiles, name+".prof"))
	if err != nil {
		return w, fmt.Errorf("profile: %w", err)
	}
	w.profile = f
	if err := pprof.StartCPUProfile(f); err != nil {
		return w, fmt.Errorf("profile: %w", err)
	}
	return w, nil
}

// close gives the processor time of the window.
func (w window) close() time.Duration {
	busy := processTime() - w.before
	if w.profile != nil {
		pprof.StopCPUProfile()
		_ = w.profile.Close()
	}
	return busy
}

// processTime is how long this process was on a processor.
func processTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

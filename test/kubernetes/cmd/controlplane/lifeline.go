package main

import (
	"io"
	"os"
)

// lifeline is set by a starter that holds the other end of our standard input.
const lifeline = "CONTROLPLANE_LIFELINE"

// endWithParent ends the process when its starter is gone, however it went: the kernel closes a dead
// process's pipes. It is the portable half; package controlplane also asks Linux for a death signal.
func endWithParent() {
	if os.Getenv(lifeline) == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

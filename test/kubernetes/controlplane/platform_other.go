//go:build unix && !linux

package controlplane

import "syscall"

const reusePort = syscall.SO_REUSEPORT

// dieWithParent has nothing to ask for here: the binary ends when its standard input does.
func dieWithParent() *syscall.SysProcAttr { return nil }

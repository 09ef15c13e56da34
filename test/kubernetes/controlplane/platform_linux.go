package controlplane

import "syscall"

// reusePort is SO_REUSEPORT, which package syscall lacks on amd64.
const reusePort = 0xf

// dieWithParent asks the kernel to kill the child when the thread that forked it is gone.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

package controlplane

import (
	"fmt"
	"syscall"
)

// port is a free TCP port of 127.0.0.1 that stays ours until released.
type port struct {
	number int
	socket int
}

// reservePort binds a port without listening on it and lets others share it. The API server binds
// the same port, with --permit-port-sharing, as often as it is started. Choosing a port and letting
// go of it instead would lose it now and then: to another listener, or, while the server is down, to
// a client that dials it and is given the very port as its own end.
func reservePort() (port, error) {
	fail := func(err error) (port, error) { return port{}, fmt.Errorf("reserve a port: %w", err) }
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return fail(err)
	}
	number, err := bindShared(fd)
	if err != nil {
		syscall.Close(fd)
		return fail(err)
	}
	return port{number: number, socket: fd}, nil
}

func bindShared(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, reusePort, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return bound.(*syscall.SockaddrInet4).Port, nil
}

func (p port) release() { syscall.Close(p.socket) }

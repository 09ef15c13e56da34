// Package engine starts a real Docker swarm for tests: several dockerd processes of Debian's docker.io on
// one machine, without a registry and without touching its network.
//
// All engines live in one set of namespaces of their own (network with nothing but loopback, mounts,
// processes), under a process that is this test binary again. When that process ends, in whatever
// way, the kernel ends everything in it, containers too; when the test ends, in whatever way, it does.
// Nodes have addresses 127.0.0.1, 127.0.0.2, …; the API is on Unix sockets, which are reachable from outside.
//
// It needs Linux, root and the package docker.io; without them [Start] skips the test and says why. A
// test binary calls [Main] first in its TestMain.
//
// Begin reading with Start, then inside.go.
package engine

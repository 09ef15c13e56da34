package controlplane_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

// parentVariable makes this test binary a program that starts a cluster and waits to be killed.
const parentVariable = "CONTROLPLANE_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVariable); dir != "" {
		beParent(dir)
	}
	os.Exit(m.Run())
}

func beParent(dir string) {
	c, err := controlplane.Start(context.Background(), controlplane.Config{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(c.PID(controlplane.Etcd), c.PID(controlplane.APIServer))
	select {}
}

// A test run that is killed must not leave control planes behind.
func TestComponentsEndWithAKilledParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(),
		parentVariable+"="+t.TempDir(),
		"TMPDIR="+t.TempDir(), // whom nobody stops cannot tidy up
		controlplane.BinaryVariable+"="+controlplanetest.RequireBinary(t))
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill() }) // where the test failed before it did
	var etcd, server int
	if _, err := fmt.Fscan(bufio.NewReader(out), &etcd, &server); err != nil {
		t.Fatal(err)
	}
	if !alive(etcd) || !alive(server) {
		t.Fatal("the components do not run")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // says that it was killed
	eventually(t, func(context.Context) error {
		if alive(etcd) || alive(server) {
			return fmt.Errorf("components %d, %d outlive their parent", etcd, server)
		}
		return nil
	})
}

// alive does not take a process that has ended and waits to be reaped for a living one.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	if _, err := os.Stat("/proc/self"); err != nil {
		return true // no way to tell; such systems reap at once
	}
	_, err := proportionalKiB(pid) // a zombie has no memory
	return err == nil
}

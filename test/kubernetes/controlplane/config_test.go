package controlplane

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestConfigRefusesWhatCannotWork(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  Config
		want string // part of the error; empty accepts
	}{
		"nothing set":        {Config{}, ""},
		"a user and a lease": {Config{Users: []User{{Name: "agent"}}, NodeLease: 4 * time.Second}, ""},
		"flags of kwok":      {Config{Flags: map[string][]string{Kwok: {"--v=1"}}}, ""},
		"half a second":      {Config{NodeLease: 1500 * time.Millisecond}, "whole seconds"},
		"negative lease":     {Config{NodeLease: -time.Second}, "whole seconds"},
		"nameless user":      {Config{Users: []User{{}}}, `user name ""`},
		"second admin":       {Config{Users: []User{{Name: Admin}}}, `user name "admin"`},
		"user twice":         {Config{Users: []User{{Name: "a"}, {Name: "a"}}}, `user name "a"`},
		"flags of nobody":    {Config{Flags: map[string][]string{"kubelet": {"--v=1"}}}, `"kubelet"`},
	} {
		t.Run(name, func(t *testing.T) {
			test.cfg.Binary = "/bin/true"
			_, err := test.cfg.completed()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestFindWalksUpFromTheWorkingDirectory(t *testing.T) {
	root := t.TempDir()
	t.Setenv(BinaryVariable, "")
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	if _, err := Find(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("nothing built: got %v, want ErrNotBuilt", err)
	}
	built := filepath.Join(root, ".build", "controlplane")
	writeBinary(t, built)
	if got, err := Find(); err != nil || resolved(t, got) != resolved(t, built) {
		t.Errorf("got %s, %v, want %s", got, err, built)
	}
	named := filepath.Join(root, "elsewhere", "cp")
	writeBinary(t, named)
	t.Setenv(BinaryVariable, named)
	if got, err := Find(); err != nil || got != named {
		t.Errorf("named by the environment: got %s, %v, want %s", got, err, named)
	}
	t.Setenv(BinaryVariable, named+".gone")
	if _, err := Find(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("named but missing: got %v, want ErrNotBuilt", err)
	}
}

func writeBinary(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

func TestReservedPortIsNobodyElses(t *testing.T) {
	p, err := reservePort()
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number))
	if l, err := net.Listen("tcp", address); err == nil {
		l.Close()
		t.Error("somebody else could listen on a reserved port")
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Error("a reservation answered a client")
	}
	p.release()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("a released port is still taken: %v", err)
	}
	l.Close()
}

func TestStartSaysWhyAComponentEnded(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "controlplane")
	script := "#!/bin/sh\necho \"$1 has a bad day\"\nexit 3\n"
	if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Binary: binary})
	if err == nil || !strings.Contains(err.Error(), "etcd has a bad day") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v, want the exit code and the log's last words", err)
	}
}

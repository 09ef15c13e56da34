package engine

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// insideVariable names the folder of the swarm, in the process inside and nowhere else.
const insideVariable = "FAIRLEAD_TEST_SWARM"

// Main becomes the process inside if this process was started as that, and never returns then.
// Otherwise it does nothing.
func Main() {
	dir := os.Getenv(insideVariable)
	if dir == "" {
		return
	}
	if err := inside(dir); err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// inside prepares the namespaces, then does what the lines on its input say until they end. It is the
// first process of its namespace: when it ends, the kernel kills all others.
func inside(dir string) error {
	if err := prepare(); err != nil {
		return err
	}
	engines := map[int]*exec.Cmd{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var what string
		var node int
		if _, err := fmt.Sscan(lines.Text(), &what, &node); err != nil {
			return fmt.Errorf("read %q: %w", lines.Text(), err)
		}
		if what == "kill" {
			kill(dir, node, engines[node])
			continue
		}
		engine, err := dockerd(dir, node)
		if err != nil {
			return err
		}
		engines[node] = engine
	}
	return lines.Err()
}

// prepare makes mounts private, shows the own processes in /proc, and brings loopback up.
func prepare() error {
	if err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	defer unix.Close(socket)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("name loopback: %w", err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("bring loopback up: %w", err)
	}
	return nil
}

// dockerd starts one engine. Its processes bear its folder in their arguments or environment.
func dockerd(dir string, node int) (*exec.Cmd, error) {
	own := nodeDir(dir, node)
	if err := os.MkdirAll(own, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for node %d: %w", node, err)
	}
	log, err := os.OpenFile(filepath.Join(own, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of node %d: %w", node, err)
	}
	defer log.Close()
	_ = os.Remove(filepath.Join(own, "pid")) // of one that was killed
	engine := exec.Command("dockerd",
		"--data-root", filepath.Join(own, "data"), "--exec-root", filepath.Join(own, "exec"), "--pidfile", filepath.Join(own, "pid"),
		"--host", "unix://"+filepath.Join(own, "api"),
		"--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs",
		"--cgroup-parent=/"+filepath.Base(dir), "--log-level=warn",
		"--node-generic-resource", fmt.Sprintf("fpga=%d", node+1),
		"--label", fmt.Sprintf("node=%d", node))
	engine.Stdout, engine.Stderr = log, log
	if err := engine.Start(); err != nil {
		return nil, fmt.Errorf("start node %d: %w", node, err)
	}
	return engine, nil
}

// kill ends an engine, its containerd and the processes of its containers at once.
func kill(dir string, node int, engine *exec.Cmd) {
	own := nodeDir(dir, node)
	doomed := []int{}
	if engine != nil {
		doomed = append(doomed, engine.Process.Pid)
	}
	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline") // only a bad pattern fails
	for _, p := range processes {
		line, err := os.ReadFile(p)
		var pid int
		if _, scan := fmt.Sscanf(p, "/proc/%d/cmdline", &pid); err != nil || scan != nil {
			continue
		}
		if strings.Contains(string(line), own+"/") {
			doomed = append(doomed, pid)
		}
	}
	for _, pid := range doomed {
		_ = unix.Kill(pid, unix.SIGKILL) // it may have ended
	}
	if engine != nil {
		_ = engine.Wait()
	}
	reap(doomed)
}

// reap waits until processes are gone for good: a new engine takes a dead containerd that nobody has
// waited for, which is for the first process of the namespace to do, for a living one.
func reap(doomed []int) {
	for len(doomed) > 0 {
		doomed = slices.DeleteFunc(doomed, func(pid int) bool {
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // it may have another parent yet
			return unix.Kill(pid, 0) != nil
		})
		time.Sleep(10 * time.Millisecond)
	}
}

// removeCgroups removes what dockerd leaves of a cgroup parent after it was killed.
func removeCgroups(parent string) {
	roots, _ := filepath.Glob("/sys/fs/cgroup/*/" + parent) // only a bad pattern fails
	for _, root := range append(roots, "/sys/fs/cgroup/"+parent) {
		var folders []string
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				folders = append(folders, path)
			}
			return nil
		})
		for i := len(folders) - 1; i >= 0; i-- {
			_ = unix.Rmdir(folders[i])
		}
	}
}

// lastWords are the ends of the engines' logs.
func (s *Swarm) lastWords() string {
	var words strings.Builder
	for node := range s.nodes {
		log, err := os.ReadFile(filepath.Join(nodeDir(s.dir, node), "log"))
		fmt.Fprintf(&words, "node %d (%v): …%s\n", node, err, log[max(0, len(log)-2000):])
	}
	return words.String()
}

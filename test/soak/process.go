package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// process is one part of the federation.
type process struct {
	name    string
	cmd     *exec.Cmd
	metrics string // URL
	ended   chan struct{}
}

// kind is what its quantities are summed up under: instances of placement are judged
// together, since the lead goes from one to the other.
func (p *process) kind() string {
	kind, _, _ := strings.Cut(p.name, "-")
	return kind
}

var serves = regexp.MustCompile(`msg="serving health" url=(http://[0-9.:]+)`)

// launch starts a command and returns when it has said where its metrics are. Its log
// goes to a file.
func launch(ctx context.Context, name, folder string, command ...string) (*process, error) {
	log, err := os.Create(folder + "/" + name + ".log")
	if err != nil {
		return nil, err
	}
	p := &process{name: name, cmd: exec.Command(command[0], command[1:]...), ended: make(chan struct{})}
	says, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s (%s): %w", name, strings.Join(command, " "), err)
	}
	found := make(chan string, 1)
	go func() {
		defer log.Close()
		lines := bufio.NewScanner(io.TeeReader(says, log))
		for lines.Scan() {
			if url := serves.FindStringSubmatch(lines.Text()); url != nil {
				select {
				case found <- url[1]:
				default:
				}
			}
		}
		_ = p.cmd.Wait() // how it ended is told by whoever misses it
		close(p.ended)
	}()
	select {
	case url := <-found:
		p.metrics = url + "/metrics"
		return p, nil
	case <-p.ended:
		return nil, fmt.Errorf("%s ended at once: see %s", name, log.Name())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.cmd.Process.Kill())
	}
}

// stop asks a process to end in good order, and makes it after a while.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(os.Interrupt) // one that has ended is told by its exit
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		return errors.Join(fmt.Errorf("%s did not end", p.name), p.cmd.Process.Kill())
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d", p.name, code)
	}
	return nil
}

// dead says whether the process ended by itself.
func (p *process) dead() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// measured are the quantities of a process, by the name of their metric, with the growth
// that none is blamed for.
var measured = []struct {
	metric, name string
	bytes        bool
	slack        float64
}{
	{"go_memstats_heap_alloc_bytes", "heap", true, 4 << 20},
	{"process_resident_memory_bytes", "resident memory", true, 16 << 20},
	{"go_goroutines", "goroutines", false, 5},
	{"process_open_fds", "open files", false, 5},
}

// sample reads the metrics of a process.
func (p *process) sample(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.metrics, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("sample %s: %w", p.name, err)
	}
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("sample %s: %w", p.name, err)
	}
	out := map[string]float64{}
	for _, m := range measured {
		if f := families[m.metric]; f != nil && len(f.Metric) > 0 {
			out[m.metric] = f.Metric[0].GetGauge().GetValue()
		}
	}
	return out, nil
}

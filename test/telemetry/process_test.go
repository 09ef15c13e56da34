package telemetry

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/harness"
)

// A process that cannot lead is alive and not ready, and says why; once it leads it is
// ready, and /metrics has its figures, without the name of anything in them.
func TestAProcessAnswersForItself(t *testing.T) {
	b, err := harness.StartBroker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	g := newGate(t, strings.TrimPrefix(b.URL, "nats://"))
	url := start(t, "--server", g.url, "--metrics")

	if code, body := get(t, url+"/healthz"); code != http.StatusOK {
		t.Errorf("healthz before it leads: %d %s", code, body)
	}
	code, body := get(t, url+"/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `"placement":"`) || strings.Contains(body, `"placement":"ok"`) {
		t.Errorf("readyz before it leads: %d %s", code, body)
	}
	g.open()
	eventually(t, url+"/readyz", `"ready":true`)

	e := event.New(event.OperatorSource("test"), &event.ClusterCordoned{Cluster: "nowhere-1"})
	e.ID = "find-me"
	if _, err := b.Log.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	body = eventually(t, url+"/metrics", `fairlead_log_events_total{fairlead_stream="INTENTS"`)
	for _, want := range []string{
		"fairlead_placement_leader_epoch", "fairlead_log_append_time_seconds_bucket", "fairlead_placement_held",
		`fairlead_log_lag{fairlead_stream="STATUS"`, "go_goroutines", "process_cpu_seconds_total",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in /metrics", want)
		}
	}
	bounded(t, body)
}

// bounded checks that our own metrics have no label but those of the conventions.
func bounded(t *testing.T, metrics string) {
	t.Helper()
	allowed := []string{"le", "otel_scope_name", "otel_scope_version", "otel_scope_schema_url",
		"fairlead_verdict", "fairlead_stream", "fairlead_reason", "fairlead_outcome", "fairlead_result", "fairlead_report"}
	label := regexp.MustCompile(`([a-z_]+)="`)
	for line := range strings.Lines(metrics) {
		if !strings.HasPrefix(line, "fairlead_") {
			continue
		}
		for _, found := range label.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(allowed, found[1]) {
				t.Errorf("label %s in %s", found[1], line)
			}
		}
		if strings.Contains(line, "nowhere") || strings.Contains(line, "find-me") {
			t.Errorf("a name in %s", line)
		}
	}
}

// start runs the service's own binary until the test ends, and gives the address that it
// says it serves.
func start(t *testing.T, args ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "placement")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "fairlead.dev/services/placement/cmd/placement").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, args...)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "url="); found {
			go func() { _, _ = io.Copy(io.Discard, says) }()
			return strings.Fields(url)[0]
		}
	}
	t.Fatal("the process ended before it served anything")
	return ""
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// eventually asks until the answer has what is wanted.
func eventually(t *testing.T, url, want string) string {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for {
		_, body := get(t, url)
		if strings.Contains(body, want) {
			return body
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("%s never said %s; at last:\n%s", url, want, body)
		}
	}
}

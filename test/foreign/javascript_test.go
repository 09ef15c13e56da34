//go:build foreign

package foreign

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
)

// install makes sure of node and of what the lock file pins.
func install(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is needed for the JavaScript client and was not found: install Node.js 20 or later", program)
		}
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules", "cloudevents")); err == nil {
		return
	}
	run(t, nil, "npm", "ci", "--no-audit", "--no-fund")
}

// run runs a program in the js folder and gives what it prints.
func run(t *testing.T, input []byte, program string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = "js", time.Second
	cmd.Stdin = bytes.NewReader(input)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, problem.String())
	}
	return out.Bytes()
}

// The CloudEvents SDK makes the events, the NATS SDK publishes them.
func TestFairleadReadsWhatJavaScriptWrites(t *testing.T) {
	install(t)
	url := startServer(t)
	js := connect(t, url)
	var input bytes.Buffer
	for _, mode := range []string{"structured", "binary"} {
		line := map[string]any{
			"mode": mode, "subject": "fairlead.intents.tenant.shop.workload.submitted",
			"attributes": map[string]any{
				"id": "build-4711", "source": "/tenants/shop/ci", "subject": "shop/web",
				"type": "dev.fairlead.workload.submitted.v1", "custom": "kept",
			},
			"data": json.RawMessage(submission(t).Data()),
		}
		if err := json.NewEncoder(&input).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	acks := bytes.Split(bytes.TrimSpace(run(t, input.Bytes(), "node", "client.mjs", "publish", url)), []byte("\n"))
	for i, ack := range acks {
		if want := `{"stream":"INTENTS","sequence":` + strconv.Itoa(i+1) + `}`; string(ack) != want {
			t.Fatalf("acknowledged %s, want %s", ack, want)
		}
		wantSubmission(t, stored(t, js, event.Intents, uint64(i+1)))
	}
	if len(acks) != 2 {
		t.Fatalf("%d events published, want 2", len(acks))
	}
}

// The CloudEvents SDK understands every event of the catalog.
func TestJavaScriptReadsWhatFairleadWrites(t *testing.T) {
	install(t)
	url := startServer(t)
	for stream, list := range published(t, connect(t, url)) {
		out := run(t, nil, "node", "client.mjs", "read", url, string(stream), strconv.Itoa(len(list)))
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		if len(lines) != len(list) {
			t.Fatalf("%s: %d events read, want %d", stream, len(lines), len(list))
		}
		for i, line := range lines {
			var got seen
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatal(err)
			}
			compare(t, list[i], got)
		}
	}
}

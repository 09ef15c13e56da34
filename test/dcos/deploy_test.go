package dcos

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
	agentdcos "fairlead.dev/services/agent-dcos"
	"fairlead.dev/test/dcos/double"
)

// TestDeploy: unit and Marathon app set what the agent knows, and Marathon takes the app.
func TestDeploy(t *testing.T) {
	var shell daemon.Config
	var cfg agentdcos.Config
	flags := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	shell.Flags(flags, nil)
	cfg.Flags(flags)
	var app map[string]any
	for _, file := range []string{"../../deploy/dcos/agent.json", "../../deploy/systemd/fairlead-agent-dcos@.service"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		known := 0
		for _, name := range regexp.MustCompile(`FAIRLEAD_([A-Z_]+)|--([a-z-]+)`).FindAllString(string(text), -1) {
			name = strings.TrimPrefix(strings.TrimPrefix(name, "FAIRLEAD_"), "--")
			name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
			if name != "now" && flags.Lookup(name) == nil { // systemctl enable --now
				t.Errorf("%s: the agent has no setting %s", file, name)
			}
			known++
		}
		if known < 4 {
			t.Errorf("%s sets %d things", file, known)
		}
		if strings.HasSuffix(file, ".json") {
			if err := json.Unmarshal(text, &app); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := newScene(t, double.Config{})
	s.Write("POST", "/v2/apps", app)
	if strings.HasPrefix(app["id"].(string), "/fairlead/") {
		t.Error("the agent runs in the group that it changes")
	}
}

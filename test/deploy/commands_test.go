package deploy_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	agentsim "fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead"
	"fairlead.dev/services/fairlead/exit"
)

// accepted asks the real command line whether it knows a command and its flags: --help
// behind them is answered only when all before it could be read.
func accepted(t *testing.T, where string, args []string) {
	t.Helper()
	var out, talk bytes.Buffer
	s := fairlead.Session{In: strings.NewReader(""), Out: &out, Err: &talk}
	if code := fairlead.Run(t.Context(), s, append(slices.Clone(args), "--help")); code != exit.OK {
		t.Errorf("%s: fairlead %q: %s", where, args, talk.String())
	}
}

func text(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestComposeRunsWhatThereIs(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Image   string
			Command []string
		}
	}
	if err := yaml.Unmarshal(text(t, "../../deploy/compose.yaml"), &compose); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for name, s := range compose.Services {
		if s.Image == "fairlead" {
			accepted(t, "compose service "+name, s.Command)
			ran++
		}
	}
	if ran < 3 {
		t.Errorf("only %d services run fairlead", ran)
	}
}

// One instance of placement leads and another stands by, under names of their own.
func TestComposeHasAStandby(t *testing.T) {
	found := regexp.MustCompile(`"run", "placement", "--instance", "(\w+)"`).FindAllStringSubmatch(string(text(t, "../../deploy/compose.yaml")), -1)
	if len(found) != 2 || found[0][1] == found[1][1] {
		t.Errorf("instances: %v", found)
	}
}

func TestComposeJoinsTheClustersItRuns(t *testing.T) {
	specs, err := agentsim.Load("../../deploy/clusters.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compose := string(text(t, "../../deploy/compose.yaml"))
	for _, spec := range specs {
		if !strings.Contains(compose, `"join", "`+string(spec.Name)+`"`) {
			t.Errorf("nobody joins %s", spec.Name)
		}
	}
}

func TestUnitsStartWhatThereIs(t *testing.T) {
	units, err := filepath.Glob("../../deploy/systemd/*.service")
	if err != nil || len(units) == 0 {
		t.Fatalf("%d units, %v", len(units), err)
	}
	ran := 0
	for _, unit := range units {
		for line := range strings.Lines(string(text(t, unit))) {
			if args, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart=/usr/local/bin/fairlead "); ok {
				accepted(t, filepath.Base(unit), strings.Fields(strings.ReplaceAll(args, "%l", "host")))
				ran++
			}
		}
	}
	if ran == 0 {
		t.Error("no unit starts fairlead")
	}
}

package architecture_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	house      = "fairlead.dev/"
	natsServer = "github.com/nats-io/nats-server/v2"
	clientGo   = "k8s.io/client-go"
	moby       = "github.com/moby/moby"
	goMarathon = "github.com/gambol99/go-marathon"
	mesosGo    = "github.com/mesos/mesos-go"
)

// importRules say who may not import whom, test files included. The first word is the
// importer's path below fairlead.dev/, the second the path it may not import.
var importRules = []struct {
	why       string
	forbidden func(from, to string) bool
}{
	{"the contract stands below the log", func(from, to string) bool {
		return from == "pkg/event" && under(to, house+"pkg/stream")
	}},
	{"schemas import nothing of the house", func(from, to string) bool {
		return under(from, "schemas") && under(to, house) && !under(to, house+"schemas")
	}},
	{"pkg imports schemas alone", func(from, to string) bool {
		return under(from, "pkg") && (under(to, house+"services") || under(to, house+"test"))
	}},
	{"services never import each other; services/fairlead alone composes them", func(from, to string) bool {
		own, other := service(from), service(strings.TrimPrefix(to, house))
		return own != "" && own != "fairlead" && other != "" && own != other
	}},
	{"nothing but test imports test", func(from, to string) bool {
		return !under(from, "test") && under(to, house+"test")
	}},
	{"the embedded server lives in services/fairlead and test", func(from, to string) bool {
		return under(to, natsServer) && !under(from, "services/fairlead") && !under(from, "test")
	}},
	{"client-go lives in services/agent-kubernetes, and test/kubernetes tests it", func(from, to string) bool {
		return under(to, clientGo) && !under(from, "services/agent-kubernetes") && !under(from, "test/kubernetes")
	}},
	{"Docker's client lives in services/agent-swarm, and test/swarm tests it", func(from, to string) bool {
		return under(to, moby) && !under(from, "services/agent-swarm") && !under(from, "test/swarm")
	}},
	{"clients of Marathon and Mesos that others wrote are judges in test/dcos, and in no program", func(from, to string) bool {
		return (under(to, goMarathon) || under(to, mesosGo)) && !under(from, "test/dcos")
	}},
}

// TestImports holds every import in every file against the rules.
func TestImports(t *testing.T) {
	broken := make([][]string, len(importRules))
	for _, s := range sources(t) {
		for _, spec := range s.file.Imports {
			to := strings.Trim(spec.Path.Value, `"`)
			for i, rule := range importRules {
				if rule.forbidden(s.folder(), to) {
					broken[i] = append(broken[i], fmt.Sprintf("%s:%d imports %s", s.path, s.line(spec.Pos()), to))
				}
			}
		}
	}
	for i, rule := range importRules {
		report(t, rule.why, broken[i])
	}
}

// TestBinaries looks at what a program links in the end, by whatever way it came in.
func TestBinaries(t *testing.T) {
	var broken []string
	for _, line := range listed(t, `{{if eq .Name "main"}}{{.ImportPath}} {{join .Deps " "}}{{end}}`) {
		program, deps, _ := strings.Cut(line, " ")
		from := strings.TrimPrefix(program, house)
		for _, to := range strings.Fields(deps) {
			if under(to, natsServer) && !under(from, "services/fairlead") && !under(from, "test") ||
				under(to, clientGo) && !under(from, "services/agent-kubernetes") ||
				under(to, moby) && !under(from, "services/agent-swarm") {
				broken = append(broken, program+" links "+to)
			}
		}
	}
	report(t, "a heavy dependency leaves its own program", broken)
}

// TestImportRules breaks each rule once: a rule that catches nothing keeps nothing.
func TestImportRules(t *testing.T) {
	for i, tc := range []struct{ from, to string }{
		{"pkg/event", house + "pkg/stream"},
		{"schemas", house + "pkg/event"},
		{"pkg/agent", house + "services/placement"},
		{"services/agent-sim/cmd/x", house + "services/placement"},
		{"services/fairlead", house + "test/harness"},
		{"services/placement", natsServer + "/server"},
		{"services/fairlead", clientGo + "/kubernetes"},
		{"services/agent-kubernetes", moby + "/client"},
		{"services/agent-dcos/marathon", goMarathon},
	} {
		if rule := importRules[i]; !rule.forbidden(tc.from, tc.to) {
			t.Errorf("%s: %s may import %s", rule.why, tc.from, tc.to)
		}
	}
	for _, tc := range []struct{ from, to string }{
		{"services/fairlead", house + "services/placement"},
		{"services/placement/cmd/x", house + "services/placement"},
		{"services/fairlead/cmd/fairlead", natsServer + "/server"},
		{"services/agent-kubernetes", clientGo + "/kubernetes"},
		{"services/agent-swarm/cluster", moby + "/client"},
		{"test/dcos", mesosGo + "/api/v1/lib/master"},
		{"pkg/stream", house + "pkg/event"},
		{"test/stream", natsServer + "/server"},
	} {
		for _, rule := range importRules {
			if rule.forbidden(tc.from, tc.to) {
				t.Errorf("%s: %s may not import %s", rule.why, tc.from, tc.to)
			}
		}
	}
}

// under reports whether a path is tree or below it.
func under(path, tree string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(tree, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// service is the service that a folder belongs to: placement for services/placement/cmd.
func service(folder string) string {
	rest, ok := strings.CutPrefix(folder, "services/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

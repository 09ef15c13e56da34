package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// firstLine is generous: what is meant is one second, and a loaded machine is slower.
const firstLine = 10 * time.Second

const api = `
tenant: shop
name: api
replicas: 4
template:
  image: api:1
  resources: {cpu: 1, memory: 1GiB}
policy:
  regions: [eu-west-1, eu-central]
`

// TestOperator is a day with `fairlead dev`, in the order in which a person would try
// things; each step builds on those before.
func TestOperator(t *testing.T) {
	sh := newShell(t)
	port := freePort(t)
	url := "nats://127.0.0.1:" + port
	dev := sh.start("dev", "--port", port)

	line, took := dev.line("")
	t.Logf("first line after %s: %s", took.Round(time.Millisecond), line)
	if !strings.Contains(line, "for development only") || took > firstLine {
		t.Errorf("first line %q after %s", line, took)
	}
	for _, text := range []string{url, "kubernetes", "swarm", "dcos", "openstack"} {
		dev.line(text)
	}
	if next, _ := dev.line("next"); !strings.Contains(next, "fairlead get --server "+url) {
		t.Errorf("the next command does not name the server: %s", next)
	}
	_, took = dev.line("ready")
	t.Logf("ready after %s", took.Round(time.Millisecond))

	file := filepath.Join(sh.home, "api.yaml")
	if err := os.WriteFile(file, []byte(api), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func(*testing.T, *shell)
	}{
		{"looks around", lookAround},
		{"plans and submits", planAndSubmit},
		{"asks why", askWhy},
		{"applies plans", plans},
		{"sets what operators set", settings},
		{"looks into the past", thePast},
		{"follows the log", followLog},
		{"administers clusters", administer},
		{"meets dead letters", func(t *testing.T, sh *shell) { deadLetters(t, sh, url) }},
		{"withdraws", withdraw},
	} {
		t.Run(step.name, func(t *testing.T) { step.do(t, &shell{t: t, home: sh.home, env: sh.env}) })
	}

	if code := dev.interrupt(); code != 0 {
		t.Errorf("dev ended with %d after ^C: %s", code, dev.talk.String())
	}
	sh.want(7, "no fairlead dev is running", "get")
	if left, _ := filepath.Glob(filepath.Join(sh.home, "fairlead-dev-*")); len(left) > 0 {
		t.Errorf("temporary data was left: %v", left)
	}
}

// lookAround finds the running dev by itself, as another shell would.
func lookAround(t *testing.T, sh *shell) {
	eventually(t, "the examples settle", func() bool {
		return strings.Contains(sh.run("get", "shop/web").out, "ready") && strings.Contains(sh.run("get", "lab/giant").out, "held")
	})
	r := sh.want(0, "shop/web", "get", "-o", "json")
	var views []struct{ Phase string }
	if err := json.Unmarshal([]byte(r.out), &views); err != nil || len(views) < 4 {
		t.Errorf("%d workloads, %v", len(views), err)
	}
	if strings.Contains(r.out, "\x1b[") {
		t.Error("coloured, though piped")
	}
	sh.want(0, "openstack", "clusters", "ls")
	sh.want(0, "m7i.4xlarge", "clusters", "show", "k8s-eu")
	sh.want(0, "all report", "doctor")
	sh.want(0, "shop/web", "get", "--tenant", "shop")
	sh.want(0, "lab/giant", "get", "--phase", "held", "-o", "yaml")
	sh.with("FAIRLEAD_TENANT=shop").want(0, "shop/web", "describe", "web")
	sh.want(6, "workload shop/nobody is not known", "get", "shop/nobody")
	sh.want(6, "workload shop/nobody is not known", "describe", "shop/nobody")
	sh.want(6, "cluster nowhere is not known", "clusters", "show", "nowhere")
}

func planAndSubmit(t *testing.T, sh *shell) {
	sh.want(0, "Place 4, move 0, stop 0.", "plan", "-f", "api.yaml")
	sh.want(10, "region us-east", "plan", "-f", "api.yaml", "--exit-code")
	sh.want(0, "shop/api  ready, 4 of 4 ready", "submit", "-f", "api.yaml", "--wait")
	sh.want(0, "Nothing would change.", "plan", "-f", "api.yaml", "--exit-code")
	giant := strings.Replace(api, "cpu: 1,", "cpu: 500,", 1)
	if r := sh.feed(strings.Replace(giant, "name: api", "name: huge", 1), "plan", "-f", "-"); r.code != 3 {
		t.Errorf("a plan for what fits nowhere: exit %d: %s%s", r.code, r.out, r.err)
	}
	if r := sh.feed("tenant: shop\nname: web\n", "submit", "-f", "-"); r.code != 2 || !strings.Contains(r.err, "stdin:1: template: is missing") {
		t.Errorf("a bad file: exit %d: %s", r.code, r.err)
	}
	sh.want(0, "shop/api  ready", "wait", "shop/api")
	sh.want(0, "held", "wait", "lab/giant", "--for", "decided")
	forever := sh.start("wait", "lab/giant")
	if code := forever.interrupt(); code != 130 && code != -1 { // -1: the signal came before the program listened
		t.Errorf("wait after ^C: exit %d: %s", code, forever.talk.String())
	}
	sh.want(124, "lab/giant is not ready after 300ms: held", "wait", "lab/giant", "--timeout", "300ms")
}

func askWhy(_ *testing.T, sh *shell) {
	sh.want(0, "d_", "explain", "shop/api")
	sh.want(0, "✗ region", "explain", "shop/api", "--not", "dcos-us")
	sh.want(6, "cluster nowhere is not known", "explain", "shop/api", "--not", "nowhere")
	sh.want(6, "workload shop/nobody is not known", "explain", "shop/nobody")
}

// followLog reads history as JSON, then follows until ^C.
func followLog(t *testing.T, sh *shell) {
	r := sh.want(0, "placement.decided", "tail", "--no-follow", "--since", "1h", "-o", "json")
	last := map[string]string{}
	for line := range strings.Lines(r.out) {
		var e struct{ SpecVersion, Type, Sequence string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.SpecVersion != "1.0" || e.Type == "" || len(e.Sequence) != 20 {
			t.Fatalf("not a CloudEvent with its place: %v: %s", err, line)
		}
		last[e.Type] = e.Sequence
	}
	if len(last) < 6 {
		t.Errorf("types seen: %v", last)
	}
	sim := sh.feed(r.out, "simulate", "-", "-o", "table")
	if sim.code != 0 || !strings.Contains(sim.out, "shop/api") {
		t.Errorf("simulate what was tailed: exit %d: %s%s", sim.code, sim.out, sim.err)
	}

	follow := sh.start("tail", "workload.submitted", "--tenant", "shop", "--since", "0")
	// The tail may begin after the first of these; one of them it must show.
	eventually(t, "a submission is shown", func() bool {
		sh.feed(api, "submit", "-f", "-")
		select {
		case line := <-follow.lines:
			return strings.Contains(line, "shop/api")
		default:
			return false
		}
	})
	if code := follow.interrupt(); code != 130 {
		t.Errorf("tail after ^C: exit %d: %s", code, follow.talk.String())
	}
}

func administer(t *testing.T, sh *shell) {
	sh.want(0, "swarm-hz\tswarm", "__complete", "clusters", "cordon", "sw")
	sh.want(0, "web\t", "__complete", "get", "--tenant", "shop", "")
	sh.want(0, "\tshop/web ", "__complete", "replay", "d_")
	sh.want(0, "swarm-hz  cordoned", "clusters", "cordon", "swarm-hz", "--reason", "test")
	eventually(t, "cordoned", func() bool {
		return strings.Contains(sh.run("clusters", "show", "swarm-hz").out, "cordoned")
	})
	sh.want(0, "uncordoned", "clusters", "uncordon", "swarm-hz")
	eventually(t, "uncordoned", func() bool {
		return strings.Contains(sh.run("clusters", "show", "swarm-hz", "-o", "json").out, `"state": "ready"`)
	})
	sh.want(6, "cluster nowhere is not known", "clusters", "cordon", "nowhere")
	sh.want(0, "may send its agent now", "clusters", "join", "new-1")
	sh.want(0, "may send its agent now", "clusters", "join", "new-1")
	sh.want(2, "not a DNS label", "clusters", "join", "New_1")
	depart(t, sh)
}

// depart takes clusters out of the fleet and one of them in again; the others go on.
func depart(t *testing.T, sh *shell) {
	sh.want(0, "new-1  left the fleet", "clusters", "leave", "new-1") // admitted, and no agent ever came
	sh.want(6, "cluster new-1 is not known", "clusters", "cordon", "new-1")
	sh.want(6, "cluster nowhere is not known", "clusters", "leave", "nowhere")
	sh.want(1, "drain it first", "clusters", "leave", "k8s-eu")
	eventually(t, "replicas on dcos-us", func() bool { return strings.Contains(sh.run("get").out, "dcos-us") })
	sh.want(0, "dcos-us  left the fleet", "clusters", "leave", "dcos-us", "--now", "--reason", "test")
	eventually(t, "placed elsewhere", func() bool {
		r := sh.run("get")
		return r.code == 0 && !strings.Contains(r.out, "dcos-us")
	})
	sh.want(0, `"state": "left"`, "clusters", "show", "dcos-us", "-o", "json")
	sh.want(0, "may send its agent now", "clusters", "join", "dcos-us")
	eventually(t, "the cluster is back", func() bool {
		return strings.Contains(sh.run("clusters", "show", "dcos-us", "-o", "json").out, `"state": "ready"`)
	})
}

// deadLetters puts something into the log that is no event.
func deadLetters(t *testing.T, sh *shell, url string) {
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.Publish("fairlead.intents.tenant.shop.workload.submitted", []byte("\x1b[31mjunk")); err != nil {
		t.Fatal(err)
	}
	var letter struct {
		Number uint64 `json:"number"`
		Reason string `json:"reason"`
	}
	eventually(t, "a dead letter", func() bool {
		out := sh.run("deadletters", "ls", "-o", "json").out
		return json.Unmarshal([]byte(strings.TrimSpace(out)), &letter) == nil && letter.Number > 0
	})
	if r := sh.want(0, letter.Reason, "deadletters", "show", "1"); strings.Contains(r.out, "\x1b") {
		t.Errorf("a control character got through: %q", r.out)
	}
	sh.want(8, "1 not replayed", "doctor")
	sh.want(0, "1  replayed at", "deadletters", "replay", "1")
	sh.want(6, "dead letter 999 does not exist", "deadletters", "show", "999")
	sh.want(6, "dead letter 999 does not exist", "deadletters", "rm", "999")
	sh.want(2, "say which", "deadletters", "rm")
	sh.want(2, "say which", "deadletters", "rm", "1", "--replayed")
	eventually(t, "the record is a dead letter again, as it was before", func() bool {
		return strings.Contains(sh.run("deadletters", "ls").out, letter.Reason)
	})
	sh.want(0, "removed", "deadletters", "rm", "--replayed")
	sh.want(0, "removed", "deadletters", "rm", "--reason", letter.Reason)
	if r := sh.want(0, "", "deadletters", "ls", "--all"); !strings.Contains(r.err, "no dead letters") {
		t.Errorf("left: %s%s", r.out, r.err)
	}
	eventually(t, "doctor has nothing to say", func() bool { return regexp.MustCompile(`dead letters +ok`).MatchString(sh.run("doctor").out) })
	sh.want(0, "cannot be read", "tail", "--no-follow", "--stream", "intents")
}

func withdraw(_ *testing.T, sh *shell) {
	sh.want(0, "shop/api  gone", "withdraw", "shop/api", "--wait", "--reason", "done")
	sh.want(6, "not known", "get", "shop/api")
	sh.want(6, "not known", "withdraw", "shop/api")
	sh.want(0, "gone", "wait", "shop/api", "--for", "gone")
}

// TestKubernetesAgentFails shows the end of the agent's program, with its last words;
// the rest of the federation goes on.
func TestKubernetesAgentFails(t *testing.T) {
	sh := newShell(t)
	agent := filepath.Join(sh.home, "fairlead-agent-kubernetes")
	if err := os.WriteFile(agent, []byte("#!/bin/sh\necho \"no context in: $*\" >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	sh = sh.with("PATH=" + sh.home + ":" + os.Getenv("PATH"))
	dev := sh.start("dev", "--port", freePort(t), "--no-examples", "--kubernetes", "Prod.EU")
	dev.line("ready")
	eventually(t, "the failure is told", func() bool {
		said := dev.talk.String()
		return strings.Contains(said, "kubernetes context Prod.EU: the agent ended: exit status 3; its last words: no context in:") &&
			strings.Contains(said, "--cluster prod-eu --kube-context Prod.EU")
	})
	sh.want(0, "k8s-eu", "clusters", "ls")
	wait := sh.start("wait", "shop/web", "--for", "gone", "--timeout", "1m")
	<-wait.done // nothing of that name: gone at once
	if code := exitCode(t, wait.err); code != 0 {
		t.Errorf("wait for what is gone: exit %d: %s", code, wait.talk.String())
	}
	if code := dev.interrupt(); code != 0 {
		t.Errorf("dev: exit %d: %s", code, dev.talk.String())
	}
}

package cli

import (
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/harness"
)

// startNATS starts a server that is not ours.
func startNATS(t *testing.T, o server.Options) string {
	t.Helper()
	o.Port = server.RANDOM_PORT
	if o.JetStream {
		o.StoreDir = t.TempDir()
	}
	s, err := harness.Serve(&o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { harness.End(s) })
	return s.ClientURL()
}

// Servers that are there but will not do: each failure has its own code and says what
// to do.
func TestServers(t *testing.T) {
	sh := newShell(t)
	t.Run("wrong credentials", func(t *testing.T) {
		url := startNATS(t, server.Options{Username: "me", Password: "right"})
		sh := &shell{t: t, home: sh.home, env: sh.env}
		sh.want(4, "refuses these credentials", "get", "--server", url)
		sh.want(4, "refuses these credentials", "doctor", "--server", url)
	})
	t.Run("no JetStream", func(t *testing.T) {
		url := startNATS(t, server.Options{})
		sh := &shell{t: t, home: sh.home, env: sh.env}
		sh.want(7, "placement service does not answer", "get", "--server", url)
		sh.want(8, "jetstream", "doctor", "--server", url)
	})
	t.Run("set up by hand", func(t *testing.T) {
		url := startNATS(t, server.Options{JetStream: true, JetStreamMaxStore: 64 << 30})
		sh := (&shell{t: t, home: sh.home, env: sh.env}).with("FAIRLEAD_SERVER=" + url)
		sh.want(1, "run `fairlead setup`", "tail")
		sh.want(0, "created", "setup")
		sh.want(0, "ok", "setup")
		sh.want(8, "no placement service answers", "doctor")
		purged(t, sh, url)
	})
}

// Services of their own, as in production: placement and a simulated cluster against a
// server that was set up.
func TestServices(t *testing.T) {
	url := startNATS(t, server.Options{JetStream: true, JetStreamMaxStore: 64 << 30, SyncAlways: true})
	sh := newShell(t).with("FAIRLEAD_SERVER=" + url)
	sh.want(0, "created", "setup")
	sh.want(0, "left", "clusters", "join", "left")
	sh.want(0, "right", "clusters", "join", "right")
	placement := sh.start("run", "placement")
	agents := sh.start("run", "agent-sim", "--clusters", examples(t, "clusters.yaml"))
	eventually(t, "both clusters report", func() bool {
		return sh.run("doctor").code == 0
	})
	sh.want(0, "shop/search  ready, 8 of 8 ready", "submit", "-f", examples(t, "weighted.yaml"), "--wait")
	if code := agents.interrupt(); code != 0 {
		t.Errorf("agents: exit %d: %s", code, agents.talk.String())
	}
	if code := placement.interrupt(); code != 0 {
		t.Errorf("placement: exit %d: %s", code, placement.talk.String())
	}
	sh.want(7, "placement service does not answer", "get")
}

// purged tails a stream whose beginning retention took away: the hole is told, to people
// and to programs.
func purged(t *testing.T, sh *shell, url string) {
	for _, file := range []string{"web.yaml", "job.yaml", "residency.yaml"} {
		sh.want(0, "submitted", "submit", "-f", examples(t, file))
	}
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	intents, err := js.Stream(t.Context(), string(event.Intents))
	if err != nil {
		t.Fatal(err)
	}
	if err := intents.Purge(t.Context(), jetstream.WithPurgeSequence(3)); err != nil {
		t.Fatal(err)
	}
	r := sh.want(0, "── gap: INTENTS 1–2 expired by retention ──", "tail", "--no-follow", "--since", "1h")
	if strings.Contains(r.out, "shop/storefront") || !strings.Contains(r.out, "health/records") {
		t.Errorf("shown after the gap: %s", r.out)
	}
	sh.want(0, `{"gap":{"from":1,"stream":"INTENTS","to":2}}`, "tail", "--no-follow", "--since", "1h", "-o", "json")
	follow := sh.start("tail", "--since", "1h")
	follow.line("gap: INTENTS 1–2")
	follow.line("health/records")
	if code := follow.interrupt(); code != 130 {
		t.Errorf("tail after ^C: exit %d: %s", code, follow.talk.String())
	}
}

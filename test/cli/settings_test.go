package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settings sets what operators set, sees it, and takes it back.
func settings(t *testing.T, sh *shell) {
	sh.want(0, "no quotas", "quota", "ls")
	sh.want(0, "shop  1000 cpu, 2TiB, 500 workloads, 100.5 per hour  at ", "quota", "set", "shop", "--cpu", "1000", "--memory", "2TiB", "--workloads", "500", "--max-price", "100.50")
	sh.want(0, "retail  unlimited, weight 3  at ", "quota", "set", "retail", "--weight", "3")
	eventually(t, "the quota counts", func() bool {
		out := sh.run("quota", "ls").out
		return strings.Contains(out, "/1000") && strings.Contains(out, "/100.5") && strings.Contains(out, "retail")
	})
	sh.want(0, "quota removed", "quota", "rm", "retail")
	eventually(t, "the quota is gone", func() bool { return !strings.Contains(sh.run("quota", "ls").out, "retail") })
	sh.want(6, "retail has no quota", "quota", "rm", "retail")

	sh.want(0, "k8s-eu  core 0.032, GiB 0.004 USD/h; a100: GPU 2.4 USD/h", "price", "set", "k8s-eu", "--cpu", "0.032", "--memory", "0.004", "--shape", "a100:gpu=2.40", "--currency", "USD")
	eventually(t, "the price counts", func() bool { return strings.Contains(sh.run("clusters", "show", "k8s-eu").out, "core 0.032") })
	sh.want(0, "operator", "price", "ls")
	sh.want(6, "cluster nowhere is not known", "price", "set", "nowhere", "--cpu", "1")
	sh.want(6, "no operator has set prices for swarm-hz", "price", "rm", "swarm-hz")

	sh.want(0, "carbon 70", "score", "set", "k8s-eu", "carbon", "70", "--for", "1h")
	sh.want(0, "incident -50", "score", "set", "--", "k8s-eu", "incident", "-50")
	eventually(t, "both scores count", func() bool {
		out := sh.run("score", "ls").out
		return strings.Contains(out, "carbon") && strings.Contains(out, "-50") && strings.Contains(out, "for ever")
	})
	sh.want(6, "cluster nowhere is not known", "score", "set", "nowhere", "carbon", "1")
	policies(t, sh)
}

// policies goes once round: show, change, set, show.
func policies(t *testing.T, sh *shell) {
	sh.want(0, "{}", "policy", "show")
	file := filepath.Join(sh.home, "policy.yaml")
	text := "links:\n- {from: eu-west-1, to: us-east-1, price: 0.02, latency: 80ms}\nagingSeconds: 90\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sh.want(0, "fleet  policy with 1 links", "policy", "set", "-f", file)
	eventually(t, "the policy counts", func() bool { return strings.Contains(sh.run("policy", "show").out, "latency: 80ms") })
	shown := sh.want(0, "price: \"0.02\"", "policy", "show").out
	if r := sh.feed(shown, "policy", "set", "-f", "-"); r.code != 0 {
		t.Errorf("what was shown cannot be set: %d: %s", r.code, r.err)
	}
	if r := sh.feed("{}", "policy", "set", "-f", "-", "--reason", "test is over"); r.code != 0 {
		t.Errorf("back to the defaults: %d: %s", r.code, r.err)
	}
}

// thePast explains and decides again what was decided before.
func thePast(t *testing.T, sh *shell) {
	var view struct{ Decision json.Number }
	if err := json.Unmarshal([]byte(sh.run("get", "shop/web", "-o", "json").out), &view); err != nil {
		t.Fatal(err)
	}
	d := "d_" + view.Decision.String()
	sh.want(0, "identical: the same ", "replay", d)
	sh.want(0, `"same": true`, "replay", view.Decision.String(), "-o", "json")
	sh.want(0, "(before "+d+")", "explain", "shop/web", "--at", d)
	sh.want(0, "dcos-us: all ", "explain", "shop/web", "--at", d, "--not", "dcos-us")
	sh.want(6, "workload shop/nobody is not known before "+d, "explain", "shop/nobody", "--at", d)
	sh.want(6, "cluster nowhere is not known before "+d, "explain", "shop/web", "--at", d, "--not", "nowhere")
	sh.want(0, "lost\n", "simulate", "--live", "--lose", "k8s-eu")
	sh.want(0, `"changes": [`, "simulate", "--live", "--lose", "k8s-eu", "-o", "json")
	sh.want(0, "From state ", "simulate", "--live", "--lose", "swarm-hz", "--at", d)
	sh.want(6, "cluster nowhere is not known", "simulate", "--live", "--lose", "nowhere")
	sh.want(6, "no record 99999999", "replay", "d_99999999")
	sh.want(6, "not a decision", "replay", "1")
	sh.want(2, "is not at-most-once", "release", "shop/web", "--cluster", "k8s-eu")
	sh.want(6, "workload shop/nobody is not known", "release", "shop/nobody", "--cluster", "k8s-eu")
}

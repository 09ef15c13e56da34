package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const batch = `
tenant: shop
name: batch
replicas: 3
template:
  image: batch:1
  resources: {cpu: 1, memory: 1GiB}
`

// plans applies what was shown, and nothing else.
func plans(t *testing.T, sh *shell) {
	file := filepath.Join(sh.home, "batch.yaml")
	write(t, file, batch)
	id := planID(t, sh, file)
	sh.want(0, "shop/batch  ready, 3 of 3 ready", "submit", "-f", file, "--plan", id, "--wait")
	sh.want(0, "Nothing would change.", "plan", "-f", file)
	sh.want(0, "placed", "get", "shop/batch", "-o", "json")

	// The workload is another by now, so the plan is of the past.
	r := sh.want(5, "the plan is stale: the workload changed: it was planned against generation 0", "submit", "-f", file, "--plan", id)
	if !strings.Contains(r.err, "nothing was changed") {
		t.Errorf("a stale plan: %s", r.err)
	}
	sh.want(0, "shop/batch  ready, 3 of 3 ready", "wait", "shop/batch")

	// A hard check no longer passes.
	write(t, file, strings.Replace(batch, "replicas: 3", "replicas: 4", 1)+"policy: {regions: [eu-central]}\n")
	carried := filepath.Join(sh.home, "batch.plan")
	sh.want(0, "--plan "+carried, "plan", "-f", file, "--save", carried)
	sh.want(0, "cordoned", "clusters", "cordon", "swarm-hz")
	eventually(t, "cordoned", func() bool { return strings.Contains(sh.run("clusters", "show", "swarm-hz").out, "cordoned") })
	sh.want(5, "swarm-hz", "submit", "-f", file, "--plan", carried)
	sh.want(0, "uncordoned", "clusters", "uncordon", "swarm-hz")
	eventually(t, "uncordoned", func() bool { return !strings.Contains(sh.run("clusters", "show", "swarm-hz").out, "cordoned") })
	sh.want(0, "shop/batch  ready, 4 of 4 ready", "submit", "-f", file, "--plan", carried, "--wait")

	sh.want(0, "shop/batch  no difference", "diff", "-f", file, "--exit-code")
	r = sh.want(0, "generation ", "history", "shop/batch")
	for _, word := range []string{"submitted", "placed", "refused", "plan", "the plan is stale"} {
		if !strings.Contains(r.out, word) {
			t.Errorf("no %q in the history:\n%s", word, r.out)
		}
	}
	sh.want(6, "nothing about shop/nobody", "history", "shop/nobody")
	foreignPlans(t, sh, file, carried)
	sh.want(0, "withdrawn", "withdraw", "shop/batch", "--wait")
	plansInSteps(t, sh)
}

// plansInSteps applies the plan of an update that goes from cluster to cluster.
func plansInSteps(t *testing.T, sh *shell) {
	file := filepath.Join(sh.home, "steps.yaml")
	steps := strings.Replace(batch, "name: batch", "name: steps", 1) + "policy: {strategy: spread, rollout: {clusters: 1}}\n"
	write(t, file, steps)
	sh.want(0, "shop/steps  ready, 3 of 3 ready", "submit", "-f", file, "--wait")
	write(t, file, strings.Replace(steps, "replicas: 3", "replicas: 6", 1))
	sh.want(0, "shop/steps  ready, 6 of 6 ready", "submit", "-f", file, "--plan", planID(t, sh, file), "--wait")
	sh.want(0, "withdrawn", "withdraw", "shop/steps", "--wait")
}

// foreignPlans are plans of nobody, of another workload and of another file.
func foreignPlans(t *testing.T, sh *shell, file, carried string) {
	sh.want(6, "no plan p_00000000 in ", "submit", "-f", file, "--plan", "p_00000000")
	sh.want(2, "no such file", "submit", "-f", file, "--plan", "nowhere.plan")
	sh.want(2, "is no plan", "submit", "-f", file, "--plan", file)
	other := filepath.Join(sh.home, "other.yaml")
	write(t, other, strings.Replace(batch, "name: batch", "name: other", 1))
	sh.want(2, "is also for shop/batch, which is not in the files", "submit", "-f", other, "--plan", carried)
	sh.want(2, "is not for shop/other", "submit", "-f", file, "-f", other, "--plan", carried)
	write(t, other, strings.Replace(batch, "cpu: 1", "cpu: 2", 1))
	sh.want(10, "cpuMilli: 2000", "diff", "-f", other, "--exit-code")
	sh.want(5, "was changed since", "submit", "-f", other, "--plan", carried)
}

func planID(t *testing.T, sh *shell, file string) string {
	t.Helper()
	var plans []struct{ Plan string }
	out := sh.want(0, `"plan": "p_`, "plan", "-f", file, "-o", "json").out
	if err := json.Unmarshal([]byte(out), &plans); err != nil || len(plans) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	return plans[0].Plan
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

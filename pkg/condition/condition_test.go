package condition_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/condition"
)

// facts is a cluster that has something of everything.
func facts() *condition.Facts {
	return &condition.Facts{
		Name: "eu-1", Orchestrator: "kubernetes", Version: "v1.33.2",
		Provider: "acme", Region: "eu-west", Zone: "eu-west-a",
		Labels: map[string]string{"tier": "prod", "team": "shop"},
		Taints: []condition.Taint{{Key: "maintenance", Value: "soon", Effect: "NoSchedule"}},
		Scores: map[string]int64{"latency/p99": 40, "latency/p50": 12},
		Free:   condition.Room{CPUMilli: 64_000, MemoryBytes: 256 << 30, GPUMilli: 2_500},
		Allocatable: condition.Room{
			CPUMilli: 128_000, MemoryBytes: 512 << 30, GPUMilli: 8_000,
		},
	}
}

func TestMet(t *testing.T) {
	for _, tc := range []struct {
		source string
		want   bool
	}{
		{`true`, true},
		{`cluster.labels["tier"] == "prod"`, true},
		{`cluster.labels.tier == "dev"`, false},
		{`has(cluster.labels.rack)`, false},
		{`"tier" in cluster.labels && !("rack" in cluster.labels)`, true},
		{`cluster.labels.exists(k, k.startsWith("te") && cluster.labels[k] == "shop")`, true},
		{`cluster.region.split("-")[0] == "eu"`, true},
		{`cluster.region.matches("^(eu|uk)-")`, true},
		{`cluster.taints.exists(t, t.key == "maintenance" && t.effect == "NoSchedule")`, true},
		{`cluster.taints.all(t, t.effect == "PreferNoSchedule")`, false},
		{`cluster.scores.all(name, cluster.scores[name] < 50)`, true},
		{`cluster.scores.filter(name, name.endsWith("/p99")).all(name, cluster.scores[name] < 20)`, false},
		{`cluster.free.cpuMilli >= quantity.milli("16")`, true},
		{`cluster.free.memoryBytes > quantity.bytes("1Ti")`, false},
		{`cluster.free.cpuMilli * 100 / cluster.allocatable.cpuMilli == 50`, true},
		{`semver.compare(cluster.version, "1.33") > 0`, true},
		{`semver.compare("1.2.0-rc.1", "1.2.0") == -1`, true},
		{`sets.contains(["acme", "other"], [cluster.provider])`, true},
	} {
		t.Run(tc.source, func(t *testing.T) {
			program, err := condition.Compile(tc.source)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := program.Met(facts()); err != nil || got != tc.want {
				t.Errorf("got %v, %v; want %v", got, err, tc.want)
			}
			if program.Source() != tc.source {
				t.Errorf("the source reads %q", program.Source())
			}
		})
	}
}

// TestEveryVariable asks for each variable that is documented, with its value.
func TestEveryVariable(t *testing.T) {
	for name, value := range map[string]string{
		"name": `"eu-1"`, "orchestrator": `"kubernetes"`, "version": `"v1.33.2"`,
		"provider": `"acme"`, "region": `"eu-west"`, "zone": `"eu-west-a"`,
		"labels.size()": "2", "taints[0].value": `"soon"`, `scores["latency/p50"]`: "12",
		"free.cpuMilli": "64000", "free.memoryBytes": "274877906944", "free.gpuMilli": "2500",
		"allocatable.cpuMilli": "128000", "allocatable.memoryBytes": "549755813888", "allocatable.gpuMilli": "8000",
	} {
		program, err := condition.Compile("cluster." + name + " == " + value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if met, err := program.Met(facts()); !met || err != nil {
			t.Errorf("%s is not %s: %v", name, value, err)
		}
	}
}

func TestAsks(t *testing.T) {
	program, err := condition.Compile(`cluster.labels["cluster.scores"] == "x" && cluster.free.gpuMilli > 0 && cluster.labels.exists(k, k == cluster.zone)`)
	if err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]bool{
		"cluster.free.": true, "cluster.labels": true, "cluster.zone": true, "cluster.free.cpuMilli": false,
		"cluster.scores": false, "cluster.allocatable.": false, "k": false,
	} {
		if got := program.Asks(prefix); got != want {
			t.Errorf("asks for %s: %v", prefix, got)
		}
	}
}

func TestRefusedToCompile(t *testing.T) {
	for source, want := range map[string]string{
		``:                    "Syntax error",
		`cluster.nmae == "x"`: "undeclared reference",
		`cluster.name`:        "the expression is a string, not true or false",
		`cluster.name == 1`:   "no matching overload",
		`1.5 > 1.0`:           "there are no floats",
		`double(cluster.free.cpuMilli) > double(1)`:                              "there are no floats",
		`timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")`: "there is no time",
		`duration("1s") > duration("0s")`:                                        "there is no time",
		`now() == 1`:                                                             "undeclared reference to 'now'",
		`{"a": 1}.size() == 1`:                                                   "builds no maps",
		`google.protobuf.StringValue{value: "x"} == "x"`:                         "builds no maps and no messages",
		`cluster.name.replace("", "x") == ""`:                                    "replace is not offered",
		`[cluster.name].join("x") == ""`:                                         "join is not offered",
		`"%s".format([cluster.name]) == ""`:                                      "format is not offered",
		`strings.quote(cluster.name) == ""`:                                      "strings.quote is not offered",
		`cluster.name.matches("(")`:                                              "invalid matches argument",
		`cluster.name.matches(cluster.zone)`:                                     "a pattern that is written out",
		`matches(cluster.name, "a" + "b")`:                                       "a pattern that is written out",
		`cluster.name.matches("` + strings.Repeat("a", 129) + `")`:               "at most 128 bytes, not 129",
		`cluster.name.matches("a{1000}a{1000}")`:                                 "regex",
		strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60):               "recursion",
		`"` + strings.Repeat("x", condition.MaxLength) + `" == ""`:               "at most 2048",
		`true ||` + strings.Repeat("!", 3000) + `true`:                           "at most 2048",
		`dyn(1) > 0.5`: "there are no floats",
	} {
		_, err := condition.Compile(source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %q", source, err, want)
		}
	}
}

func TestReasons(t *testing.T) {
	for source, want := range map[string]string{
		`cluster.labels["rack"] == "r1"`:                     "no such key: rack",
		`semver.compare(cluster.name, "1.0.0") > 0`:          `"eu-1" is not a version`,
		`quantity.bytes(cluster.name) > 0`:                   `"eu-1" is not an amount (try 16GiB, 512Mi, 2G or 1024)`,
		`1 / (cluster.free.gpuMilli - 2500) > 0`:             "division by zero",
		`cluster.free.memoryBytes * 9223372036854775807 > 0`: "integer overflow",
		`cluster.taints[7].key == ""`:                        "index out of bounds: 7",
	} {
		program, err := condition.Compile(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if met, err := program.Met(facts()); met || err == nil || err.Error() != want {
			t.Errorf("%s: got %v, %v; want %q", source, met, err, want)
		}
	}
}

// TestCost: what certainly takes too long does not compile; what turns out to is a reason.
func TestCost(t *testing.T) {
	list := "[" + strings.Repeat("1,", 60) + "1]"
	nested := fmt.Sprintf("%s.map(a, %s.map(b, %s.map(c, a + b + c))).size() > 0", list, list, list)
	if _, err := condition.Compile(nested); !errors.Is(err, condition.ErrCost) {
		t.Errorf("a quarter of a million steps compile: %v", err)
	}
	large := facts()
	for i := range 200 {
		large.Labels[fmt.Sprintf("label-%03d", i)] = "value"
	}
	program, err := condition.Compile(`cluster.labels.all(a, cluster.labels.all(b, a != b || a == b))`)
	if err != nil {
		t.Fatal(err)
	}
	if met, err := program.Met(facts()); !met || err != nil {
		t.Errorf("two labels: %v, %v", met, err)
	}
	if met, err := program.Met(large); met || !errors.Is(err, condition.ErrCost) {
		t.Errorf("two hundred labels: %v, %v", met, err)
	}
}

// TestEqualAnswers: what depends on the order of a map must not, answer, reason and cost.
func TestEqualAnswers(t *testing.T) {
	large := facts()
	for i := range 40 {
		large.Labels[fmt.Sprintf("label-%03d", i)] = fmt.Sprint(i)
	}
	for source, want := range map[string]string{
		`cluster.labels.map(k, k)[0] == "label-000"`:                                               "true <nil>",
		`cluster.labels.map(k, int(cluster.labels[k]))[0] == 0`:                                    `false type conversion error from 'string' to 'int'`,
		`cluster.labels.exists(k, k == "label-030") && cluster.labels.exists(k, k == "label-039")`: "true <nil>",
		`cluster.labels.all(k, cluster.labels.exists(j, j == k))`:                                  "false the expression takes more than 1000 steps",
	} {
		program, err := condition.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			met, err := program.Met(large)
			if got := fmt.Sprint(met, " ", err); got != want {
				t.Fatalf("%s: got %s, want %s", source, got, want)
			}
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`cluster.labels["tier"] == "prod"`, `cluster.taints.exists(t, t.key == "x")`, `semver.compare(cluster.version, "1") > 0`,
		`cluster.labels.map(k, cluster.labels.map(j, k + j)).size() > 3`, `[1, 2].exists_one(x, x == cluster.free.cpuMilli)`,
		`cluster.name.split("")[0].matches("a*")`, `quantity.bytes("1Gi") == 1u`, `type(1) == int`, `b"x" < b"y"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		program, err := condition.Compile(source)
		if err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: the reason is not one line: %q", source, err)
			}
			return
		}
		first, firstErr := program.Met(facts())
		second, secondErr := program.Met(facts())
		if first != second || fmt.Sprint(firstErr) != fmt.Sprint(secondErr) {
			t.Errorf("%q: %v, %v and then %v, %v", source, first, firstErr, second, secondErr)
		}
		if met, err := program.Met(&condition.Facts{}); met && err != nil {
			t.Errorf("%q: met with an error: %v", source, err)
		}
	})
}

func BenchmarkMet(b *testing.B) {
	program, err := condition.Compile(`cluster.labels["tier"] == "prod" && cluster.free.cpuMilli > 1000`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if met, err := program.Met(facts()); !met || err != nil {
			b.Fatal(met, err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := condition.Compile(`cluster.labels["tier"] == "prod" && cluster.free.cpuMilli > 1000`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCostLimit is the longest that one answer can take.
func BenchmarkCostLimit(b *testing.B) {
	large := facts()
	for i := range 200 {
		large.Labels[fmt.Sprintf("label-%03d", i)] = "value"
	}
	program, err := condition.Compile(`cluster.labels.all(a, cluster.labels.all(b, a != b || a == b))`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := program.Met(large); !errors.Is(err, condition.ErrCost) {
			b.Fatal(err)
		}
	}
}

package planfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/planfile"
)

func plan(t *testing.T, replicas int) planfile.Plan {
	t.Helper()
	p, err := planfile.New(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), []planfile.Part{{
		Wanted:  &event.WorkloadSubmitted{Tenant: "shop", Name: "web", Kind: event.KindService, Replicas: replicas},
		Outcome: event.Planned{State: 9, Price: 5, Assignments: []event.PlannedAssignment{{Cluster: "eu-1", Replicas: replicas}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A plan is found by its id and by its file, and says whether it is for a workload.
func TestKept(t *testing.T) {
	folder, p := t.TempDir(), plan(t, 2)
	if err := p.Keep(filepath.Join(folder, "plans")); err != nil || !planfile.IsID(p.ID) {
		t.Fatalf("%q: %v", p.ID, err)
	}
	file := filepath.Join(folder, "carried.json")
	if err := p.Write(file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{p.ID, file} {
		got, err := planfile.Find(filepath.Join(folder, "plans"), name)
		if err != nil || got.ID != p.ID || got.Parts[0].Outcome.Price != 5 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	same, other := *p.Parts[0].Wanted, *p.Parts[0].Wanted
	other.Replicas = 3
	if !p.Parts[0].Wants(&same) || p.Parts[0].Wants(&other) {
		t.Error("a plan takes another workload for its own")
	}
	q := plan(t, 3)
	if q.ID == p.ID {
		t.Error("two plans of one id")
	}
	if err := os.WriteFile(filepath.Join(folder, "plans", "p_00000000.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := planfile.Kept(filepath.Join(folder, "plans")); len(got) != 1 || got[0].ID != p.ID || !strings.Contains(got[0].About(), p.Parts[0].Wanted.ID().String()) {
		t.Errorf("kept: %+v", got)
	}
}

// What is no plan, or not the one that was made, is refused.
func TestNotAPlan(t *testing.T) {
	folder, p := t.TempDir(), plan(t, 2)
	file := filepath.Join(folder, "p.json")
	if err := p.Write(file); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"changed": strings.Replace(string(raw), `"eu-1"`, `"us-1"`, 1), "empty": "{}", "text": "a plan", "list": "[]",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.Read(file); err == nil || !strings.Contains(err.Error(), "is no plan") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := planfile.Find(folder, "p_00000000"); !errors.Is(err, planfile.ErrUnknown) {
		t.Errorf("an id that nobody made: %v", err)
	}
	if _, err := planfile.Find(folder, "../../etc/passwd"); err == nil {
		t.Error("any file is a plan")
	}
}

// Old plans go when a new one comes.
func TestOldOnesGo(t *testing.T) {
	folder, old := t.TempDir(), plan(t, 1)
	if err := old.Keep(folder); err != nil {
		t.Fatal(err)
	}
	long := old.Made.Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(folder, old.ID+".json"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := plan(t, 2).Keep(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := planfile.Find(folder, old.ID); !errors.Is(err, planfile.ErrUnknown) {
		t.Errorf("the old plan: %v", err)
	}
}

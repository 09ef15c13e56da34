package fairlead

import (
	"os"
	"path/filepath"
	"testing"

	"fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead/dev"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/workfile"
)

const examples = "../../examples"

// Every example is one that the product accepts.
func TestExamplesAreValid(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(examples, "*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "clusters.yaml" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if docs, faults := workfile.Parse(file, data, ""); len(faults) > 0 || len(docs) == 0 {
			t.Errorf("%d workloads: %v", len(docs), faults)
		}
	}
	if specs, err := agentsim.Load(filepath.Join(examples, "clusters.yaml")); err != nil || len(specs) == 0 {
		t.Errorf("%d clusters: %v", len(specs), err)
	}
	if _, talk, code := invoke(t, "simulate", filepath.Join(examples, "events.ndjson")); code != exit.OK {
		t.Errorf("events: exit %d: %s", code, talk)
	}
}

func TestDevDefaultsAreValid(t *testing.T) {
	specs, err := dev.DefaultClusters()
	if err != nil {
		t.Fatal(err)
	}
	orchestrators, providers := map[string]bool{}, map[string]bool{}
	for _, s := range specs {
		orchestrators[s.Orchestrator], providers[s.Provider] = true, true
	}
	if len(orchestrators) < 4 || len(providers) < 4 {
		t.Errorf("want four orchestrators in four places: %v, %v", orchestrators, providers)
	}
	if all, err := dev.DefaultExamples(); err != nil || len(all) < 4 {
		t.Errorf("%d examples: %v", len(all), err)
	}
}

package agentsim_test

import (
	"os"
	"path/filepath"
	"testing"

	"fairlead.dev/services/agent-sim"
)

// FuzzParse: what is read as clusters can be simulated.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("clusters:\n  - {name: eu-1, nodes: [{count: 1, shape: a, cpu: 1, memory: 1Gi}]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		specs, err := agentsim.Parse(text)
		if err != nil {
			return
		}
		for _, s := range specs {
			if err := s.Validate(); err != nil {
				t.Errorf("an invalid cluster was let through: %v", err)
			}
		}
	})
}

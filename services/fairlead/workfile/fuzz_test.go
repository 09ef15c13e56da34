package workfile_test

import (
	"testing"

	"fairlead.dev/services/fairlead/workfile"
)

// FuzzParsePolicy: what is read as a policy is valid, and what is not has a fault.
func FuzzParsePolicy(f *testing.F) {
	for _, text := range []string{"{}", "repack: {gain: 10}", "priorityClasses: [{name: high, priority: 10}]", "a: &a [*a]", "\t", "---\n---\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, faults := workfile.ParsePolicy("p.yaml", data)
		if p == nil && len(faults) == 0 {
			t.Error("neither a policy nor a fault")
		}
		if p != nil && len(faults) == 0 {
			if err := p.Validate(); err != nil {
				t.Errorf("an invalid policy was let through: %v", err)
			}
		}
	})
}

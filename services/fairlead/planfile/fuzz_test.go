package planfile_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/planfile"
)

// FuzzRead: a file is the plan that was made, or none.
func FuzzRead(f *testing.F) {
	p, err := planfile.New(time.Unix(1_700_000_000, 0), []planfile.Part{{Wanted: &event.WorkloadSubmitted{Tenant: "shop", Name: "web"}}})
	if err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(f.TempDir(), "plan.json")
	if err := p.Write(file); err != nil {
		f.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"id":"p_00000000","parts":[{}]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file := filepath.Join(t.TempDir(), "plan.json")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := planfile.Read(file)
		if err == nil && (!planfile.IsID(p.ID) || len(p.Parts) == 0) {
			t.Errorf("accepted %+v", p)
		}
	})
}

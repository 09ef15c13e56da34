package schema_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/event/schema"
	"fairlead.dev/schemas"
)

const fileFixtures = "../../../schemas/fixtures/files.workload"

func TestWorkloadFiles(t *testing.T) {
	for _, kind := range []string{"valid", "invalid"} {
		files, err := filepath.Glob(filepath.Join(fileFixtures, kind, "*.json"))
		if err != nil || len(files) < 4 {
			t.Fatalf("%d %s files, error %v", len(files), kind, err)
		}
		for _, file := range files {
			t.Run(kind+"/"+filepath.Base(file), func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.CheckWorkloadFile(text); (err == nil) != (kind == "valid") {
					t.Errorf("the schema says %v", err)
				}
			})
		}
	}
}

// The file that people write is the event but for the units of resources: a member
// added to one belongs into the other. A plan is what a command writes, not a person.
func TestWorkloadFileHasTheMembersOfTheEvent(t *testing.T) {
	file := parse(t, schemas.WorkloadFile)
	submitted := parse(t, "workload/submitted/v1.json")
	template := parse(t, "_defs/template.json")
	delete(submitted.Properties, "plan")
	equalMembers(t, "workload", file.Properties, submitted.Properties)
	equalMembers(t, "template", file.Definitions["template"].Properties, template.Properties)
	equalMembers(t, "policy", file.Definitions["writtenPolicy"].Properties, parse(t, "_defs/policy.json").Properties)
	equalMembers(t, "fleet's policy", parse(t, schemas.PolicyFile).Properties, parse(t, "policy/set/v1.json").Properties)
}

type members map[string]json.RawMessage

type document struct {
	Properties  members
	Definitions map[string]struct{ Properties members }
}

func parse(t *testing.T, path string) (d document) {
	t.Helper()
	text, err := schemas.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func equalMembers(t *testing.T, what string, file, of members) {
	t.Helper()
	if got, want := keys(file), keys(of); !slices.Equal(got, want) {
		t.Errorf("%s: the file has %v, the event %v", what, got, want)
	}
}

func keys(m members) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestErrorsNameTheMember(t *testing.T) {
	err := schema.CheckEvent(event.TypeClusterCordoned, []byte(`{"cluster":"EU"}`))
	if err == nil || !strings.Contains(err.Error(), "/cluster") {
		t.Errorf("error %v, want the member's path", err)
	}
	if err := schema.CheckEvent("dev.fairlead.nothing.v1", []byte(`{}`)); err == nil {
		t.Error("an unknown type passes")
	}
	if err := schema.CheckEvent(event.TypeClusterCordoned, []byte(`{`)); err == nil {
		t.Error("broken JSON passes")
	}
	if err := schema.CheckValue("no/such.json", map[string]any{}); err == nil || !strings.Contains(err.Error(), "no/such.json") {
		t.Errorf("a schema that is not there: %v", err)
	}
	if err := schema.CheckValue(schemas.WorkloadFile, map[string]any{"name": 1}); !errors.As(err, new(*jsonschema.ValidationError)) {
		t.Errorf("a value that is wrong: %v", err)
	}
}

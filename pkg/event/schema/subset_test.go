package schema_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fairlead.dev/pkg/event"
	"fairlead.dev/schemas"
)

const eventFixtures = "../../../schemas/fixtures"

// modern loads our schemas as if they were written for draft 2020-12.
type modern struct{}

func (modern) Load(url string) (any, error) {
	text, err := schemas.Read(strings.TrimPrefix(url, schemas.Base))
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte("http://json-schema.org/draft-07/schema#"), []byte("https://json-schema.org/draft/2020-12/schema"))
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

// The schemas mean the same under draft-07 and 2020-12, so that every tool reads
// them right.
func TestSchemasMeanTheSameInBothDrafts(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(modern{})
	for _, row := range event.Catalog() {
		s, err := compiler.Compile(schemas.Base + row.Schema)
		if err != nil {
			t.Fatal(err)
		}
		for kind, valid := range map[string]bool{"valid": true, "invalid": false, "unsound": true} {
			files, err := filepath.Glob(filepath.Join(eventFixtures, row.Name, kind, "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if err := s.Validate(load(t, file)); (err == nil) != valid {
					t.Errorf("%s under 2020-12: %v", file, err)
				}
			}
		}
	}
}

func load(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// Every schema of an event is in the catalog, and the other way round.
func TestCatalogListsEverySchema(t *testing.T) {
	listed := map[string]bool{schemas.WorkloadFile: true, schemas.PolicyFile: true}
	for _, row := range event.Catalog() {
		listed[row.Schema] = true
	}
	found := 0
	err := fs.WalkDir(schemas.Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(file) != ".json" || strings.HasPrefix(file, "_defs/") {
			return err
		}
		found++
		if !listed[file] {
			t.Errorf("%s is not in the catalog", file)
		}
		return nil
	})
	if err != nil || found != len(listed) {
		t.Errorf("%d schemas, %d listed, error %v", found, len(listed), err)
	}
}

// A schema's address is its place, which references rely on.
func TestSchemasHaveTheirPathAsID(t *testing.T) {
	err := fs.WalkDir(schemas.Files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(file) != ".json" {
			return err
		}
		text, err := schemas.Read(file)
		if err != nil {
			return err
		}
		if want := `"$id": "` + schemas.Base + file + `"`; !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s has no %s", file, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/event/schema"
)

const fixtureFolder = "../../schemas/fixtures"

// fixture is one example of an event's data.
type fixture struct {
	name string // type/kind/file
	row  event.Entry
	data []byte
}

// fixtures gives all examples of a kind (valid, invalid, unsound) for every type of
// the catalog.
func fixtures(t testing.TB, kind string) []fixture {
	t.Helper()
	var all []fixture
	for _, row := range event.Catalog() {
		files, err := filepath.Glob(filepath.Join(fixtureFolder, row.Name, kind, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < 2 && kind != "unsound" {
			t.Fatalf("%s has %d %s fixtures, want two at least", row.Name, len(files), kind)
		}
		for _, file := range files {
			all = append(all, fixture{row.Name + "/" + kind + "/" + filepath.Base(file), row, read(t, file)})
		}
	}
	return all
}

// read gives the file's JSON without white space.
func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // native parts keep the bytes they came with
	if err := json.Compact(&compact, data); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return compact.Bytes()
}

// message is the binary message that a publisher without this package would send
// for the fixture: the envelope is right, whatever the data says.
func (f fixture) message() (map[string][]string, []byte) {
	return map[string][]string{
		"ce-specversion": {"1.0"},
		"ce-id":          {"fixture"},
		"ce-source":      {f.source()},
		"ce-type":        {string(f.row.Type)},
		"Content-Type":   {"application/json"},
	}, f.data
}

// source is one that may publish the type; fixtures are about the cluster eu-1.
func (f fixture) source() string {
	switch f.row.By {
	case "agent", "agent or operator":
		return event.AgentSource("eu-1")
	case "placement":
		return event.PlacementSource("placement-0")
	}
	return event.OperatorSource("ann")
}

// event decodes the fixture, which must be valid.
func (f fixture) event(t testing.TB) event.Event {
	t.Helper()
	h, data := f.message()
	e, err := event.Decode(f.subject(), h, data, event.At{})
	if err != nil {
		t.Fatalf("%s: %v", f.name, err)
	}
	e.Time = time.Date(2026, 11, 22, 18, 30, 0, 123456789, time.UTC)
	return e
}

// subject is the one that valid data of the type belongs to, as the catalog says.
func (f fixture) subject() string {
	scope := map[event.Scope]string{event.ScopeCluster: "cluster.eu-1", event.ScopeFleet: "fleet"}[f.row.Scope]
	if f.row.Scope == event.ScopeTenant {
		scope = "tenant." + tenantOf(f.data)
	}
	return "fairlead." + strings.ToLower(string(f.row.Stream)) + "." + scope + "." + f.row.Name
}

// tenantOf finds the tenant without the code under test.
func tenantOf(data []byte) string {
	_, rest, _ := strings.Cut(string(data), `"tenant":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

func TestValidFixturesPassSchemaAndCode(t *testing.T) {
	for _, f := range fixtures(t, "valid") {
		t.Run(f.name, func(t *testing.T) {
			if err := schema.CheckEvent(f.row.Type, f.data); err != nil {
				t.Errorf("schema: %v", err)
			}
			f.event(t)
		})
	}
}

// A fault that begins with door- is one that only the schema sees: readers ignore
// unknown members, and a missing number reads as 0.
func TestInvalidFixturesFailSchemaAndCode(t *testing.T) {
	for _, f := range fixtures(t, "invalid") {
		t.Run(f.name, func(t *testing.T) {
			if err := schema.CheckEvent(f.row.Type, f.data); err == nil {
				t.Error("the schema lets it pass")
			}
			doorOnly := strings.HasPrefix(filepath.Base(f.name), "door-")
			if err := decodeFixture(t, f); (err == nil) != doorOnly {
				t.Errorf("Decode says %v; door only: %v", err, doorOnly)
			}
		})
	}
}

func TestUnsoundFixturesFailCodeAlone(t *testing.T) {
	for _, f := range fixtures(t, "unsound") {
		t.Run(f.name, func(t *testing.T) {
			if err := schema.CheckEvent(f.row.Type, f.data); err != nil {
				t.Errorf("schema: %v", err)
			}
			if err := decodeFixture(t, f); err == nil {
				t.Error("Decode lets it pass")
			}
		})
	}
}

// decodeFixture wants bad data to be called that.
func decodeFixture(t *testing.T, f fixture) error {
	t.Helper()
	h, data := f.message()
	_, err := event.Decode(f.subject(), h, data, event.At{})
	if err != nil {
		wantReason(t, err, event.BadData)
	}
	return err
}

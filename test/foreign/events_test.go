package foreign

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

const fixtureFolder = "../../schemas/fixtures"

// written is an event as the catalog's fixtures give it and as Fairlead published it.
type written struct {
	event   event.Event
	subject string
	data    any // the fixture, read without Fairlead's code
}

// published encodes every valid fixture of every type, publishes it and gives the
// events by stream, in the order of their sequences.
func published(t *testing.T, js jetstream.JetStream) map[event.Stream][]written {
	t.Helper()
	all := map[event.Stream][]written{}
	for _, row := range event.Catalog() {
		files, err := filepath.Glob(filepath.Join(fixtureFolder, row.Name, "valid", "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d fixtures, error %v", row.Name, len(files), err)
		}
		for i, file := range files {
			w := fromFixture(t, row, file, fmt.Sprintf("%s-%d", row.Name, i))
			msg, err := event.Encode(w.event)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if _, err := js.PublishMsg(t.Context(), msg); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			w.subject = msg.Subject
			all[row.Stream] = append(all[row.Stream], w)
		}
	}
	return all
}

func fromFixture(t *testing.T, row event.Entry, file, id string) written {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := written{data: plain(t, text)}
	payload := row.New()
	if err := json.Unmarshal(text, payload); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	w.event = event.New(sourceOf(row), payload)
	w.event.ID = id
	w.event.Time = time.Date(2026, 11, 22, 18, 30, 0, 123_000_000, time.UTC) // JavaScript knows milliseconds
	w.event.Trace.Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	w.event.Causation = "cause-of-" + id
	w.event.Extensions = map[string]string{"signature": "q83v7w=="}
	return w
}

// sourceOf gives a source that may publish the type; the fixtures are about eu-1.
func sourceOf(row event.Entry) string {
	switch row.By {
	case "agent", "agent or operator":
		return event.AgentSource("eu-1")
	case "placement":
		return event.PlacementSource("placement-0")
	}
	return event.OperatorSource("ann")
}

func plain(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// seen is what a foreign client made of a message.
type seen struct {
	Subject    string         `json:"subject"`
	Attributes map[string]any `json:"attributes"`
	Data       any            `json:"data"`
}

// attributes are those that every reader must find.
func (w written) attributes() map[string]any {
	all := map[string]any{
		"specversion": "1.0", "id": w.event.ID, "source": w.event.Source, "type": string(w.event.Type()),
		"time": "2026-11-22T18:30:00.123Z", "datacontenttype": "application/json",
		"traceparent": w.event.Trace.Parent, "causationid": w.event.Causation, "signature": "q83v7w==",
	}
	if entity := w.event.Data.Entity(); entity != "" {
		all["subject"] = entity
	}
	if key := w.event.Data.ScopeName(); key != "" {
		all["partitionkey"] = key
	}
	return all
}

// compare holds what was seen against what was written. Encoding leaves out what is
// zero and optional, so the data is compared by what Fairlead reads from it.
func compare(t *testing.T, want written, got seen) {
	t.Helper()
	if got.Subject != want.subject {
		t.Errorf("%s: subject %q, want %q", want.event.ID, got.Subject, want.subject)
	}
	if attributes := want.attributes(); !reflect.DeepEqual(got.Attributes, attributes) {
		t.Errorf("%s: attributes\n%v, want\n%v", want.event.ID, got.Attributes, attributes)
	}
	if missing := without(want.data, got.Data); missing != "" {
		t.Errorf("%s: data lacks or changes %s\n%v, want\n%v", want.event.ID, missing, got.Data, want.data)
	}
}

// without names the first member of want that got lacks or has otherwise; zero
// values may be left out.
func without(want, got any) string {
	members, ok := want.(map[string]any)
	if !ok {
		return withoutElements(want, got)
	}
	have, _ := got.(map[string]any)
	for name, value := range members {
		if _, there := have[name]; !there && isZero(value) {
			continue
		}
		if missing := without(value, have[name]); missing != "" {
			return name + "." + missing
		}
	}
	return ""
}

func withoutElements(want, got any) string {
	list, isList := want.([]any)
	have, _ := got.([]any)
	if !isList || len(list) != len(have) {
		if reflect.DeepEqual(want, got) {
			return ""
		}
		return fmt.Sprintf("%v", want)
	}
	for i := range list {
		if missing := without(list[i], have[i]); missing != "" {
			return fmt.Sprintf("%d.%s", i, missing)
		}
	}
	return ""
}

func isZero(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil || reflect.ValueOf(v).IsZero()
}

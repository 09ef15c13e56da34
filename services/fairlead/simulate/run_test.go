package simulate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
)

// started and report are a cluster that says hello and what it has, a second later.
const (
	started = `{"specversion":"1.0","id":"h","source":"/clusters/eu-1/agent","type":"dev.fairlead.agent.started.v1","time":"2026-05-01T12:00:00Z","data":{"cluster":"eu-1","instance":"a","orchestrator":"kubernetes"}}`
	cordon  = `{"specversion":"1.0","id":"c","source":"/operators/test","type":"dev.fairlead.cluster.cordoned.v1","time":"2026-05-01T12:00:05Z","data":{"cluster":"eu-1"}}`
)

func examples(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run gives the records as text, one a line: sequence, time and type.
func run(t *testing.T, c Config, in string) ([]string, Summary, error) {
	t.Helper()
	var records []string
	c.File, c.In = "test", strings.NewReader(in)
	c.Emit = func(e event.Event) error {
		row, _ := event.Lookup(e.Type())
		records = append(records, fmt.Sprintf("%d %s %s", e.At.Sequence, e.Time.Format("15:04:05"), row.Name))
		return nil
	}
	sum, err := Run(t.Context(), c)
	return records, sum, err
}

func TestDecides(t *testing.T) {
	records, sum, err := run(t, Config{}, examples(t))
	if err != nil {
		t.Fatal(err)
	}
	if sum.Events != 4 || sum.Records != len(records) || len(sum.Workloads) != 2 {
		t.Errorf("%+v", sum)
	}
	want := []string{"1 12:00:00 placement.epoch.started", "6 12:00:02 placement.decided", "7 12:00:02 command.place"}
	for _, line := range want {
		if !slices.Contains(records, line) {
			t.Errorf("no %q in:\n%s", line, strings.Join(records, "\n"))
		}
	}
}

// The same events give the same bytes.
func TestSameBytes(t *testing.T) {
	var all [2]bytes.Buffer
	for i := range all {
		_, err := Run(t.Context(), Config{File: "test", In: strings.NewReader(examples(t)), Then: time.Minute,
			Emit: func(e event.Event) error { return json.NewEncoder(&all[i]).Encode(e) }})
		if err != nil {
			t.Fatal(err)
		}
	}
	if all[0].Len() == 0 || !bytes.Equal(all[0].Bytes(), all[1].Bytes()) {
		t.Errorf("%d and %d bytes that differ", all[0].Len(), all[1].Len())
	}
}

// Time is the events' own: it passes in ticks between them and afterwards, but not
// through a silence so long that placement must have been away.
func TestTimePasses(t *testing.T) {
	for name, c := range map[string]struct {
		in   []string
		then time.Duration
		ends string
		most int
	}{
		"between events":           {in: []string{started, cordon}, ends: "12:00:05", most: 12},
		"after the last":           {in: []string{started}, then: 3 * time.Second, ends: "12:00:03", most: 10},
		"a tick is no new event":   {in: []string{started}, ends: "12:00:00", most: 3},
		"over an outage":           {in: []string{started, strings.Replace(cordon, "2026-05-01", "2026-05-02", 1)}, ends: "12:00:05", most: 8},
		"time that runs backwards": {in: []string{cordon, started}, ends: "12:00:05", most: 3},
		"events that have no time": {in: []string{started, strings.Replace(cordon, `"time":"2026-05-01T12:00:05Z",`, "", 1)}, ends: "12:00:00", most: 3},
	} {
		t.Run(name, func(t *testing.T) {
			records, sum, err := run(t, Config{Then: c.then}, strings.Join(c.in, "\n"))
			if err != nil || sum.Events != len(c.in) {
				t.Fatalf("%+v, %v", sum, err)
			}
			if last := records[len(records)-1]; !strings.Contains(last, " "+c.ends+" ") {
				t.Errorf("the last record is %q, want one at %s", last, c.ends)
			}
			if len(records) > c.most {
				t.Errorf("%d records, want at most %d:\n%s", len(records), c.most, strings.Join(records, "\n"))
			}
		})
	}
}

// What is no event is named by its line; what another run of placement decided, and the
// gaps that `fairlead tail` noted, are passed over and counted.
func TestReads(t *testing.T) {
	decided := `{"specversion":"1.0","id":"d_1","source":"/placement/x","type":"dev.fairlead.placement.epoch.started.v1","sequence":"00000000000000000001","data":{"epoch":1,"leader":"x","engine":"1","positions":{"intents":0,"status":0,"capacity":0}}}`
	numbered := func(n int) string {
		return strings.Replace(started, `"id"`, fmt.Sprintf(`"sequence":"%020d","id"`, n), 1)
	}
	for name, c := range map[string]struct {
		in   string
		want Summary
		says string
	}{
		"nothing":                      {in: ""},
		"empty lines":                  {in: "\n\n" + started + "\n\n", want: Summary{Events: 1}},
		"records of placement":         {in: decided + "\n" + started, want: Summary{Events: 1, Skipped: 1}},
		"a gap":                        {in: `{"gap":{"stream":"INTENTS","from":1,"to":2}}` + "\n" + started, want: Summary{Events: 1, Gaps: 1}},
		"numbers with holes":           {in: numbered(3) + "\n" + numbered(9), want: Summary{Events: 2}},
		"numbers that fall":            {in: numbered(3) + "\n" + numbered(3), says: "test:2: sequence \"00000000000000000003\": want a number above 3"},
		"no JSON":                      {in: started + "\nhello", says: "test:2: not a JSON object"},
		"unknown type":                 {in: `{"type":"x"}`, says: "test:1: type \"x\" is not in the catalog"},
		"data of another type":         {in: strings.Replace(started, `{"cluster"`, `{"cluster":1,"x"`, 1), says: "test:1: data of agent.started"},
		"a cluster in another's name":  {in: strings.Replace(started, "/clusters/eu-1/", "/clusters/eu-2/", 1), says: "test:1: "},
		"a line longer than any event": {in: strings.Repeat("x", maxLine+1), says: "test:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, sum, err := run(t, Config{}, c.in)
			if c.says != "" {
				if !errors.As(err, new(*LineError)) || !strings.HasPrefix(err.Error(), c.says) {
					t.Fatalf("%v, want %q", err, c.says)
				}
				return
			}
			if err != nil || sum.Events != c.want.Events || sum.Skipped != c.want.Skipped || sum.Gaps != c.want.Gaps {
				t.Errorf("%+v, %v; want %+v", sum, err, c.want)
			}
		})
	}
}

// An Emit that fails ends the run with its error.
func TestEmitFails(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := Run(t.Context(), Config{File: "test", In: strings.NewReader(examples(t)), Emit: func(event.Event) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("ended with %v", err)
	}
}

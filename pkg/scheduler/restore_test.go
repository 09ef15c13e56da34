package scheduler

import (
	"bytes"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
)

// populated is a state with a snapshot of every kind of row.
func populated(t *testing.T) *State {
	f := newFleet(t)
	f.addCluster("c1", nil, "s nodes=2 cpu=4 mem=8")
	for _, name := range []string{"t/a", "t/b"} {
		f.fact(event.Intents, spec(t, name, map[string]string{"cpu": "1"}))
	}
	f.run()
	return f.s
}

func TestSnapshotThatIsCutShort(t *testing.T) {
	s := populated(t)
	whole := s.Snapshot()
	if rows := bytes.Count(whole, []byte("\n")); rows != 6 { // the head, a wish, two workloads, a class, a cluster
		t.Fatalf("%d rows:\n%s", rows, whole)
	}
	for i, b := range whole[:len(whole)-1] {
		if b != '\n' {
			continue
		}
		if _, err := Restore(DefaultConfig(), whole[:i+1]); err == nil {
			t.Errorf("restored from\n%s", whole[:i+1])
		}
		if _, err := Restore(DefaultConfig(), whole[:i-1]); err == nil {
			t.Errorf("restored from\n%s", whole[:i-1])
		}
	}
	for what, bad := range map[string][]byte{
		"nothing":          nil,
		"no head":          whole[bytes.IndexByte(whole, '\n')+1:],
		"a missing wish":   []byte(strings.Replace(string(whole), `"wish":1`, `"wish":2`, 1)),
		"a missing class":  []byte(strings.Replace(string(whole), `"class":1`, `"class":2`, 1)),
		"another format":   []byte(strings.Replace(string(whole), `"format":2`, `"format":1`, 1)),
		"a workload twice": append(bytes.Clone(whole), whole[bytes.Index(whole, []byte(`{"workload"`)):]...),
	} {
		if _, err := Restore(DefaultConfig(), bad); err == nil {
			t.Errorf("restored from a snapshot with %s", what)
		}
	}
}

func TestSnapshotRowsUpToAnyOfThem(t *testing.T) {
	s := populated(t)
	for want := range bytes.Count(s.Snapshot(), []byte("\n")) {
		var got []byte
		for text := range s.SnapshotRows() {
			if got = append(got, text...); bytes.Count(got, []byte("\n")) > want {
				break
			}
		}
		if !bytes.HasPrefix(s.Snapshot(), got) || bytes.Count(got, []byte("\n")) != want+1 {
			t.Errorf("up to row %d:\n%s", want, got)
		}
	}
}

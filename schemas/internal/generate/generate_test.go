package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

const (
	schemasFolder = "../.."
	eventFolder   = "../../../pkg/event"
)

// What is committed is what the schemas give.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	if err := run(schemasFolder, eventFolder, compare); err != nil {
		t.Fatal(err)
	}
}

// Two runs give the same bytes, so a difference always means a changed schema.
func TestGenerationIsStable(t *testing.T) {
	first := render(t)
	for path, content := range render(t) {
		if !bytes.Equal(content, first[path]) {
			t.Errorf("%s differs between two runs", path)
		}
	}
}

func render(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	keep := func(path string, content []byte) error { files[path] = content; return nil }
	if err := run(schemasFolder, eventFolder, keep); err != nil {
		t.Fatal(err)
	}
	if len(files) != 4 {
		t.Fatalf("%d files, want 4", len(files))
	}
	return files
}

func TestCompareTellsADifference(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gen.go")
	if err := write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	err := compare(path, []byte("new"))
	if err == nil || !strings.Contains(err.Error(), "make schemas") {
		t.Fatalf("compare said %v, want the way out", err)
	}
}

func TestCatalogRefusesUnknownWords(t *testing.T) {
	e := entry{Name: "workload.submitted", Version: 1, Stream: "intents", Scope: "galaxy", Mode: "binary", By: "agent"}
	if err := e.complete(schemasFolder); err == nil || !strings.Contains(err.Error(), "galaxy") {
		t.Fatalf("complete said %v, want a refusal of the scope", err)
	}
}

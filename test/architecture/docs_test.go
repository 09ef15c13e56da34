package architecture_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every decision on the design has a number of its own, with none left out, and says it
// in its title.
func TestDesignDecisionsAreNumbered(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/adr/*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files in docs/adr: %v", len(files), err)
	}
	var wrong []string
	for i, file := range files {
		number := fmt.Sprintf("%04d", i+1)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(filepath.Base(file), number+"-") || !strings.HasPrefix(string(text), "# "+number+" ") {
			wrong = append(wrong, fmt.Sprintf("%s is not number %s, or its title is another", file, number))
		}
	}
	report(t, "decisions in docs/adr have numbers in order, each once", wrong)
}

// link finds the targets of Markdown links.
var link = regexp.MustCompile(`\]\(([^)\s#]+)[^)]*\)`)

// What the documents point to is there.
func TestLinksOfDocuments(t *testing.T) {
	var files, wrong []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				wrong = append(wrong, fmt.Sprintf("%s points to %s, which is not there", file, m[1]))
			}
		}
	}
	report(t, "links lead somewhere", wrong)
}

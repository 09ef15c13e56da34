package condition_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fairlead.dev/pkg/condition"
)

// TestDocument compiles every expression that docs/conditions.md shows, and holds its
// limits against ours.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "conditions.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```cel\n")
	block, after, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("no expressions in docs/conditions.md")
	}
	for line := range strings.Lines(block) {
		program, err := condition.Compile(strings.TrimSpace(line))
		if err != nil {
			t.Errorf("%s%v", line, err)
			continue
		}
		if _, err := program.Met(facts()); err != nil {
			t.Errorf("%s%v", line, err)
		}
	}
	if condition.MaxLength != 2048 || condition.CostLimit != 1000 ||
		!strings.Contains(after, "2,048 bytes") || !strings.Contains(after, "1,000 steps") {
		t.Error("docs/conditions.md tells other limits")
	}
}

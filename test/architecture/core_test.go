package architecture_test

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"fairlead.dev/test/architecture/purity"
)

// core are the packages that law 3 is about, with what they share with others.
var core = []string{expressions, "fairlead.dev/pkg/pack", "fairlead.dev/pkg/room", "fairlead.dev/pkg/scheduler", "fairlead.dev/pkg/steering"}

// expressions is where the core's only foreign engine is, CEL. What it imports is not on
// the core's list; its own code is as pure as the rest, and its tests show that equal
// facts give equal answers.
const expressions = "fairlead.dev/pkg/condition"

// TestTheCoreIsPure runs the purity analyzer over the core.
func TestTheCoreIsPure(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: root, Context: t.Context()}, core...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 || len(loaded) != len(core) {
		t.Fatalf("loaded %d of %d packages", len(loaded), len(core))
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{purity.Analyzer}, loaded, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range graph.Roots {
		if action.Err != nil {
			t.Fatal(action.Err)
		}
		for _, d := range action.Diagnostics {
			if action.Package.PkgPath == expressions && strings.HasPrefix(d.Message, "import of ") {
				continue
			}
			t.Errorf("%s: %s", action.Package.Fset.Position(d.Pos), d.Message)
		}
	}
}

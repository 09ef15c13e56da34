package purity_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"fairlead.dev/test/architecture/purity"
)

func TestAnalyzer(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), purity.Analyzer, "impure", "pure")
}

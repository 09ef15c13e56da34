package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"fairlead.dev/test/quality/chart"
)

// TestWriteIsWellFormed: whatever names hold, the file is XML with a line per series.
func TestWriteIsWellFormed(t *testing.T) {
	c := chart.Chart{
		Title: "a < b & c", X: "x", Y: "y", MaxX: 10, MaxY: 10, StepX: 5, StepY: 5,
		Lines: []chart.Line{{Name: "<one>", Points: [][2]float64{{1, 1}, {9, 9}, {99, 99}}}, {Name: "two"}},
	}
	var b strings.Builder
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("%d lines, want 2", lines)
	}
	if strings.Contains(b.String(), "99.0,") || !strings.Contains(b.String(), "&lt;one&gt;") {
		t.Error("a point outside is drawn, or a name is lost")
	}
}

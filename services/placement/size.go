package placement

import "fairlead.dev/pkg/event"

// The most that a record takes on the wire is told without encoding it, so that the
// loop need not encode: what escaping may do to each byte of free text, and for each
// member its name and the longest number.
const (
	escaped       = 6       // bytes that one byte of text may take
	envelopeBound = 2 << 10 // attributes, headers and members without what is counted below
	shapeBound    = 160     // one node shape of an assignment
	partBound     = 512     // one assignment or refusal without its texts
)

// bound is the most that the message of e can weigh, headers and data together. o is
// where the workload that e is about comes from, if it is about one.
func bound(e event.Event, o *origin) int {
	text := len(e.Trace.Parent) + len(e.Trace.State) + len(e.Causation) + len(e.Correlation)
	n := envelopeBound + escaped*text
	switch d := e.Data.(type) {
	case *event.PlacementDecided:
		n += decisionBound(d)
	case *event.CommandPlace:
		n += commandBound(d, o)
	}
	return n
}

func decisionBound(d *event.PlacementDecided) int {
	n := escaped * (len(d.Reason) + len(d.Engine))
	for _, a := range d.Assignments {
		n += partBound + shapesBound(a.Shapes)
	}
	for _, r := range d.Refusals {
		n += partBound + escaped*(len(r.Check)+len(r.Message))
	}
	return n
}

// commandBound goes by the submission, which says all that its commands repeat.
func commandBound(d *event.CommandPlace, o *origin) int {
	n := commandMargin + shapesBound(d.Shapes)
	if o != nil {
		n += o.Size
	}
	return n
}

func shapesBound(uses []event.ShapeUse) int {
	n := 0
	for _, u := range uses {
		n += shapeBound + escaped*len(u.Shape)
	}
	return n
}

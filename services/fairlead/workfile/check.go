package workfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/event/schema"
	"fairlead.dev/pkg/scheduler"
	"github.com/goccy/go-yaml/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// document reads and checks one document.
func document(file string, body ast.Node, tenant string) (Document, Faults) {
	t := newTree(file, ofWorkload)
	value := t.value("", body)
	if value == nil && len(t.faults) == 0 {
		return Document{}, nil // a document of comments
	}
	doc, ok := value.(map[string]any)
	if !ok {
		return Document{}, append(t.faults, Fault{file, line(body), "", "a workload is a mapping of fields"})
	}
	if _, foreign := doc["apiVersion"]; foreign {
		return Document{}, Faults{{file, t.marks["apiVersion"].line, "apiVersion",
			"this is a Kubernetes manifest; a workload may carry one under native.kubernetes"}}
	}
	if _, given := doc["tenant"]; !given && tenant != "" {
		doc["tenant"] = tenant
	}
	of := form(doc)
	if of == carried {
		t.amounts = nil // integers already
	}
	t.check(of, doc)
	if len(t.faults) == 0 {
		t.complete(doc)
	}
	if len(t.faults) > 0 {
		return Document{}, t.sorted()
	}
	w, err := decode(doc)
	if err != nil {
		return Document{}, Faults{{file, t.marks[""].line, "", err.Error()}}
	}
	if err := scheduler.Contradiction(w); err != nil {
		field, text, _ := strings.Cut(err.Error(), ": ")
		t.fault(field, field, text)
		return Document{}, t.faults
	}
	return Document{Workload: w, File: file, Line: t.marks[""].line}, nil
}

// decode makes the event of a checked document. A plan is for a command to add, never
// for a file: one that was printed with a workload is of the past.
func decode(doc map[string]any) (*event.WorkloadSubmitted, error) {
	delete(doc, "plan")
	w := new(event.WorkloadSubmitted)
	return w, into(doc, w)
}

// sorted gives the faults by line.
func (t *tree) sorted() Faults {
	slices.SortStableFunc(t.faults, func(a, b Fault) int { return a.Line - b.Line })
	return t.faults
}

// complete turns the written form into the carried one: amounts become integers
// and what may be left out gets the schema's default.
func (t *tree) complete(doc map[string]any) {
	t.convert(doc)
	for field, value := range map[string]any{"kind": event.KindService, "replicas": 1} {
		if _, given := doc[field]; !given {
			doc[field] = value
		}
	}
}

// check adds a fault for everything the schema at a path finds.
func (t *tree) check(path string, doc map[string]any) {
	err := schema.CheckValue(path, doc)
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		t.leaves(invalid)
	} else if err != nil {
		t.faults = append(t.faults, Fault{t.file, 0, "", err.Error()})
	}
}

// leaves walks to the errors that have no cause of their own.
func (t *tree) leaves(e *jsonschema.ValidationError) {
	path := t.path(e.InstanceLocation)
	if _, choice := e.ErrorKind.(*kind.AnyOf); choice {
		t.fault(path, path, t.unreadable(path))
		return
	}
	for _, cause := range e.Causes {
		t.leaves(cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			t.fault(path, join(path, name), missing(path, name))
		}
	case *kind.AdditionalProperties:
		slices.Sort(k.Properties)
		for _, name := range k.Properties {
			t.fault(join(path, name), join(path, name), "no such field")
		}
	case *kind.Type:
		t.fault(path, path, t.mistyped(path, k))
	case *kind.Pattern:
		t.fault(path, path, fmt.Sprintf("%q is not a name (lower-case letters, digits and inner hyphens, at most 63)", k.Got))
	case *kind.Enum:
		t.fault(path, path, fmt.Sprintf("%q: want one of %s", t.marks[path].text, words(k.Want)))
	case *kind.Maximum:
		t.fault(path, path, fmt.Sprintf("%s: want at most %s", k.Got.RatString(), k.Want.RatString()))
	case *kind.Minimum:
		t.fault(path, path, fmt.Sprintf("%s: want at least %s", k.Got.RatString(), k.Want.RatString()))
	default:
		t.fault(path, path, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
}

func words(values []any) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = fmt.Sprint(v)
	}
	return strings.Join(all, ", ")
}

func missing(path, name string) string {
	if path == "" && name == "tenant" {
		return "is missing (write it, or give --tenant or FAIRLEAD_TENANT)"
	}
	return "is missing"
}

// mistyped explains the commonest slip of YAML: a value that needs quotes.
func (t *tree) mistyped(path string, k *kind.Type) string {
	want := strings.Join(k.Want, " or ")
	if want == "string" && t.marks[path].text != "" {
		return fmt.Sprintf("wants a string; quote it: %q", t.marks[path].text)
	}
	return fmt.Sprintf("wants %s, has %s", want, k.Got)
}

// fault records a message for a field at the line of the nearest value written.
func (t *tree) fault(at, field, text string) {
	m, ok := t.marks[at]
	for !ok && at != "" {
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
		m, ok = t.marks[at]
	}
	t.faults = append(t.faults, Fault{t.file, m.line, field, text})
}

// path writes a JSON location as tree does: array positions in brackets.
func (t *tree) path(location []string) string {
	path := ""
	for _, step := range location {
		indexed := path + "[" + step + "]"
		if _, err := strconv.Atoi(step); err == nil {
			if _, ok := t.marks[indexed]; ok {
				path = indexed
				continue
			}
		}
		path = join(path, step)
	}
	return path
}

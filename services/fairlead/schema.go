package fairlead

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/schemas"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
)

// fileSchemas are the names under which the schemas of the files that people write are
// shown: they are no event types.
var fileSchemas = map[string]string{"workload": schemas.WorkloadFile, "policy": schemas.PolicyFile}

type schemaOptions struct {
	*Session
	name string
	out  output.Printer
}

func newSchema(s *Session) *cobra.Command {
	o := &schemaOptions{Session: s}
	return command(spec{
		use:    "schema [TYPE]",
		about:  "List the event types, or print the JSON Schema of one.",
		detail: "The names workload and policy stand for the files that `submit` and `policy set` read.",
		examples: [3]string{
			"fairlead schema",
			"fairlead schema workload > workload.schema.json",
			"fairlead schema placement.decided",
		},
		exits: []exit.Code{exit.NotFound},
		see:   []string{"fairlead submit --dry-run", "fairlead tail --type"},
		args:  cobra.MaximumNArgs(1),
	}, o)
}

// Complete takes the type.
func (o *schemaOptions) Complete(args []string) (err error) {
	if len(args) > 0 {
		o.name = args[0]
	}
	o.out, err = o.printer()
	return err
}

// Validate has nothing to refuse.
func (o *schemaOptions) Validate() error { return nil }

// Run prints from what is embedded in the binary.
func (o *schemaOptions) Run(context.Context) error {
	if o.name == "" {
		return o.list()
	}
	file, ok := schemaPath(o.name)
	if !ok {
		return exit.Errorf(exit.NotFound, "no event type %q (see `fairlead schema`)", o.name)
	}
	whole, err := bundle(file)
	if err != nil {
		return err
	}
	return o.out.Value(whole)
}

func schemaPath(name string) (string, bool) {
	if file, ok := fileSchemas[name]; ok {
		return file, true
	}
	for _, row := range event.Catalog() {
		if name == row.Name || name == string(row.Type) {
			return row.Schema, true
		}
	}
	return "", false
}

// catalogRow is one type as -o json lists it.
type catalogRow struct {
	Type    event.Type   `json:"type"`
	Name    string       `json:"name"`
	Stream  event.Stream `json:"stream"`
	Scope   event.Scope  `json:"scope"`
	Mode    event.Mode   `json:"mode"`
	By      string       `json:"by"`
	Subject string       `json:"subject"`
}

func (o *schemaOptions) list() error {
	var all []catalogRow
	rows := output.Rows{Columns: []output.Column{
		{Name: "type"}, {Name: "stream"}, {Name: "by"}, {Name: "mode", Wide: true}, {Name: "subject"},
	}}
	for _, r := range event.Catalog() {
		subject := event.FilterType(r.Type)
		all = append(all, catalogRow{r.Type, r.Name, r.Stream, r.Scope, r.Mode, r.By, subject})
		rows.Add(r.Name, string(r.Stream), r.By, string(r.Mode), subject)
	}
	if o.out.Structured() {
		return o.out.Value(all)
	}
	return o.out.Table(rows)
}

// bundle gives a schema with everything it refers to inside it, so that it can be
// handed to any validator as one file.
func bundle(file string) (map[string]any, error) {
	b := bundler{definitions: map[string]any{}}
	whole, err := b.load(file)
	if err != nil {
		return nil, err
	}
	if own, ok := whole["definitions"].(map[string]any); ok {
		for name, d := range own {
			b.definitions[name] = d
		}
	}
	if len(b.definitions) > 0 {
		whole["definitions"] = b.definitions
	}
	return whole, nil
}

type bundler struct{ definitions map[string]any }

func (b *bundler) load(file string) (map[string]any, error) {
	text, err := schemas.Read(file)
	if err != nil {
		return nil, err
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("schema %s: %w", file, err)
	}
	return schema, b.resolve(file, schema)
}

// resolve points every reference to another file into the definitions and drops
// what only our generator reads.
func (b *bundler) resolve(file string, node any) error {
	switch n := node.(type) {
	case map[string]any:
		delete(n, "goJSONSchema")
		if ref, ok := n["$ref"].(string); ok && !strings.HasPrefix(ref, "#") {
			ref, within, _ := strings.Cut(ref, "#")
			target := path.Join(path.Dir(file), ref)
			name := strings.TrimSuffix(path.Base(target), ".json")
			n["$ref"] = "#/definitions/" + name + within
			if err := b.define(name, target); err != nil {
				return err
			}
		}
		for _, child := range n {
			if err := b.resolve(file, child); err != nil {
				return err
			}
		}
	case []any:
		for _, child := range n {
			if err := b.resolve(file, child); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bundler) define(name, file string) error {
	if _, done := b.definitions[name]; done {
		return nil
	}
	b.definitions[name] = nil // taken, should it refer to itself
	schema, err := b.load(file)
	if err != nil {
		return err
	}
	delete(schema, "$id")
	delete(schema, "$schema")
	b.definitions[name] = schema
	return nil
}

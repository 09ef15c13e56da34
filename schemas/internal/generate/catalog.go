package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// entry is one row of catalog.yaml with what its schema adds.
type entry struct {
	Name    string `yaml:"type"`
	Version int    `yaml:"version"`
	Stream  string `yaml:"stream"`
	Scope   string `yaml:"scope"`
	Mode    string `yaml:"mode"`
	By      string `yaml:"by"`

	Title       string `yaml:"-"` // the Go type
	Description string `yaml:"-"`
}

// Type is the CloudEvents type.
func (e entry) Type() string { return fmt.Sprintf("dev.fairlead.%s.v%d", e.Name, e.Version) }

// Schema is the schema's path below the schemas folder.
func (e entry) Schema() string {
	domain, fact, _ := strings.Cut(e.Name, ".")
	return fmt.Sprintf("%s/%s/v%d.json", domain, fact, e.Version)
}

// StreamConst and its siblings are identifiers of package event.
func (e entry) StreamConst() string { return upperFirst(e.Stream) }
func (e entry) ScopeConst() string  { return "Scope" + upperFirst(e.Scope) }
func (e entry) ModeConst() string   { return upperFirst(e.Mode) }

// ScopeField is the Go expression for the name that the scope carries.
func (e entry) ScopeField() string {
	return map[string]string{"cluster": "string(p.Cluster)", "tenant": "string(p.Tenant)", "fleet": `""`}[e.Scope]
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// known lists the words each column of the catalog allows.
var known = map[string][]string{
	"stream": {"intents", "status", "capacity", "placements"},
	"scope":  {"cluster", "tenant", "fleet"},
	"mode":   {"structured", "binary"},
	"by":     {"service", "operator", "agent", "agent or operator", "placement"},
}

func readCatalog(dir string) ([]entry, error) {
	text, err := os.ReadFile(filepath.Join(dir, "catalog.yaml"))
	if err != nil {
		return nil, err
	}
	var table struct {
		Events []entry `yaml:"events"`
	}
	if err := yaml.UnmarshalWithOptions(text, &table, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read catalog.yaml: %w", err)
	}
	for i := range table.Events {
		if err := table.Events[i].complete(dir); err != nil {
			return nil, fmt.Errorf("catalog.yaml: %s: %w", table.Events[i].Name, err)
		}
	}
	return table.Events, nil
}

// complete checks the row and adds the schema's title and description.
func (e *entry) complete(dir string) error {
	columns := map[string]string{"stream": e.Stream, "scope": e.Scope, "mode": e.Mode, "by": e.By}
	for column, word := range columns {
		if !slices.Contains(known[column], word) {
			return fmt.Errorf("%s is %q, want one of %q", column, word, known[column])
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, e.Schema()))
	if err != nil {
		return err
	}
	var head struct{ Title, Description string }
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("read %s: %w", e.Schema(), err)
	}
	e.Title, e.Description = head.Title, head.Description
	return nil
}

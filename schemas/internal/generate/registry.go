package main

import (
	"bytes"
	"fmt"
	"go/format"
	"text/template"
)

// renderRegistry gives catalog.gen.go of package event.
func renderRegistry(catalog []entry) ([]byte, error) {
	var b bytes.Buffer
	if err := registry.Execute(&b, catalog); err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return format.Source(b.Bytes())
}

var registry = template.Must(template.New("registry").Parse(
	`// Code generated from schemas/catalog.yaml, DO NOT EDIT.

package event

// The types of the catalog.
const (
{{- range .}}
	Type{{.Title}} Type = "{{.Type}}"
{{- end}}
)

// catalog lists every event type, in the order of schemas/catalog.yaml.
var catalog = []Entry{
{{- range .}}
	{
		Type: Type{{.Title}}, Name: "{{.Name}}", Version: {{.Version}},
		Stream: {{.StreamConst}}, Scope: {{.ScopeConst}}, Mode: {{.ModeConst}}, By: "{{.By}}",
		Schema: "{{.Schema}}",
		New:    func() Payload { return new({{.Title}}) },
	},
{{- end}}
}
{{range .}}
// EventType is Type{{.Title}}.
func (*{{.Title}}) EventType() Type { return Type{{.Title}} }

// ScopeName is the {{.Scope}} that the subject names{{if eq .Scope "fleet"}}: none{{end}}.
func ({{if ne .Scope "fleet"}}p {{end}}*{{.Title}}) ScopeName() string { return {{.ScopeField}} }
{{end}}`))

package main

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"
)

// Channel is the name of the event's channel and operation.
func (e entry) Channel() string { return strings.ToLower(e.Title[:1]) + e.Title[1:] }

// Address is the subject with its parameter.
func (e entry) Address() string {
	if e.Scope == "fleet" {
		return fmt.Sprintf("fairlead.%s.fleet.%s", e.Stream, e.Name)
	}
	return fmt.Sprintf("fairlead.%s.%s.{%s}.%s", e.Stream, e.Scope, e.Scope, e.Name)
}

// Action is what Fairlead's placement does with the event.
func (e entry) Action() string {
	if e.By == "placement" {
		return "send"
	}
	return "receive"
}

// Summary is the schema's description as one quoted line.
func (e entry) Summary() string { return fmt.Sprintf("%q", e.Description) }

// renderAsyncAPI gives asyncapi.yaml: every subject, with the messages as they are
// on the wire in the catalog's content mode.
func renderAsyncAPI(catalog []entry) ([]byte, error) {
	var b bytes.Buffer
	if err := asyncAPI.Execute(&b, catalog); err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	var parsed any
	if err := yaml.Unmarshal(b.Bytes(), &parsed); err != nil {
		return nil, fmt.Errorf("asyncapi: %w", err)
	}
	return b.Bytes(), nil
}

var asyncAPI = template.Must(template.New("asyncapi").Parse(`# Code generated from catalog.yaml, DO NOT EDIT.
asyncapi: 3.0.0
info:
  title: Fairlead
  version: 1.0.0
  description: |
    The events of a federation, CloudEvents 1.0 on NATS JetStream.

    Readers take both content modes whatever the catalog says. An event's id is the
    same on every retry. Every subject begins with fairlead.<stream>; the stream of
    that name (INTENTS, STATUS, CAPACITY, PLACEMENTS) keeps it.
defaultContentType: application/json
servers:
  local:
    host: localhost:4222
    protocol: nats
    description: A federation on this machine, as started by fairlead dev.
channels:
{{- range .}}
  {{.Channel}}:
    address: {{.Address}}
    title: {{.Name}}
    summary: {{.Summary}}
{{- if ne .Scope "fleet"}}
    parameters:
      {{.Scope}}:
        description: Name of the {{.Scope}}, a DNS label.
{{- end}}
    messages:
      {{.Channel}}:
        $ref: '#/components/messages/{{.Channel}}'
{{- end}}
operations:
{{- range .}}
  {{.Channel}}:
    action: {{.Action}}
    channel:
      $ref: '#/channels/{{.Channel}}'
    summary: Published by {{.By}}.
    bindings:
      nats:
        bindingVersion: 0.1.0
{{- end}}
components:
  messages:
{{- range .}}
    {{.Channel}}:
      name: {{.Type}}
      title: {{.Title}}
      summary: {{.Summary}}
{{- if eq .Mode "structured"}}
      contentType: application/cloudevents+json
      payload:
        schemaFormat: application/schema+json;version=draft-07
        schema:
          type: object
          required: [specversion, id, source, type, data]
          properties:
            specversion: {const: '1.0'}
            id: {type: string, minLength: 1}
            source: {type: string, minLength: 1, format: uri-reference}
            type: {const: {{.Type}}}
            subject: {type: string}
            time: {type: string, format: date-time}
            datacontenttype: {const: application/json}
            partitionkey: {type: string}
            sequence: {type: string, pattern: '^[0-9]{20}$'}
            traceparent: {type: string}
            tracestate: {type: string}
            correlationid: {type: string}
            causationid: {type: string}
            data:
              $ref: './{{.Schema}}'
{{- else}}
      contentType: application/json
      headers:
        type: object
        required: [ce-specversion, ce-id, ce-source, ce-type]
        properties:
          ce-specversion: {const: '1.0'}
          ce-id: {type: string, minLength: 1}
          ce-source: {type: string, minLength: 1}
          ce-type: {const: {{.Type}}}
          ce-subject: {type: string}
          ce-time: {type: string, format: date-time}
          ce-partitionkey: {type: string}
          ce-sequence: {type: string, pattern: '^[0-9]{20}$'}
          ce-traceparent: {type: string}
          ce-tracestate: {type: string}
          ce-correlationid: {type: string}
          ce-causationid: {type: string}
      payload:
        schemaFormat: application/schema+json;version=draft-07
        schema:
          $ref: './{{.Schema}}'
{{- end}}
{{- end}}
`))

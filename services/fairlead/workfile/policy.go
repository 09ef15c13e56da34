package workfile

import (
	"encoding/json"
	"fmt"
	"io"

	"fairlead.dev/pkg/event"
	"fairlead.dev/schemas"
	"github.com/goccy/go-yaml/parser"
)

// ReadPolicy reads the file with the fleet's policy; "-" is stdin. The error is Faults
// when the content is at fault.
func ReadPolicy(name string, stdin io.Reader) (*event.PolicySet, error) {
	data, err := slurp(name, stdin)
	if err != nil {
		return nil, err
	}
	if name == "-" {
		name = "stdin"
	}
	p, faults := ParsePolicy(name, data)
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// ParsePolicy reads a file's content: one document.
func ParsePolicy(file string, data []byte) (*event.PolicySet, Faults) {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, Faults{syntax(file, err)}
	}
	if len(parsed.Docs) > 1 {
		return nil, Faults{{file, line(parsed.Docs[1].Body), "", "a second document: a fleet has one policy"}}
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, Faults{{file, 1, "", "no policy in it; write {} for the defaults"}}
	}
	t := newTree(file, ofPolicy)
	doc, ok := t.value("", parsed.Docs[0].Body).(map[string]any)
	if !ok {
		return nil, append(t.faults, Fault{file, line(parsed.Docs[0].Body), "", "a policy is a mapping of fields"})
	}
	t.check(schemas.PolicyFile, doc)
	if len(t.faults) == 0 {
		t.convert(doc)
	}
	if len(t.faults) > 0 {
		return nil, t.sorted()
	}
	p := new(event.PolicySet)
	if err := into(doc, p); err != nil {
		return nil, Faults{{file, t.marks[""].line, "", err.Error()}}
	}
	return p, nil
}

// into decodes a checked document into a payload and validates it.
func into(doc map[string]any, p event.Payload) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("not expressible in JSON: %w", err)
	}
	if err := json.Unmarshal(raw, p); err != nil {
		return fmt.Errorf("read as %s: %w", p.EventType(), err)
	}
	return p.Validate()
}

// WritePolicy is the inverse of ParsePolicy: the policy as people write it, as plain
// values. What it gives can be set again.
func WritePolicy(p *event.PolicySet) (map[string]any, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write the policy: %w", err)
	}
	doc := map[string]any{}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("write the policy: %w", err)
	}
	for _, a := range ofPolicy {
		each(doc, "", a.at, func(holder map[string]any, _ string) {
			if n, ok := holder[a.field].(float64); ok { // integers up to 2^53-1 are exact
				delete(holder, a.field)
				holder[a.written] = a.format(int64(n))
			}
		})
	}
	return doc, nil
}

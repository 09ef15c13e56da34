package workfile

import (
	"fmt"

	"fairlead.dev/pkg/quantity"
)

// amounts maps what people write under template.resources to the integer field
// of the contract.
var amounts = []struct {
	written, field string
	parse          func(string) (int64, error)
	want           string
}{
	{"cpu", "cpuMilli", quantity.Milli, "cores, such as 2, 0.5 or 500m"},
	{"memory", "memoryBytes", quantity.Bytes, "bytes, such as 512MiB, 4GiB or 2G"},
	{"gpu", "gpuMilli", quantity.Milli, "whole devices, or a share of one, such as 2 or 0.5"},
}

// form says in which of its two forms a document is, by the resources it names.
func form(doc map[string]any) string {
	template, _ := doc["template"].(map[string]any)
	resources, _ := template["resources"].(map[string]any)
	for _, a := range amounts {
		if _, ok := resources[a.field]; ok {
			return carried
		}
	}
	return written
}

// unreadable says what an amount should have looked like.
func (t *tree) unreadable(path string) string {
	for _, a := range amounts {
		if path == "template.resources."+a.written {
			return fmt.Sprintf("%q is not an amount: want %s", t.marks[path].text, a.want)
		}
	}
	return "is of no kind that is allowed here"
}

// convert replaces cpu, memory and gpu by their integers. The text as written is
// converted, never a float.
func (t *tree) convert(doc map[string]any) {
	template, _ := doc["template"].(map[string]any)
	resources, _ := template["resources"].(map[string]any)
	for _, a := range amounts {
		if _, ok := resources[a.written]; ok {
			t.amount(resources, a.written, a.field, a.parse)
		}
	}
}

func (t *tree) amount(resources map[string]any, written, field string, parse func(string) (int64, error)) {
	const base = "template.resources."
	at := t.marks[base+written]
	delete(resources, written)
	n, err := parse(at.text)
	if err != nil {
		t.faults = append(t.faults, Fault{t.file, at.line, base + written, err.Error()})
		return
	}
	resources[field], t.marks[base+field] = n, at
}

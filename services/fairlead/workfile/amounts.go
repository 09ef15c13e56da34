package workfile

import (
	"fmt"
	"strings"
	"time"

	"fairlead.dev/pkg/quantity"
)

// amount maps what people write to the integer field of the contract. At names the
// mapping that holds it: members joined by dots, [] for every item of a list.
type amount struct {
	at, written, field string
	parse              func(string) (int64, error)
	format             func(int64) string
	want               string
}

const (
	wantMoney = "money, such as 1.25 or 0.000004"
	wantDate  = "a date with its time zone, such as 2026-05-01T22:00:00Z"
	wantTime  = "a time, such as 12ms or 250us"
)

// ofWorkload are the amounts of a workload file.
var ofWorkload = []amount{
	{"template.resources", "cpu", "cpuMilli", quantity.Milli, quantity.Cores, "cores, such as 2, 0.5 or 500m"},
	{"template.resources", "memory", "memoryBytes", quantity.Bytes, quantity.Memory, "bytes, such as 512MiB, 4GiB or 2G"},
	{"template.resources", "gpu", "gpuMilli", quantity.Milli, quantity.Cores, "whole devices, or a share of one, such as 2 or 0.5"},
	{"policy", "maxPrice", "maxPrice", quantity.Micro, quantity.Money, wantMoney},
}

// ofPolicy are the amounts of a file with the fleet's policy.
var ofPolicy = []amount{
	{"links[]", "price", "price", quantity.Micro, quantity.Money, wantMoney},
	{"links[]", "latency", "latencyMicros", micros, writeMicros, wantTime},
	{"maintenance[]", "start", "start", date, writeDate, wantDate},
}

// form says in which of its two forms a workload is, by the resources it names.
func form(doc map[string]any) string {
	template, _ := doc["template"].(map[string]any)
	resources, _ := template["resources"].(map[string]any)
	for _, a := range ofWorkload {
		if _, ok := resources[a.field]; ok {
			return carried
		}
	}
	return written
}

// unreadable says what an amount should have looked like.
func (t *tree) unreadable(path string) string {
	for _, a := range t.amounts {
		if unindexed(path) == strings.ReplaceAll(a.at, "[]", "")+"."+a.written {
			return fmt.Sprintf("%q is not an amount: want %s", t.marks[path].text, a.want)
		}
	}
	return "is of no kind that is allowed here"
}

// unindexed drops the places of list items from a path.
func unindexed(path string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(path, "[") {
		if _, rest, ok := strings.Cut(part, "]"); ok {
			part = rest
		}
		b.WriteString(part)
	}
	return b.String()
}

// convert replaces amounts by their integers. The text as written is converted,
// never a float.
func (t *tree) convert(doc map[string]any) {
	for _, a := range t.amounts {
		each(doc, "", a.at, func(holder map[string]any, path string) {
			if _, ok := holder[a.written]; ok {
				t.amount(holder, path, a)
			}
		})
	}
}

// each visits the mappings at a place of a document with their paths.
func each(value any, path, at string, visit func(map[string]any, string)) {
	holder, ok := value.(map[string]any)
	if !ok {
		return
	}
	if at == "" {
		visit(holder, path)
		return
	}
	step, rest, _ := strings.Cut(at, ".")
	name, list := strings.CutSuffix(step, "[]")
	child := join(path, name)
	if !list {
		each(holder[name], child, rest, visit)
		return
	}
	items, _ := holder[name].([]any)
	for i, item := range items {
		each(item, fmt.Sprintf("%s[%d]", child, i), rest, visit)
	}
}

func (t *tree) amount(holder map[string]any, path string, a amount) {
	at := t.marks[join(path, a.written)]
	delete(holder, a.written)
	n, err := a.parse(at.text)
	if err != nil {
		t.faults = append(t.faults, Fault{t.file, at.line, join(path, a.written), err.Error()})
		return
	}
	holder[a.field], t.marks[join(path, a.field)] = n, at
}

// date reads a date into ms since 1970.
func date(s string) (int64, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil && at.UnixMilli() >= 0 {
			return at.UnixMilli(), nil
		}
	}
	return 0, fmt.Errorf("%q is not %s", s, wantDate)
}

func writeDate(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// micros reads a time into microseconds.
func micros(s string) (int64, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d%time.Microsecond != 0 {
		return 0, fmt.Errorf("%q is not %s", s, wantTime)
	}
	return d.Microseconds(), nil
}

func writeMicros(n int64) string { return (time.Duration(n) * time.Microsecond).String() }

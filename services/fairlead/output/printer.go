package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
)

// Format is a value of the flag -o.
type Format string

// The formats. Table is the default.
const (
	Table Format = "table"
	Wide  Format = "wide"
	JSON  Format = "json"
	YAML  Format = "yaml"
)

// ParseFormat reads the value of -o.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Table, Wide, JSON, YAML:
		return f, nil
	case "":
		return Table, nil
	}
	return "", fmt.Errorf("output %q: want table, wide, json or yaml", s)
}

// Printer writes results to Out in one format.
type Printer struct {
	Out    io.Writer
	Format Format
	Colour bool // Out is a terminal whose owner wants colour
}

// Structured says whether the output is for programs.
func (p Printer) Structured() bool { return p.Format == JSON || p.Format == YAML }

// Value prints one whole value as JSON or YAML.
func (p Printer) Value(v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write as JSON: %w", err)
	}
	if p.Format == YAML {
		if raw, err = yaml.JSONToYAML(raw); err != nil {
			return fmt.Errorf("write as YAML: %w", err)
		}
		_, err = p.Out.Write(raw)
		return err
	}
	_, err = p.Out.Write(append(raw, '\n'))
	return err
}

// Item prints one value of a stream: a line of JSON, or a YAML document.
func (p Printer) Item(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write as JSON: %w", err)
	}
	if p.Format == YAML {
		if raw, err = yaml.JSONToYAML(raw); err != nil {
			return fmt.Errorf("write as YAML: %w", err)
		}
		raw = append([]byte("---\n"), raw...)
		_, err = p.Out.Write(raw)
		return err
	}
	_, err = p.Out.Write(append(raw, '\n'))
	return err
}

// Linef prints one line of text.
func (p Printer) Linef(format string, args ...any) error {
	_, err := fmt.Fprintf(p.Out, format+"\n", args...)
	return err
}

// Clean makes foreign text safe for a terminal and for one line.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return '·'
		}
		return r
	}, s)
}

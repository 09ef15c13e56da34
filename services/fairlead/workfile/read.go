package workfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"fairlead.dev/pkg/event"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// maxBytes bounds one file: an event may not be larger than a message of the
// broker, so what is longer is not a file of workloads.
const maxBytes = 16 << 20

// Document is one workload with the place it was written at.
type Document struct {
	Workload *event.WorkloadSubmitted
	File     string
	Line     int
}

// Read reads all documents of the named files in order; "-" is stdin, a folder
// stands for its *.yaml, *.yml and *.json. Workloads without a tenant get the
// given one. The error is Faults when the content is at fault; all faults of all
// files are collected.
func Read(names []string, stdin io.Reader, tenant string) ([]Document, error) {
	var all []Document
	var faults Faults
	for _, name := range names {
		files, err := expand(name)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			data, err := slurp(file, stdin)
			if err != nil {
				return nil, err
			}
			docs, found := Parse(file, data, tenant)
			all, faults = append(all, docs...), append(faults, found...)
		}
	}
	faults = append(faults, twice(all)...)
	if len(faults) > 0 {
		return nil, faults
	}
	return all, nil
}

// Parse reads the documents of one file's content.
func Parse(file string, data []byte, tenant string) ([]Document, Faults) {
	if file == "-" {
		file = "stdin"
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, Faults{syntax(file, err)}
	}
	var docs []Document
	var faults Faults
	for _, d := range parsed.Docs {
		if d.Body == nil {
			continue
		}
		doc, found := document(file, d.Body, tenant)
		faults = append(faults, found...)
		if len(found) == 0 && doc.Workload != nil {
			docs = append(docs, doc)
		}
	}
	if len(docs) == 0 && len(faults) == 0 {
		faults = Faults{{File: file, Line: 1, Message: "no workload in it"}}
	}
	return docs, faults
}

func syntax(file string, err error) Fault {
	f := Fault{File: file, Line: 1, Message: err.Error()}
	if y, ok := errors.AsType[yaml.Error](err); ok {
		f.Message = y.GetMessage()
		if t := y.GetToken(); t != nil {
			f.Line = t.Position.Line
		}
	}
	return f
}

// twice finds workloads that are named more than once: the second would silently
// replace the first.
func twice(docs []Document) Faults {
	seen := map[event.WorkloadID]Document{}
	var faults Faults
	for _, d := range docs {
		id := event.WorkloadID{Tenant: d.Workload.Tenant, Name: d.Workload.Name}
		if first, ok := seen[id]; ok {
			faults = append(faults, Fault{d.File, d.Line, "name", fmt.Sprintf("%s is already in %s:%d", id, first.File, first.Line)})
			continue
		}
		seen[id] = d
	}
	return faults
}

func expand(name string) ([]string, error) {
	info, err := os.Stat(name)
	if name == "-" || err != nil || !info.IsDir() {
		return []string{name}, nil
	}
	var files []string
	for _, pattern := range []string{"*.yaml", "*.yml", "*.json"} {
		found, err := filepath.Glob(filepath.Join(name, pattern))
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", name, err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil, Faults{{File: name, Line: 0, Message: "no *.yaml, *.yml or *.json in this folder"}}
	}
	slices.Sort(files)
	return files, nil
}

func slurp(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > maxBytes {
		return nil, Faults{{File: name, Line: 0, Message: fmt.Sprintf("larger than %d MiB", maxBytes>>20)}}
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

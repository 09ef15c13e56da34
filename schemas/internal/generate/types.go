package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/atombender/go-jsonschema/pkg/generator"
)

// renderTypes gives the Go types of all event schemas. They are models only:
// the generator's validating UnmarshalJSON costs more than the whole codec, so
// package event has Validate methods instead.
func renderTypes(dir string) ([]byte, error) {
	files, err := eventSchemas(dir)
	if err != nil {
		return nil, err
	}
	const output = "types.gen.go"
	var warnings []string
	g, err := generator.New(generator.Config{
		Warner:                    func(w string) { warnings = append(warnings, w) },
		DefaultPackageName:        "event",
		DefaultOutputName:         output,
		StructNameFromTitle:       true,
		OnlyModels:                true,
		DisableCustomTypesForMaps: true,
		Tags:                      []string{"json"},
		Capitalizations:           []string{"ID", "CPU", "HTTP", "GPU", "GPUs", "VM"},
		YAMLExtensions:            []string{".yaml"},
	})
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := g.DoFile(file); err != nil {
			return nil, fmt.Errorf("types of %s: %w", file, err)
		}
	}
	if len(warnings) > 0 {
		return nil, fmt.Errorf("types: %q", warnings)
	}
	sources, err := g.Sources()
	return sources[output], err
}

// eventSchemas lists the schemas of events and of what they share, sorted: the
// order decides which file a shared type is generated from. Schemas of files
// that people write are not events and have no Go type here.
func eventSchemas(dir string) ([]string, error) {
	shared, err := filepath.Glob(filepath.Join(dir, "_defs", "*.json"))
	if err != nil {
		return nil, err
	}
	events, err := filepath.Glob(filepath.Join(dir, "*", "*", "v*.json"))
	if err != nil {
		return nil, err
	}
	people := filepath.Join(dir, "files") + string(filepath.Separator)
	events = slices.DeleteFunc(events, func(f string) bool { return len(f) > len(people) && f[:len(people)] == people })
	all := append(shared, events...)
	slices.Sort(all)
	return all, nil
}

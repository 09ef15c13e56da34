package dev

import (
	"embed"
	"fmt"
	"path"
	"slices"

	"fairlead.dev/services/agent-sim"
	"fairlead.dev/services/fairlead/workfile"
)

//go:embed clusters.yaml examples
var defaults embed.FS

// DefaultClusters are four clusters of different orchestrators and places.
func DefaultClusters() ([]agentsim.Spec, error) {
	text, err := defaults.ReadFile("clusters.yaml")
	if err != nil {
		return nil, err
	}
	return agentsim.Parse(text)
}

// DefaultExamples are workloads that show each phase on the default clusters.
func DefaultExamples() ([]Example, error) {
	files, err := defaults.ReadDir("examples")
	if err != nil {
		return nil, err
	}
	var all []Example
	for _, file := range files {
		text, err := defaults.ReadFile(path.Join("examples", file.Name()))
		if err != nil {
			return nil, err
		}
		docs, faults := workfile.Parse(file.Name(), text, "")
		if len(faults) > 0 {
			return nil, fmt.Errorf("example workloads: %w", faults)
		}
		for _, d := range docs {
			all = append(all, Example{d.Workload})
		}
	}
	return slices.Clip(all), nil
}

package agentsim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"
)

// file is the YAML document: clusters, and nothing else.
type file struct {
	Clusters []Spec `yaml:"clusters"`
}

// Load reads a file of simulated clusters.
func Load(path string) ([]Spec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read clusters: %w", err)
	}
	specs, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return specs, nil
}

// Parse reads simulated clusters from YAML. A field it does not know, a value of the
// wrong kind and a cluster named twice are errors; those of form show line and column.
func Parse(text []byte) ([]Spec, error) {
	var f file
	err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&f)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New(yaml.FormatError(err, false, true))
	}
	if len(f.Clusters) == 0 {
		return nil, errors.New("no clusters: the file must have a list `clusters`")
	}
	seen := map[string]bool{}
	var wrong []error
	for i, s := range f.Clusters {
		if seen[string(s.Name)] {
			wrong = append(wrong, fmt.Errorf("cluster %q is described twice", s.Name))
		}
		seen[string(s.Name)] = true
		wrong = append(wrong, s.Validate())
		f.Clusters[i] = s.WithDefaults()
	}
	return f.Clusters, errors.Join(wrong...)
}

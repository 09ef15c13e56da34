package schemas

import (
	"embed"
	"fmt"
)

// Base is the prefix of every schema's $id; what follows is its path in Files.
const Base = "https://fairlead.dev/schemas/"

// WorkloadFile is the path of the schema of the file that people submit.
const WorkloadFile = "files/workload/v1.json"

// PolicyFile is the path of the schema of the file with the fleet's policy.
const PolicyFile = "files/policy/v1.json"

// Files holds the schemas, the catalog and the AsyncAPI document.
//
//go:embed catalog.yaml asyncapi.yaml all:_defs agent cluster command files placement policy price quota score steering workload
var Files embed.FS

// Read gives the schema at a path such as workload/submitted/v1.json.
func Read(path string) ([]byte, error) {
	text, err := Files.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("schema %q: %w", path, err)
	}
	return text, nil
}

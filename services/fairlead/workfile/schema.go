package workfile

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"fairlead.dev/schemas"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The two forms of a workload: as people write it, and as the event carries it, so
// that what the product prints can be submitted again.
const (
	written = schemas.WorkloadFile
	carried = "workload/submitted/v1.json"
)

// embedded loads schemas from the binary; nothing is ever fetched.
type embedded struct{}

// Load reads the schema that a URL below schemas.Base names.
func (embedded) Load(url string) (any, error) {
	path, ok := strings.CutPrefix(url, schemas.Base)
	if !ok {
		return nil, fmt.Errorf("schema %s is not one of ours", url)
	}
	text, err := schemas.Read(path)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

var compiled = map[string]func() (*jsonschema.Schema, error){
	written: sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(written) }),
	carried: sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(carried) }),
}

func compile(path string) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.UseLoader(embedded{})
	schema, err := c.Compile(schemas.Base + path)
	if err != nil {
		return nil, fmt.Errorf("compile schema %s: %w", path, err)
	}
	return schema, nil
}

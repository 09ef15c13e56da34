package schema

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fairlead.dev/pkg/event"
	"fairlead.dev/schemas"
)

// CheckEvent checks the data of an event of the type. The error lists every
// member that is wrong.
func CheckEvent(t event.Type, data []byte) error {
	row, ok := event.Lookup(t)
	if !ok {
		return fmt.Errorf("type %q is not in the catalog", t)
	}
	return Check(row.Schema, data)
}

// CheckWorkloadFile checks a file that people submit, as JSON.
func CheckWorkloadFile(data []byte) error { return Check(schemas.WorkloadFile, data) }

// Check checks a JSON document against the schema at a path of package schemas,
// such as workload/submitted/v1.json.
func Check(path string, data []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read document for %s: %w", path, err)
	}
	return CheckValue(path, document)
}

// CheckValue is Check for what was read already, as encoding/json reads into any. The
// error is a *jsonschema.ValidationError with the place of everything that is wrong,
// unless there is no such schema.
func CheckValue(path string, document any) error {
	s, err := compile(path)
	if err != nil {
		return fmt.Errorf("compile schema %s: %w", path, err)
	}
	return s.Validate(document)
}

// compiled keeps the compiler, which is not safe for concurrent use, and what it
// has compiled.
var compiled = struct {
	sync.Mutex
	compiler *jsonschema.Compiler
}{compiler: newCompiler()}

func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.UseLoader(embedded{})
	return c
}

func compile(path string) (*jsonschema.Schema, error) {
	compiled.Lock()
	defer compiled.Unlock()
	return compiled.compiler.Compile(schemas.Base + path)
}

// embedded loads schemas by their $id from package schemas; nothing is fetched.
type embedded struct{}

func (embedded) Load(url string) (any, error) {
	path, ok := strings.CutPrefix(url, schemas.Base)
	if !ok {
		return nil, fmt.Errorf("schema %q is not one of ours", url)
	}
	text, err := schemas.Read(path)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

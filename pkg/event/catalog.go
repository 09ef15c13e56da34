package event

import "slices"

// Scope says what the fixed token of a subject names.
type Scope string

// The scopes of the catalog.
const (
	ScopeCluster Scope = "cluster"
	ScopeTenant  Scope = "tenant"
	ScopeFleet   Scope = "fleet" // has no name
)

// Mode is a CloudEvents content mode.
type Mode string

// The content modes. Structured puts the whole event into the body, which every
// integration can read; Binary puts the attributes into headers, which is cheaper.
const (
	Structured Mode = "structured"
	Binary     Mode = "binary"
)

// Entry is the row of the catalog for one type.
type Entry struct {
	Type    Type
	Name    string // without prefix and version: the tail of the subject
	Version int
	Stream  Stream
	Scope   Scope
	Mode    Mode
	By      string // who publishes it: service, operator, agent, agent or operator, placement
	Schema  string // path of the JSON Schema in package schemas
	New     func() Payload

	before, after string // of the scope's name in a subject
}

// Catalog lists every event type, in the order of schemas/catalog.yaml.
func Catalog() []Entry { return slices.Clone(catalog) }

// Lookup gives the catalog's row for a type.
func Lookup(t Type) (Entry, bool) {
	row, ok := byType[t]
	if !ok {
		return Entry{}, false
	}
	return *row, true
}

var byType = index()

func index() map[Type]*Entry {
	rows := make(map[Type]*Entry, len(catalog))
	for i := range catalog {
		row := &catalog[i]
		row.before, row.after = around(row.Stream, row.Scope, row.Name)
		rows[row.Type] = row
	}
	return rows
}

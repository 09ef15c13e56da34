package event

import (
	"fmt"
	"slices"
	"strings"
)

// Root is the first token of every subject.
const Root = "fairlead"

// Streams lists the streams of events, in the order in which facts are applied,
// placements last.
func Streams() []Stream { return []Stream{Intents, Status, Capacity, Placements} }

// Address is what a subject says: fairlead.<stream>.<scope>.<name>.<type>.
type Address struct {
	Stream Stream
	Scope  Scope
	Name   string // cluster or tenant; "" for the fleet
	Type   string // the catalog's name of the type, without prefix and version
}

// String gives the subject.
func (a Address) String() string {
	before, after := around(a.Stream, a.Scope, a.Type)
	if a.Scope == ScopeFleet {
		return before + after
	}
	return before + a.Name + after
}

// around is what stands before and after the scope's name; the fleet has none.
func around(s Stream, scope Scope, typ string) (before, after string) {
	if scope == ScopeFleet {
		return prefix(s) + string(scope) + ".", typ
	}
	return prefix(s) + string(scope) + ".", "." + typ
}

func prefix(s Stream) string { return Root + "." + strings.ToLower(string(s)) + "." }

// Subject gives the subject that an event with this data is published on. It
// does not validate the data: Encode does.
func Subject(p Payload) string {
	row, ok := byType[p.EventType()]
	if !ok {
		panic(fmt.Sprintf("event: %T is not in the catalog", p))
	}
	return row.before + p.ScopeName() + row.after
}

// ParseSubject reads the subject of an event; filters are refused.
func ParseSubject(subject string) (Address, error) {
	tokens := strings.SplitN(subject, ".", 4)
	if len(tokens) != 4 || tokens[0] != Root {
		return Address{}, fmt.Errorf("subject %q: want %s.STREAM.SCOPE.NAME.TYPE", subject, Root)
	}
	a := Address{Stream: Stream(strings.ToUpper(tokens[1])), Scope: Scope(tokens[2]), Type: tokens[3]}
	if a.Scope != ScopeFleet {
		a.Name, a.Type, _ = strings.Cut(tokens[3], ".")
		if err := CheckName(a.Name); err != nil {
			return Address{}, fmt.Errorf("subject %q: %w", subject, err)
		}
	}
	if a.String() != subject || !a.known() {
		return Address{}, fmt.Errorf("subject %q: no event of the catalog has it", subject)
	}
	return a, nil
}

func (a Address) known() bool {
	return slices.ContainsFunc(catalog, func(row Entry) bool {
		return row.Stream == a.Stream && row.Scope == a.Scope && row.Name == a.Type
	})
}

// FilterStream gives the filter for all of a stream.
func FilterStream(s Stream) string { return prefix(s) + ">" }

// FilterCluster gives the filter for what a stream says in the scope of one
// cluster: rest is a type's name, the beginning of several as in "command.>", or
// ">" for all. An empty cluster means every cluster.
//
// It panics on a name that CheckName refuses: such a name could widen the filter,
// so it must never come this far.
func FilterCluster(s Stream, c ClusterID, rest string) string {
	return filter(s, ScopeCluster, string(c), rest)
}

// FilterTenant is FilterCluster for the scope of one tenant.
func FilterTenant(s Stream, t Tenant, rest string) string {
	return filter(s, ScopeTenant, string(t), rest)
}

// FilterType gives the filter for one type, whatever cluster or tenant it names.
// It panics on a type that is not in the catalog.
func FilterType(t Type) string {
	row, ok := byType[t]
	if !ok {
		panic(fmt.Sprintf("event: type %q is not in the catalog", t))
	}
	return Address{row.Stream, row.Scope, "*", row.Name}.String()
}

func filter(s Stream, scope Scope, name, rest string) string {
	if name == "" {
		name = "*"
	} else if err := CheckName(name); err != nil {
		panic("event: filter: " + err.Error())
	}
	return Address{s, scope, name, rest}.String()
}

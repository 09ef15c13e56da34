package logtail

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
)

// Filter says which events are wanted; the zero value wants all but ticks.
type Filter struct {
	Pattern string   // of type names, as in placement.*; "" means all
	Types   []string // type names, any of them; empty means all
	Streams []event.Stream
	Cluster event.ClusterID // events about this cluster, or decisions that name it
	Tenant  event.Tenant    // events about this tenant or its workloads
}

// Validate refuses what can match nothing.
func (f Filter) Validate() error {
	if _, err := path.Match(f.Pattern, ""); err != nil {
		return fmt.Errorf("pattern %q: %w", f.Pattern, err)
	}
	for _, s := range f.Streams {
		if !slices.Contains(event.Streams(), s) {
			return fmt.Errorf("stream %q: want intents, status, capacity or placements", s)
		}
	}
	if f.Cluster != "" {
		if err := event.CheckName(string(f.Cluster)); err != nil {
			return fmt.Errorf("cluster: %w", err)
		}
	}
	if f.Tenant != "" {
		if err := event.CheckName(string(f.Tenant)); err != nil {
			return fmt.Errorf("tenant: %w", err)
		}
	}
	if len(f.entries()) == 0 {
		return fmt.Errorf("no event type matches %s (see `fairlead schema`)", f.asked())
	}
	return nil
}

// asked repeats what was asked of types and streams.
func (f Filter) asked() string {
	words := slices.Clone(f.Types)
	if f.Pattern != "" {
		words = append(words, strconv.Quote(f.Pattern))
	}
	text := strings.Join(words, " and ")
	if len(f.Streams) > 0 {
		text += fmt.Sprintf(" in %v", f.Streams)
	}
	return text
}

// entries are the catalog's rows that are wanted.
func (f Filter) entries() []event.Entry {
	var rows []event.Entry
	for _, row := range event.Catalog() {
		if f.wants(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (f Filter) wants(row event.Entry) bool {
	if len(f.Streams) > 0 && !slices.Contains(f.Streams, row.Stream) {
		return false
	}
	if len(f.Types) > 0 && !slices.Contains(f.Types, row.Name) && !slices.Contains(f.Types, string(row.Type)) {
		return false
	}
	if f.Pattern == "" {
		// One tick a second would hide the rest; who wants them names them.
		return row.Type != event.TypePlacementTicked || len(f.Types) > 0
	}
	short, _ := path.Match(f.Pattern, row.Name)
	full, _ := path.Match(f.Pattern, string(row.Type))
	return short || full
}

// subjects gives the filters for each stream that has something wanted.
func (f Filter) subjects() map[event.Stream][]string {
	wanted := map[event.Stream][]string{}
	for _, row := range f.entries() {
		wanted[row.Stream] = append(wanted[row.Stream], event.FilterType(row.Type))
	}
	return wanted
}

// Match says whether an event is wanted.
func (f Filter) Match(e event.Event) bool {
	row, ok := event.Lookup(e.Type())
	if !ok || !f.wants(row) {
		return false
	}
	return (f.Cluster == "" || aboutCluster(e.Data, row, f.Cluster)) && (f.Tenant == "" || aboutTenant(e.Data, row, f.Tenant))
}

func aboutCluster(p event.Payload, row event.Entry, c event.ClusterID) bool {
	if row.Scope == event.ScopeCluster {
		return p.ScopeName() == string(c)
	}
	d, ok := p.(*event.PlacementDecided)
	return ok && slices.ContainsFunc(d.Assignments, func(a event.Assignment) bool { return a.Cluster == c })
}

func aboutTenant(p event.Payload, row event.Entry, t event.Tenant) bool {
	if row.Scope == event.ScopeTenant {
		return p.ScopeName() == string(t)
	}
	w, ok := p.(interface{ ID() event.WorkloadID })
	return ok && w.ID().Tenant == t
}

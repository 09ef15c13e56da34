package rights_test

import (
	"slices"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
)

// Whoever is outside the log's account names literal subjects of its own, all of them.
func TestRightsNameOneself(t *testing.T) {
	for _, role := range rights.Roles() {
		r, err := rights.Of(role, "eu-1")
		if err != nil {
			t.Fatal(err)
		}
		if r.Trusted || role == rights.Reader {
			continue
		}
		for _, subject := range append(r.Publish, r.Stream...) {
			if !strings.Contains(subject, "eu-1") {
				t.Errorf("%s: %s is not its own", role, subject)
			}
		}
	}
}

// Nobody outside the log's account may make, change or remove a consumer or a stream.
func TestOnlyTheTrustedChangeTheStore(t *testing.T) {
	may := []string{"$JS.API.CONSUMER.MSG.NEXT.", "$JS.API.CONSUMER.INFO.", "$JS.API.STREAM.INFO.", "$JS.API.DIRECT.GET."}
	for _, role := range rights.Roles() {
		r, _ := rights.Of(role, "eu-1")
		if r.Trusted {
			continue
		}
		for _, subject := range append(r.Publish, r.Stream...) {
			if strings.HasPrefix(subject, "$JS.API.") && !slices.ContainsFunc(may, func(p string) bool { return strings.HasPrefix(subject, p) }) {
				t.Errorf("%s: %s", role, subject)
			}
		}
	}
}

// Every event of the catalog can be published by the role that it comes from.
func TestEveryEventHasItsPublisher(t *testing.T) {
	roles := map[string][]rights.Role{
		"service": {rights.Tenant}, "agent": {rights.Agent}, "agent or operator": {rights.Agent, rights.Operator},
		"operator": {rights.Operator}, "placement": {rights.Placement},
	}
	for _, row := range event.Catalog() {
		subject := event.Address{Stream: row.Stream, Scope: row.Scope, Name: "eu-1", Type: row.Name}.String()
		if len(roles[row.By]) == 0 {
			t.Errorf("%s comes from %q, which no role is", row.Name, row.By)
		}
		for _, role := range rights.Roles() {
			r, _ := rights.Of(role, "eu-1")
			may := covered(subject, r.Publish) && !covered(subject, r.Forbidden)
			if want := slices.Contains(roles[row.By], role); want && !may || may && !want && role != rights.Operator {
				t.Errorf("%s may publish %s: %v, want %v", role, subject, may, want)
			}
		}
	}
}

func covered(subject string, filters []string) bool {
	return slices.ContainsFunc(filters, func(f string) bool {
		prefix, open := strings.CutSuffix(f, ">")
		return f == subject || open && strings.HasPrefix(subject, prefix)
	})
}

// A name that could be a pattern, or anything but a DNS label, gets no rights.
func TestNamesAreNoPatterns(t *testing.T) {
	for _, name := range []string{"", "*", ">", "eu.1", "eu-*", "EU", "a b", "eu\n", strings.Repeat("a", 64), "-", "ё", "$JS", "a/b"} {
		for _, role := range rights.Roles() {
			if r, err := rights.Of(role, name); err == nil {
				t.Errorf("%s %q was given %v", role, name, r.Publish)
			}
		}
	}
	if _, err := rights.Of("root", "eu-1"); err == nil {
		t.Error("an unknown role was given rights")
	}
}

// What the log's account offers is the rights with names left open, and no more.
func TestExports(t *testing.T) {
	once, stream := rights.Exports()
	for _, subject := range append(slices.Clone(once), stream...) {
		if strings.Contains(subject, "fairlead-any") || strings.HasPrefix(subject, "fairlead.placements") || subject == ">" {
			t.Errorf("exported: %s", subject)
		}
	}
	if !slices.Contains(once, "fairlead.capacity.cluster.*.cluster.capacity.reported") || !slices.Contains(stream, "$JS.API.CONSUMER.MSG.NEXT.PLACEMENTS.*") {
		t.Errorf("missing: %v, %v", once, stream)
	}
}

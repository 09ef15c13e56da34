package event

import "strings"

// AgentSource is the source of what a cluster's agent publishes.
func AgentSource(c ClusterID) string { return "/clusters/" + string(c) + "/agent" }

// PlacementSource is the source of what an instance of placement publishes.
func PlacementSource(instance string) string { return "/placement/" + instance }

// SubmitterSource is the source of what a client publishes for a tenant.
func SubmitterSource(t Tenant, client string) string { return "/tenants/" + string(t) + "/" + client }

// OperatorSource is the source of what an operator's client publishes.
func OperatorSource(client string) string { return "/operators/" + client }

// checkSource refuses a source that claims another cluster or tenant than the
// subject names. It makes no one trusted: that the publisher may use the subject
// at all is for the server's permissions to say.
func checkSource(row *Entry, source string, p Payload) *Invalid {
	if row.By == "agent" {
		if want := AgentSource(ClusterID(p.ScopeName())); source != want {
			return invalid(WrongSource, "source %q of %s, want %q", source, row.Name, want)
		}
		return nil
	}
	if name, ok := claimed(source, "/clusters/"); ok && (row.Scope != ScopeCluster || name != p.ScopeName()) {
		return invalid(WrongSource, "source %q for %s %q", source, row.Scope, p.ScopeName())
	}
	if name, ok := claimed(source, "/tenants/"); ok && (row.Scope != ScopeTenant || name != p.ScopeName()) {
		return invalid(WrongSource, "source %q for %s %q", source, row.Scope, p.ScopeName())
	}
	return nil
}

// claimed gives the name that follows the prefix in a source.
func claimed(source, prefix string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(source, prefix)
	name, _, _ = strings.Cut(rest, "/")
	return name, ok
}

package rights

import (
	"fmt"
	"slices"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
)

// Role is what somebody is to the federation.
type Role string

// The roles.
const (
	Placement   Role = "placement"   // decides; the only writer of PLACEMENTS
	Operator    Role = "operator"    // administers: wishes, clusters, streams
	Agent       Role = "agent"       // acts for one cluster
	Tenant      Role = "tenant"      // submits for one tenant
	Reader      Role = "reader"      // sees everything and says nothing
	Integration Role = "integration" // follows what is decided, from where it stopped
)

// Roles lists every role, those of the log's account first.
func Roles() []Role { return []Role{Placement, Operator, Agent, Tenant, Reader, Integration} }

// Domain is the JetStream domain of deploy/nats. It stands in the acknowledgement
// subjects of servers that use their second form.
const Domain = "hub"

// API is what stands in place of $JS.API in the accounts outside the log's. There the
// server answers $JS.API itself, for the account that has no JetStream; clients are told
// this prefix instead, as every NATS client can be.
const API = "fairlead.js"

// Local is a subject of the log's account as it is called in the others.
func Local(subject string) string {
	if rest, ok := strings.CutPrefix(subject, "$JS.API."); ok {
		return API + "." + rest
	}
	return subject
}

// Rights are the subjects of one identity.
type Rights struct {
	Role Role
	Name string // cluster, tenant, or of the identity itself
	// Trusted says that the identity lives in the log's account. A reply subject of its
	// choice reaches everything there: it must be one who may do everything.
	Trusted bool
	// Publish and Stream are what it may publish or ask; Stream is asked and answered by
	// any number of messages.
	Publish, Stream []string
	// Forbidden are parts of Publish that it may not publish after all.
	Forbidden []string
	// Subscribe is what it may listen to, besides answers to what it asked.
	Subscribe []string
	// Scope is the sources that it may sign events as; empty for one that only reads.
	Scope identity.Scope
}

// Of gives the rights of a role. The name is a cluster for an agent, a tenant for a
// tenant, and the identity's own for the others; it must be a DNS label, so that none can
// be a pattern.
func Of(role Role, name string) (Rights, error) {
	if err := event.CheckName(name); err != nil {
		return Rights{}, fmt.Errorf("%s: %w", role, err)
	}
	of, ok := table[role]
	if !ok {
		return Rights{}, fmt.Errorf("role %q: want one of %v", string(role), Roles())
	}
	r := of(name)
	r.Role, r.Name = role, name
	return r, nil
}

var table = map[Role]func(name string) Rights{
	Placement: placement, Operator: operator, Agent: agent, Tenant: tenant, Reader: reader, Integration: integration,
}

// agent says what its cluster is and does, and pulls its own commands. It makes and
// removes no consumer.
func agent(name string) Rights {
	c := event.ClusterID(name)
	pull, ask := channel(stream.Durable(c))
	return Rights{
		Publish: append(says(event.ScopeCluster, name, "agent", "agent or operator"), ask...),
		Stream:  pull,
		Scope:   identity.AgentScope(c),
	}
}

// tenant submits and withdraws its own workloads, and asks about them.
func tenant(name string) Rights {
	return Rights{
		Publish: append(says(event.ScopeTenant, name, "service"), query.TenantSubjects(event.Tenant(name))...),
		Scope:   identity.TenantScope(event.Tenant(name)),
	}
}

// reader asks and reads. It reads by position and not through consumers: whoever may
// make a consumer chooses where the server delivers, which is a way to write.
func reader(string) Rights {
	r := Rights{
		Publish: append(query.FleetSubjects(), query.TenantSubjects("*")...),
		Stream:  []string{query.InstancesSubject},
	}
	for _, s := range append(event.Streams(), stream.DeadLetters) {
		r.Publish = append(r.Publish, "$JS.API.STREAM.INFO."+string(s))
		r.Stream = append(r.Stream, "$JS.API.DIRECT.GET."+string(s))
	}
	return r
}

// integration pulls from a durable of its own, which an operator made.
func integration(name string) Rights {
	pull, ask := channel(stream.Subscription(name))
	return Rights{Publish: ask, Stream: pull}
}

// placement reads all, writes its stream and what lies beside it, and answers questions.
func placement(string) Rights {
	return Rights{
		Trusted: true,
		Publish: []string{
			stream.Subjects(event.Placements), stream.Subjects(stream.DeadLetters), query.LeaderSubject,
			"$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "$O.>", "$KV.>", "$SRV.>", "_INBOX.>", "_R_.>",
		},
		Subscribe: []string{query.Subjects, query.LeaderSubject, "$SRV.>", "$KV.>", "$O.>"},
		Scope:     identity.PlacementScope(),
	}
}

// operator says wishes, makes and mends streams and consumers, reads everything, and may
// publish dead letters of agents and tenants again, which their signatures protect.
func operator(name string) Rights {
	return Rights{
		Trusted:   true,
		Publish:   []string{">"},
		Forbidden: []string{stream.Subjects(event.Placements)},
		Subscribe: []string{">"},
		Scope:     identity.OperatorScope(name),
	}
}

// says is every subject on which one of these publishers speaks in the scope of a name.
func says(scope event.Scope, name string, by ...string) []string {
	var subjects []string
	for _, row := range event.Catalog() {
		if row.Scope == scope && slices.Contains(by, row.By) {
			subjects = append(subjects, event.Address{Stream: row.Stream, Scope: scope, Name: name, Type: row.Name}.String())
		}
	}
	slices.Sort(subjects)
	return subjects
}

// channel is the use of one durable of PLACEMENTS: to pull, to ask about, to acknowledge
// in either form that servers write acknowledgements in.
func channel(durable string) (pull, ask []string) {
	on := string(event.Placements) + "." + durable
	return []string{"$JS.API.CONSUMER.MSG.NEXT." + on}, []string{
		"$JS.API.CONSUMER.INFO." + on,
		"$JS.ACK." + on + ".>",
		"$JS.ACK._.*." + on + ".>",
		"$JS.ACK." + Domain + ".*." + on + ".>",
	}
}

// Exports is what the log's account offers to the others, once for all of them: the
// rights above with the name left open. Who may use which part is in each one's account.
func Exports() (once, stream []string) {
	const open = "x--fairlead-any--x"
	for _, role := range Roles() {
		r, err := Of(role, open)
		if err != nil || r.Trusted {
			continue
		}
		once, stream = append(once, r.Publish...), append(stream, r.Stream...)
	}
	widen := func(subjects []string) []string {
		for i, s := range subjects {
			subjects[i] = widened(s, open)
		}
		slices.Sort(subjects)
		return slices.Compact(subjects)
	}
	return widen(once), widen(stream)
}

// widened puts * for each token that holds the name.
func widened(subject, name string) string {
	tokens := strings.Split(subject, ".")
	for i, t := range tokens {
		if strings.Contains(t, name) {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, ".")
}

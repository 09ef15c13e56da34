package fairlead

import (
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/exit"
)

// client is how this program calls itself in what it publishes for a tenant, or where
// nothing is signed.
const client = "cli"

// asOperator is the source of a wish: the operator by name, where the credentials are an
// operator's.
func asOperator(l *stream.Log) string {
	if own := scope(l); strings.HasPrefix(own, event.OperatorSource("")) {
		return own
	}
	return event.OperatorSource(client)
}

// asSubmitter is the source of a workload: this program for the tenant, or the operator
// whose credentials it has.
func asSubmitter(l *stream.Log, t event.Tenant) string {
	if own := scope(l); strings.HasPrefix(own, event.OperatorSource("")) {
		return own
	}
	return event.SubmitterSource(t, client)
}

func scope(l *stream.Log) string {
	if s := l.Identity().Signer; s != nil {
		return string(s.Scope())
	}
	return ""
}

// mayPublish refuses at once what the server would let vanish without a word: a publish
// that is not allowed looks like a server that does not answer.
func mayPublish(l *stream.Log, source string) error {
	id := l.Identity()
	switch {
	case id.Trust == nil:
		return nil
	case id.Signer == nil:
		return exit.Errorf(exit.Forbidden, "the credentials of %s only read", id.Name)
	case !id.Signer.Scope().Covers(source):
		return exit.Errorf(exit.Forbidden, "these credentials speak for %s, not for %s", id.Signer.Scope(), source)
	}
	return nil
}

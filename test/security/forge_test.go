package security_test

import (
	"maps"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// original is the hello of a cluster as its own agent signed it: what somebody would
// have who can read the log.
func (s *stage) original(c event.ClusterID) *nats.Msg {
	subject, h, body := plain(s.genuine[c])
	m := &nats.Msg{Subject: subject, Header: h, Data: body}
	s.agents[c].id.Signer.Sign(m)
	return m
}

// selfGranted signs another cluster's words with a grant of m's own making.
func (s *stage) selfGranted(m *member, subject string) error {
	authority, err := nkeys.CreateOperator()
	if err != nil {
		return err
	}
	user, err := nkeys.CreateUser()
	if err != nil {
		return err
	}
	public, err := user.PublicKey()
	if err != nil {
		return err
	}
	seed, err := user.Seed()
	if err != nil {
		return err
	}
	grant, err := identity.Issue(authority, identity.AgentScope(own), public)
	if err != nil {
		return err
	}
	signer, err := identity.NewSigner(seed, grant)
	if err != nil {
		return err
	}
	_, h, body := plain(hello(own))
	msg := &nats.Msg{Subject: subject, Header: h, Data: body}
	signer.Sign(msg)
	return m.send(subject, "", msg.Header, body)
}

// stripped is headers without what the chain of appends put there.
func stripped(h nats.Header) nats.Header {
	kept := maps.Clone(h)
	maps.DeleteFunc(kept, func(name string, _ []string) bool { return strings.HasPrefix(name, "Nats-") })
	return kept
}

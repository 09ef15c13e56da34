package identity

import (
	"regexp"
	"testing"

	"github.com/nats-io/nkeys"
)

// FuzzParse: whatever is in a credentials file, reading it ends in an identity that can
// sign, or in an error that quotes no seed.
func FuzzParse(f *testing.F) {
	authority, _ := nkeys.CreateOperator()
	root, _ := authority.PublicKey()
	user, _ := nkeys.CreateUser()
	public, _ := user.PublicKey()
	seed, _ := user.Seed()
	grant, err := Issue(authority, AgentScope("eu-1"), public)
	if err != nil {
		f.Fatal(err)
	}
	whole := func(s Statement) []byte {
		block, err := s.Format()
		if err != nil {
			f.Fatal(err)
		}
		return append([]byte("-----BEGIN USER NKEY SEED-----\n"+string(seed)+"\n------END USER NKEY SEED------\n"), block...)
	}
	f.Add(whole(State("eu-1", grant, root)))
	f.Add(whole(State("grace", Grant{}, root)))
	f.Add([]byte(begin + "\ne30\n" + end))
	f.Add([]byte(begin))
	f.Add(seed)
	anySeed := regexp.MustCompile(`S[OAU][A-Z2-7]{56}`)
	f.Fuzz(func(t *testing.T, raw []byte) {
		id, err := parse(raw)
		switch {
		case err != nil && anySeed.MatchString(err.Error()):
			t.Errorf("the error quotes a seed: %v", err)
		case err == nil && id.Signer != nil && !id.Signer.Scope().Covers(string(id.Signer.Scope())) && id.Signer.Scope().check() != nil:
			t.Errorf("a signer of scope %q", id.Signer.Scope())
		}
	})
}

// FuzzGrant: one grant has one form, or whoever is granted something could fill the table
// of known grants.
func FuzzGrant(f *testing.F) {
	f.Add("/clusters/eu-1/agent AAAA")
	f.Add("/x AAB")
	f.Add("/x  AA\n==")
	f.Fuzz(func(t *testing.T, header string) {
		g, err := parseGrant("U", header)
		if err == nil && g.header() != header {
			t.Errorf("%q is read as %q", header, g.header())
		}
	})
}

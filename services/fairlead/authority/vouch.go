package authority

import (
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/identity"
)

// Vouch gives signers in the name of any source, for a log whose records another
// authority signed, or nobody: its words become this authority's. Each source gets a key
// of its own, which opens no door, is kept nowhere and is gone with the signer. end
// forgets the authority's own key.
func (a *Authority) Vouch() (signer func(source string) (*identity.Signer, error), end func(), err error) {
	root, err := a.key(seedSigning, a.register.Signing)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]*identity.Signer{}
	signer = func(source string) (*identity.Signer, error) {
		if s := known[source]; s != nil {
			return s, nil
		}
		s, err := vouchFor(root, source)
		if err == nil {
			known[source] = s
		}
		return s, err
	}
	return signer, root.Wipe, nil
}

func vouchFor(root nkeys.KeyPair, source string) (*identity.Signer, error) {
	user, public, err := fresh(nkeys.PrefixByteUser)
	if err != nil {
		return nil, err
	}
	defer user.Wipe()
	grant, err := identity.Issue(root, identity.Scope(source), public)
	if err != nil {
		return nil, err
	}
	seed, err := user.Seed()
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	return identity.NewSigner(seed, grant)
}

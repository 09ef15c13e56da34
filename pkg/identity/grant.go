package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/event"
)

// Grant is the authority's word that a key may speak within a scope.
type Grant struct {
	Scope  Scope
	Signer string // public nkey of the user
	Seal   []byte // the authority's signature
}

// Scope is what sources a key may use: one source, or all that begin with it when it ends
// with a slash.
type Scope string

// The scopes of the roles.
func AgentScope(c event.ClusterID) Scope { return Scope(event.AgentSource(c)) }

// TenantScope is every client of one tenant.
func TenantScope(t event.Tenant) Scope { return Scope(event.SubmitterSource(t, "")) }

// OperatorScope is one operator by name.
func OperatorScope(name string) Scope { return Scope(event.OperatorSource(name)) }

// PlacementScope is every instance of the placement service.
func PlacementScope() Scope { return Scope(event.PlacementSource("")) }

// Covers says whether a source lies within the scope.
func (s Scope) Covers(source string) bool {
	if strings.HasSuffix(string(s), "/") {
		return len(source) > len(s) && strings.HasPrefix(source, string(s))
	}
	return s != "" && source == string(s)
}

func (s Scope) check() error {
	ok := len(s) > 1 && s[0] == '/'
	for i := range len(s) {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '/')
	}
	if !ok {
		return fmt.Errorf("scope %q is not a path of DNS labels", string(s))
	}
	return nil
}

// Issue makes a grant with the authority's key. The scope is checked: a pattern, a space
// or an empty scope is refused.
func Issue(authority nkeys.KeyPair, scope Scope, signer string) (Grant, error) {
	if err := scope.check(); err != nil {
		return Grant{}, err
	}
	if !nkeys.IsValidPublicUserKey(signer) {
		return Grant{}, errors.New("the signer is not the public key of a user")
	}
	seal, err := authority.Sign(granted(scope, signer))
	if err != nil {
		return Grant{}, fmt.Errorf("sign grant for %s: %w", scope, err)
	}
	return Grant{scope, signer, seal}, nil
}

func granted(scope Scope, signer string) []byte {
	return []byte("fairlead.grant.v1\n" + string(scope) + "\n" + signer)
}

// header is the grant as it travels beside the signer.
func (g Grant) header() string { return string(g.Scope) + " " + encoding.EncodeToString(g.Seal) }

// parseGrant is the reverse; it verifies nothing.
func parseGrant(signer, header string) (Grant, error) {
	scope, seal, ok := strings.Cut(header, " ")
	if !ok {
		return Grant{}, errors.New("the grant is not SCOPE SEAL")
	}
	raw, err := encoding.DecodeString(seal)
	if err != nil || encoding.EncodeToString(raw) != seal { // one form: what is known of grants is kept by it
		return Grant{}, errors.New("the grant's seal is not base64url")
	}
	return Grant{Scope(scope), signer, raw}, Scope(scope).check()
}

package authority

import (
	"fmt"

	"fairlead.dev/pkg/rights"
)

// Revoke takes keys of an identity back: all of them, or with keepNewest all but the
// newest, which ends a rotation. It gives the keys that were taken back just now. The
// server must be told (Push): it then ends the connections of those keys and lets none in.
func (a *Authority) Revoke(role rights.Role, name string, keepNewest bool) ([]string, error) {
	i, err := a.find(role, name)
	if err != nil {
		return nil, err
	}
	r, err := rights.Of(role, name)
	if err != nil {
		return nil, err
	}
	keys := i.Keys
	if keepNewest {
		keys = keys[:len(keys)-1]
	}
	var revoked []string
	at := now()
	for _, k := range keys {
		if k.Revoked == nil {
			k.Revoked = &at
			revoked = append(revoked, k.Public)
		}
	}
	if len(revoked) == 0 {
		return nil, nil
	}
	if err := a.writeAccount(a.account(r, i.Account)); err != nil {
		return nil, fmt.Errorf("revoke %s %s: %w", role, name, err)
	}
	return revoked, a.save()
}

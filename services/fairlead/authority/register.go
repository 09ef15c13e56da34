package authority

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/rights"
)

// register is what was issued: public keys only.
type register struct {
	Name     string    `json:"name"`
	Operator string    `json:"operator"` // public keys
	Signing  string    `json:"signing"`  // signs accounts and grants: what others trust
	Users    string    `json:"users"`    // signs users, in every account
	System   string    `json:"system"`   // the server's own account
	Log      string    `json:"log"`      // the account of the log
	Issued   []*Issued `json:"issued"`
}

// Issued is one identity that was given credentials, and what became of it.
type Issued struct {
	Role    rights.Role    `json:"role"`
	Name    string         `json:"name"`
	Account string         `json:"account"`
	Scope   identity.Scope `json:"scope,omitempty"`
	Keys    []*Key         `json:"keys"` // newest last
}

// Key is one key of an identity.
type Key struct {
	Public  string     `json:"public"`
	Issued  time.Time  `json:"issued"`
	Expires *time.Time `json:"expires,omitempty"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// State says in a word whether a key opens the door at a time.
func (k *Key) State(now time.Time) string {
	switch {
	case k.Revoked != nil:
		return "revoked"
	case k.Expires != nil && !now.Before(*k.Expires):
		return "expired"
	}
	return "valid"
}

// Current is the newest key.
func (i *Issued) Current() *Key { return i.Keys[len(i.Keys)-1] }

// List gives every identity, by role and name.
func (a *Authority) List() []*Issued {
	all := slices.Clone(a.register.Issued)
	slices.SortFunc(all, func(x, y *Issued) int {
		return cmp.Or(cmp.Compare(x.Role, y.Role), cmp.Compare(x.Name, y.Name))
	})
	return all
}

// Unknown says that an identity was never issued.
type Unknown struct {
	Role rights.Role
	Name string
}

// Error names it.
func (u *Unknown) Error() string { return fmt.Sprintf("%s %s was never issued", u.Role, u.Name) }

func (a *Authority) find(role rights.Role, name string) (*Issued, error) {
	for _, i := range a.register.Issued {
		if i.Role == role && i.Name == name {
			return i, nil
		}
	}
	return nil, &Unknown{role, name}
}

// Root is the public key that everybody is to trust.
func (a *Authority) Root() string { return a.register.Signing }

// Name is the federation's.
func (a *Authority) Name() string { return a.register.Name }

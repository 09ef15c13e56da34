package authority

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/rights"
)

// Credentials is what was just issued: a file to install, never its content.
type Credentials struct {
	Role    rights.Role    `json:"role"`
	Name    string         `json:"name"`
	Key     string         `json:"key"` // public
	Scope   identity.Scope `json:"scope,omitempty"`
	File    string         `json:"file"`
	Expires *time.Time     `json:"expires,omitempty"`
}

// ErrIssued says that an identity has credentials already: rotate it.
var ErrIssued = errors.New("it has credentials already")

// CredsFile is where the credentials of an identity are written.
func (a *Authority) CredsFile(role rights.Role, name string) string {
	if role != "" {
		name = accountName(role, name)
	}
	return a.path("creds", name+".creds")
}

// Issue gives an identity its first credentials, good until expires, or until they are
// revoked when that is zero. The server must be told: Push.
func (a *Authority) Issue(role rights.Role, name string, expires time.Time) (Credentials, error) {
	r, err := rights.Of(role, name)
	if err != nil {
		return Credentials{}, err
	}
	i, err := a.find(role, name)
	if err == nil {
		if i.Current().State(now()) == "valid" {
			return Credentials{}, fmt.Errorf("%s %s: %w", role, name, ErrIssued)
		}
		return a.newKeyFor(i, r, expires)
	}
	i = &Issued{Role: role, Name: name, Account: a.register.Log, Scope: r.Scope}
	if !r.Trusted {
		if _, i.Account, err = fresh(nkeys.PrefixByteAccount); err != nil { // its seed never signs anything
			return Credentials{}, err
		}
	}
	a.register.Issued = append(a.register.Issued, i)
	return a.newKeyFor(i, r, expires)
}

// Rotate gives an identity a new key. The old ones stay good until they are revoked, so
// that nobody is locked out between the two.
func (a *Authority) Rotate(role rights.Role, name string, expires time.Time) (Credentials, error) {
	r, err := rights.Of(role, name)
	if err != nil {
		return Credentials{}, err
	}
	i, err := a.find(role, name)
	if err != nil {
		return Credentials{}, err
	}
	return a.newKeyFor(i, r, expires)
}

func (a *Authority) newKeyFor(i *Issued, r rights.Rights, expires time.Time) (Credentials, error) {
	user, public, err := fresh(nkeys.PrefixByteUser)
	if err != nil {
		return Credentials{}, err
	}
	defer user.Wipe()
	key := &Key{Public: public, Issued: now()}
	if !expires.IsZero() {
		until := expires.UTC().Truncate(time.Second)
		key.Expires = &until
	}
	i.Keys = append(i.Keys, key)
	statement, err := a.statement(r, public)
	if err != nil {
		return Credentials{}, err
	}
	file := a.CredsFile(i.Role, i.Name)
	if err := a.writeUser(userClaims(r, key), i.Account, user, file, statement); err != nil {
		return Credentials{}, err
	}
	if err := a.writeAccount(a.account(r, i.Account)); err != nil {
		return Credentials{}, err
	}
	return Credentials{i.Role, i.Name, public, r.Scope, file, key.Expires}, a.save()
}

// statement is the block of package identity for a key.
func (a *Authority) statement(r rights.Rights, public string) ([]byte, error) {
	var grant identity.Grant
	if r.Scope != "" {
		root, err := a.key(seedSigning, a.register.Signing)
		if err != nil {
			return nil, err
		}
		defer root.Wipe()
		if grant, err = identity.Issue(root, r.Scope, public); err != nil {
			return nil, err
		}
	}
	s := identity.State(r.Name, grant, a.Root())
	if !r.Trusted {
		s.API = rights.API
	}
	return s.Format()
}

// userClaims repeats the rights for the user, so that what is not allowed is said at once
// instead of vanishing at the border of the account.
func userClaims(r rights.Rights, key *Key) *jwt.UserClaims {
	c := jwt.NewUserClaims(key.Public)
	c.Name = accountName(r.Role, r.Name)
	for _, s := range append(r.Publish, r.Stream...) {
		if !r.Trusted {
			s = rights.Local(s)
		}
		c.Pub.Allow.Add(s)
	}
	c.Pub.Deny.Add(r.Forbidden...)
	c.Sub.Allow.Add("_INBOX.>")
	c.Sub.Allow.Add(r.Subscribe...)
	if key.Expires != nil {
		c.Expires = key.Expires.Unix()
	}
	return c
}

// writeUser signs a user of an account and writes its credentials.
func (a *Authority) writeUser(c *jwt.UserClaims, account string, user nkeys.KeyPair, file string, statement []byte) error {
	c.IssuerAccount = account
	key, err := a.key(seedUsers, a.register.Users)
	if err != nil {
		return err
	}
	defer key.Wipe()
	token, err := c.Encode(key)
	if err != nil {
		return fmt.Errorf("sign user %s: %w", c.Name, err)
	}
	seed, err := user.Seed()
	if err != nil {
		return errors.New("the new user has no seed")
	}
	creds, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		return fmt.Errorf("format credentials of %s", c.Name) // not the library's words: they could quote the seed
	}
	creds = append(creds, statement...)
	defer clear(creds)
	return write(file, creds)
}

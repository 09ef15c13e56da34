package authority

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"

	"fairlead.dev/pkg/rights"
)

// What one account outside the log's may hold open at once: an agent and its successor,
// with room for a few by mistake.
const (
	connections   = 8
	leafs         = 2
	subscriptions = 200
)

func (a *Authority) jwtFile(account string) string { return a.path("jwt", account+".jwt") }

// claims begins an account whose users the users' key signs.
func (a *Authority) claims(public, name string) *jwt.AccountClaims {
	c := jwt.NewAccountClaims(public)
	c.Name = name
	c.SigningKeys.Add(a.register.Users)
	return c
}

func (a *Authority) systemClaims() *jwt.AccountClaims {
	return a.claims(a.register.System, systemAccount)
}

// logClaims is the account that keeps the log. It offers what others may use of it; each
// one's own account says which part that is.
func (a *Authority) logClaims() *jwt.AccountClaims {
	c := a.claims(a.register.Log, logAccount)
	c.Limits.JetStreamLimits = jwt.JetStreamLimits{
		MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
		MaxAckPending: jwt.NoLimit, MemoryMaxStreamBytes: jwt.NoLimit, DiskMaxStreamBytes: jwt.NoLimit,
	}
	once, stream := rights.Exports()
	for _, s := range once {
		c.Exports.Add(&jwt.Export{Name: s, Subject: jwt.Subject(s), Type: jwt.Service, ResponseType: jwt.ResponseTypeSingleton})
	}
	for _, s := range stream {
		c.Exports.Add(&jwt.Export{Name: s, Subject: jwt.Subject(s), Type: jwt.Service, ResponseType: jwt.ResponseTypeStream})
	}
	return c
}

// edgeClaims is the account of one identity outside the log's: its rights as imports.
func (a *Authority) edgeClaims(r rights.Rights, public string) *jwt.AccountClaims {
	c := a.claims(public, accountName(r.Role, r.Name))
	c.Limits.Conn, c.Limits.LeafNodeConn, c.Limits.Subs = connections, leafs, subscriptions
	for _, s := range append(r.Publish, r.Stream...) {
		i := &jwt.Import{Name: s, Subject: jwt.Subject(s), Account: a.register.Log, Type: jwt.Service}
		if local := rights.Local(s); local != s {
			i.LocalSubject = jwt.RenamingSubject(local)
		}
		c.Imports.Add(i)
	}
	return c
}

func accountName(role rights.Role, name string) string { return string(role) + "-" + name }

// account is the claims of an identity's account with every key that was revoked in it.
func (a *Authority) account(r rights.Rights, public string) *jwt.AccountClaims {
	c := a.logClaims()
	if !r.Trusted {
		c = a.edgeClaims(r, public)
	}
	for _, i := range a.register.Issued {
		if i.Account != c.Subject {
			continue
		}
		for _, k := range i.Keys {
			if k.Revoked != nil {
				c.RevokeAt(k.Public, *k.Revoked)
			}
		}
	}
	return c
}

// writeAccount signs an account and keeps its JWT for Push.
func (a *Authority) writeAccount(c *jwt.AccountClaims) error {
	results := jwt.CreateValidationResults()
	if c.Validate(results); results.IsBlocking(true) {
		return fmt.Errorf("account %s: %w", c.Name, results.Errors()[0])
	}
	key, err := a.key(seedSigning, a.register.Signing)
	if err != nil {
		return err
	}
	defer key.Wipe()
	token, err := c.Encode(key)
	if err != nil {
		return fmt.Errorf("sign account %s: %w", c.Name, err)
	}
	return write(a.jwtFile(c.Name), []byte(token+"\n"))
}

func (a *Authority) readJWT(name string) (string, error) {
	raw, err := os.ReadFile(a.jwtFile(name))
	if err != nil {
		return "", fmt.Errorf("read the JWT of %s: %w", name, err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// now is the time that JWTs know: whole seconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

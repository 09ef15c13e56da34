package authority

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
)

// The names of the two accounts that every federation has.
const (
	logAccount    = "federation"
	systemAccount = "system"
)

// Init makes an authority in a folder that has none: operator, accounts of the log and of
// the server itself, the server's configuration, and credentials of the server's
// administrator, of placement and of one operator by name.
func Init(dir, name, operator string) (*Authority, error) {
	if err := errors.Join(event.CheckName(name), event.CheckName(operator)); err != nil {
		return nil, err
	}
	a := &Authority{dir: dir, register: register{Name: name}}
	if _, err := os.Stat(a.path(registerFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s", ErrExists, dir)
	}
	if err := a.found(); err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	for role, name := range map[rights.Role]string{rights.Placement: "placement", rights.Operator: operator} {
		if _, err := a.Issue(role, name, time.Time{}); err != nil {
			return nil, err
		}
	}
	return a, a.writeServer()
}

// found makes the keys and what they sign for the server.
func (a *Authority) found() error {
	r := &a.register
	operator, public, err := a.newKey(seedOperator, nkeys.PrefixByteOperator)
	if err != nil {
		return err
	}
	r.Operator = public
	for _, k := range []struct {
		name   string
		prefix nkeys.PrefixByte
		to     *string
	}{{seedSigning, nkeys.PrefixByteOperator, &r.Signing}, {seedUsers, nkeys.PrefixByteAccount, &r.Users}} {
		if _, *k.to, err = a.newKey(k.name, k.prefix); err != nil {
			return err
		}
	}
	for _, account := range []*string{&r.System, &r.Log} { // their own seeds never sign anything, so nobody keeps them
		if _, *account, err = fresh(nkeys.PrefixByteAccount); err != nil {
			return err
		}
	}
	if err := a.writeOperator(operator); err != nil {
		return err
	}
	if err := a.writeAccount(a.systemClaims()); err != nil {
		return err
	}
	if err := a.writeAccount(a.logClaims()); err != nil {
		return err
	}
	return a.writeSystemUser()
}

func (a *Authority) writeOperator(key nkeys.KeyPair) error {
	c := jwt.NewOperatorClaims(a.register.Operator)
	c.Name = a.register.Name
	c.SystemAccount = a.register.System
	c.StrictSigningKeyUsage = true // so that the operator's own seed may lie in a safe
	c.SigningKeys.Add(a.register.Signing)
	token, err := c.Encode(key)
	if err != nil {
		return fmt.Errorf("sign operator: %w", err)
	}
	return write(a.jwtFile("operator"), []byte(token+"\n"))
}

// writeSystemUser makes the credentials with which accounts are told to the server.
func (a *Authority) writeSystemUser() error {
	user, public, err := fresh(nkeys.PrefixByteUser)
	if err != nil {
		return err
	}
	c := jwt.NewUserClaims(public)
	c.Name = "system"
	c.Pub.Allow.Add("$SYS.REQ.CLAIMS.>", "$SYS.REQ.ACCOUNT.*.CLAIMS.>")
	c.Sub.Allow.Add("_INBOX.>")
	return a.writeUser(c, a.register.System, user, a.CredsFile("", systemAccount), nil)
}

package authority

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/rights"
)

// SystemCreds is the file of credentials that Push connects with.
func (a *Authority) SystemCreds() string { return a.CredsFile("", systemAccount) }

// Push tells a server the accounts of these identities, all of them when none is given,
// over a connection with the system's credentials. Telling again changes nothing.
func (a *Authority) Push(ctx context.Context, nc *nats.Conn, of ...*Issued) error {
	if len(of) == 0 {
		of = a.register.Issued
	}
	told := map[string]bool{}
	for _, i := range of {
		name := accountName(i.Role, i.Name)
		if i.Account == a.register.Log {
			name = logAccount
		}
		if told[name] {
			continue
		}
		told[name] = true
		if err := a.pushOne(ctx, nc, name); err != nil {
			return fmt.Errorf("tell the server of account %s: %w", name, err)
		}
	}
	return nil
}

const pushAgain = 200 * time.Millisecond

func (a *Authority) pushOne(ctx context.Context, nc *nats.Conn, name string) error {
	token, err := a.readJWT(name)
	if err != nil {
		return err
	}
	for {
		answer, err := nc.RequestWithContext(ctx, "$SYS.REQ.CLAIMS.UPDATE", []byte(token))
		if errors.Is(err, nats.ErrNoResponders) { // a server that has just begun
			select {
			case <-time.After(pushAgain):
				continue
			case <-ctx.Done():
				return errors.New("no server keeps accounts: is its configuration the one of `fairlead auth init`?")
			}
		}
		if err != nil {
			return err
		}
		return accepted(answer.Data)
	}
}

func accepted(answer []byte) error {
	var a struct {
		Data  struct{ Code int }
		Error struct{ Description string }
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if a.Data.Code != 200 {
		return fmt.Errorf("the server refuses it: %s", a.Error.Description)
	}
	return nil
}

// Find gives one identity.
func (a *Authority) Find(role rights.Role, name string) (*Issued, error) { return a.find(role, name) }

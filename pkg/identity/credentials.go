package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/nats-io/nkeys"
)

// Statement is what stands in a credentials file besides the user's JWT and seed, which
// every NATS client reads: the grant, and whom to trust.
type Statement struct {
	Name  string   `json:"name"`  // of the identity, for people
	Scope Scope    `json:"scope"` // of its grant; empty for one that only reads
	Grant string   `json:"grant,omitempty"`
	Trust []string `json:"trust"` // public keys of the authorities
	// API is the prefix of JetStream's requests in the identity's account, where it is
	// not JetStream's own.
	API string `json:"api,omitempty"`
}

// Identity is what a process knows of itself and of those it hears.
type Identity struct {
	Name   string
	Signer *Signer // nil for one that only reads, or where nothing is signed
	Trust  *Trust  // nil where nothing is signed
	API    string  // prefix of JetStream's requests; empty for JetStream's own
}

const (
	begin = "-----BEGIN FAIRLEAD IDENTITY-----"
	end   = "------END FAIRLEAD IDENTITY------"
)

var block = regexp.MustCompile(begin + `\r?\n([\w\-]+)\r?\n` + end)

// Format gives the block to append to a credentials file.
func (s Statement) Format() ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode identity: %w", err)
	}
	return fmt.Appendf(nil, "\n%s\n%s\n%s\n", begin, encoding.EncodeToString(raw), end), nil
}

// State makes the statement of a grant; the zero grant is that of a reader.
func State(name string, g Grant, trust ...string) Statement {
	s := Statement{Name: name, Scope: g.Scope, Trust: trust}
	if g.Signer != "" {
		s.Grant = g.header()
	}
	return s
}

// Load reads the identity in a credentials file. A file that only NATS knows gives the
// zero Identity: its user signs nothing. No error quotes what is in the file.
func Load(file string) (Identity, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Identity{}, fmt.Errorf("read credentials: %w", err)
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o007 != 0 { // the group may: mounted secrets are shared so
		return Identity{}, fmt.Errorf("read credentials: %s may be read by others (mode %o): chmod 600 it", file, info.Mode().Perm())
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return Identity{}, fmt.Errorf("read credentials: %w", err)
	}
	defer clear(raw)
	id, err := parse(raw)
	if err != nil {
		return Identity{}, fmt.Errorf("read credentials %s: %w", file, err)
	}
	return id, nil
}

func parse(raw []byte) (Identity, error) {
	found := block.FindSubmatch(raw)
	if found == nil {
		if bytes.Contains(raw, []byte(begin)) {
			return Identity{}, errors.New("the identity block is damaged")
		}
		return Identity{}, nil
	}
	text, err := encoding.DecodeString(string(found[1]))
	if err != nil {
		return Identity{}, errors.New("the identity block is not base64url")
	}
	var s Statement
	if err := json.Unmarshal(text, &s); err != nil {
		return Identity{}, errors.New("the identity block is not JSON")
	}
	return s.identity(raw)
}

func (s Statement) identity(raw []byte) (Identity, error) {
	trust, err := NewTrust(s.Trust...)
	if err != nil || s.Grant == "" {
		return Identity{Name: s.Name, Trust: trust, API: s.API}, err
	}
	key, err := nkeys.ParseDecoratedUserNKey(raw)
	if err != nil {
		return Identity{}, errors.New("there is no seed in it")
	}
	defer key.Wipe()
	seed, err := key.Seed()
	if err != nil {
		return Identity{}, errors.New("there is no seed in it")
	}
	defer clear(seed)
	public, err := key.PublicKey()
	if err != nil {
		return Identity{}, errors.New("the seed has no public key")
	}
	grant, err := parseGrant(public, s.Grant)
	if err != nil {
		return Identity{}, err
	}
	signer, err := NewSigner(seed, grant)
	if err != nil {
		return Identity{}, err
	}
	if _, _, err := trust.granted(public, s.Grant); err != nil {
		return Identity{}, err
	}
	return Identity{s.Name, signer, trust, s.API}, nil
}

package authority

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/nats-io/nkeys"
)

// The seeds in the folder, by what they do.
const (
	seedOperator = "operator" // signed the operator's own JWT; may be moved away after Init
	seedSigning  = "signing"
	seedUsers    = "users"
)

func (a *Authority) seedFile(name string) string { return a.path("seeds", name+".nk") }

// newKey makes a key and keeps its seed.
func (a *Authority) newKey(name string, prefix nkeys.PrefixByte) (nkeys.KeyPair, string, error) {
	key, public, err := fresh(prefix)
	if err != nil {
		return nil, "", err
	}
	seed, err := key.Seed()
	if err != nil {
		return nil, "", errors.New("the new key has no seed")
	}
	text := append(bytes.Clone(seed), '\n') // the seed is the pair's own
	defer clear(text)
	return key, public, write(a.seedFile(name), text)
}

// fresh makes a key that is kept nowhere.
func fresh(prefix nkeys.PrefixByte) (nkeys.KeyPair, string, error) {
	key, err := nkeys.CreatePair(prefix)
	if err != nil {
		return nil, "", fmt.Errorf("make a key: %w", err)
	}
	public, err := key.PublicKey()
	return key, public, err
}

// key reads a seed of the folder. No error quotes it.
func (a *Authority) key(name, public string) (nkeys.KeyPair, error) {
	raw, err := os.ReadFile(a.seedFile(name))
	if err != nil {
		return nil, fmt.Errorf("read the %s seed: %w", name, err)
	}
	defer clear(raw)
	key, err := nkeys.ParseDecoratedNKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%s holds no seed", a.seedFile(name))
	}
	if found, err := key.PublicKey(); err != nil || found != public {
		return nil, fmt.Errorf("%s is not the seed of this authority", a.seedFile(name))
	}
	return key, nil
}

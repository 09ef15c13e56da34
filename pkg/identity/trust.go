package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"fairlead.dev/pkg/event"
)

// Trust is the authorities whose grants count. It is safe for concurrent use.
type Trust struct {
	roots []nkeys.KeyPair
	// known are grants that were found good, with the key they are for. Nobody but an
	// authority can add to it, so it is as large as the number of keys ever issued.
	known sync.Map // grantKey → nkeys.KeyPair
}

type grantKey struct{ signer, header string }

// NewTrust trusts the grants of these public operator keys (O…), at least one.
func NewTrust(roots ...string) (*Trust, error) {
	if len(roots) == 0 {
		return nil, errors.New("no authority to trust")
	}
	t := new(Trust)
	for _, root := range roots {
		key, err := nkeys.FromPublicKey(root)
		if err != nil || !nkeys.IsValidPublicOperatorKey(root) {
			return nil, errors.New("what is to be trusted is not the public key (O…) of an authority") // nor quoted: it might be a seed
		}
		t.roots = append(t.roots, key)
	}
	return t, nil
}

// Roots are the public keys of the authorities, sorted; none of a nil Trust.
func (t *Trust) Roots() []string {
	if t == nil {
		return nil
	}
	var all []string
	for _, root := range t.roots {
		if key, err := root.PublicKey(); err == nil { // always, of what NewTrust took
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}

// Check says whether e, which was read from this message, was signed by a key that may
// speak as its source, and whether its source may publish such an event at all. The error
// is an *event.Invalid. A nil Trust accepts everything: the unsigned mode of `fairlead dev`.
func (t *Trust) Check(e event.Event, subject string, h nats.Header, body []byte) error {
	if t == nil {
		return nil
	}
	if why := misplaced(e); why != "" {
		return &event.Invalid{Reason: event.WrongSource, Detail: why}
	}
	signer, grant, signature, ok := read(h)
	if !ok {
		return &event.Invalid{Reason: event.Unsigned, Detail: "no signature, or not exactly one, from " + e.Source}
	}
	key, scope, err := t.granted(signer, grant)
	if err != nil {
		return &event.Invalid{Reason: event.WrongSigner, Detail: err.Error()}
	}
	if !scope.Covers(e.Source) {
		return &event.Invalid{Reason: event.WrongSigner, Detail: fmt.Sprintf("the key of %s speaks as %s", scope, e.Source)}
	}
	raw, err := encoding.DecodeString(signature)
	if err != nil || key.Verify(Signed(subject, h, body), raw) != nil {
		return &event.Invalid{Reason: event.BadSignature, Detail: "the signature of " + string(scope) + " is not over this message"}
	}
	return nil
}

func read(h nats.Header) (signer, grant, signature string, ok bool) {
	s, g, x := h[HeaderSigner], h[HeaderGrant], h[HeaderSignature]
	if len(s) != 1 || len(g) != 1 || len(x) != 1 {
		return "", "", "", false
	}
	return s[0], g[0], x[0], true
}

// granted gives the key of a grant that one of the authorities made.
func (t *Trust) granted(signer, header string) (nkeys.KeyPair, Scope, error) {
	grant, err := parseGrant(signer, header)
	if err != nil {
		return nil, "", err
	}
	if key, ok := t.known.Load(grantKey{signer, header}); ok {
		return key.(nkeys.KeyPair), grant.Scope, nil
	}
	key, err := nkeys.FromPublicKey(signer)
	if err != nil || !nkeys.IsValidPublicUserKey(signer) {
		return nil, "", errors.New("the signer is not the public key of a user")
	}
	for _, root := range t.roots {
		if root.Verify(granted(grant.Scope, signer), grant.Seal) == nil {
			t.known.Store(grantKey{signer, header}, key)
			return key, grant.Scope, nil
		}
	}
	return nil, "", fmt.Errorf("no trusted authority granted %s to %s", grant.Scope, signer)
}

// misplaced says why an event may not come from its source, or not at its place. Decode
// has compared source and data already, but lets a source that claims nothing pass.
func misplaced(e event.Event) string {
	row, _ := event.Lookup(e.Type())
	if !speaksFor(row.By, e.Source) {
		return fmt.Sprintf("%s comes from %s, not from %s", row.Name, row.By, e.Source)
	}
	if at := e.Extensions["sequence"]; row.Stream == event.Placements && e.At.Sequence > 0 && at != "" {
		return fmt.Sprintf("a copy: the record says that it stands at %s", strings.TrimLeft(at, "0"))
	}
	return ""
}

// speaksFor says whether a source is of the kind that the catalog names.
func speaksFor(by, source string) bool {
	kind, _, _ := strings.Cut(strings.TrimPrefix(source, "/"), "/")
	switch by {
	case "service":
		return kind == "tenants" || kind == "operators"
	case "operator":
		return kind == "operators"
	case "agent":
		return kind == "clusters"
	case "agent or operator":
		return kind == "clusters" || kind == "operators"
	case "placement":
		return kind == "placement"
	}
	return false
}

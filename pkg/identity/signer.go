package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// Signer signs messages with the key of one process. It is safe for concurrent use.
type Signer struct {
	key    ed25519.PrivateKey // expanded once; an nkeys pair does so at each signature
	public string
	grant  Grant
	header string
	secret []byte // of the ids
}

// NewSigner makes a signer of a seed and the grant for its key. The seed may be wiped
// afterwards.
func NewSigner(seed []byte, g Grant) (*Signer, error) {
	_, raw, err := nkeys.DecodeSeed(seed)
	if err != nil {
		return nil, errors.New("the seed cannot be read") // never the library's words: they could quote it
	}
	defer clear(raw)
	key := ed25519.NewKeyFromSeed(raw)
	public, err := nkeys.Encode(nkeys.PrefixByteUser, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, errors.New("the seed has no public key")
	}
	if string(public) != g.Signer {
		return nil, fmt.Errorf("the grant is for key %s, the seed is of %s", g.Signer, public)
	}
	return &Signer{key, g.Signer, g, g.header(), keyed(raw, "fairlead.id.v1")}, nil
}

// Scope is where the signer may speak.
func (s *Signer) Scope() Scope { return s.grant.Scope }

// Public is the signer's public key.
func (s *Signer) Public() string { return s.public }

// ID gives the id under which the store drops a second copy of a message. Where messages
// are signed nobody else can tell it beforehand: the store compares ids over a whole
// stream, and an id that can be guessed can be taken first, so that the genuine event
// would be dropped as its copy.
func (s *Signer) ID(source, id string) string {
	if s == nil {
		return source + "#" + id
	}
	return encoding.EncodeToString(keyed(s.secret, source+"#"+id)[:18])
}

func keyed(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Sign puts signer, grant and signature into the headers of m. The same message is given
// the same signature. A nil signer signs nothing: the unsigned mode of `fairlead dev`.
func (s *Signer) Sign(m *nats.Msg) {
	if s == nil {
		return
	}
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	signature := ed25519.Sign(s.key, Signed(m.Subject, m.Header, m.Data))
	m.Header[HeaderSigner] = []string{s.public}
	m.Header[HeaderGrant] = []string{s.header}
	m.Header[HeaderSignature] = []string{encoding.EncodeToString(signature)}
}

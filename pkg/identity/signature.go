package identity

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
)

// The headers of a signed message. They are beside the event, not in it: whoever stores
// or forwards the message keeps them without understanding them, and any language that
// has Ed25519 can write and check them without taking JSON apart.
const (
	HeaderSigner    = "Fairlead-Signer"    // public nkey (U…) of the publisher
	HeaderGrant     = "Fairlead-Grant"     // scope, space, signature of the authority
	HeaderSignature = "Fairlead-Signature" // Ed25519 over what Signed gives, base64url
)

// Room is more than the three headers take on the wire, in bytes.
const Room = 512

const signaturePrefix = "fairlead.signature.v1\n"

// encoding is strict: the same bytes have one form, as far as the decoder goes. It passes
// over line ends, which parseGrant does not.
var encoding = base64.RawURLEncoding.Strict()

// Signed gives the bytes that a signature is over: a prefix, the subject, the headers that
// speak of the event (content-type and ce-…, in lower case, sorted) a line each, an empty
// line, and the body. Headers of the transport may be added and changed on the way.
func Signed(subject string, h nats.Header, body []byte) []byte {
	var names []string
	for name := range h {
		if speaks(name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	b := make([]byte, 0, len(signaturePrefix)+len(subject)+64*len(names)+len(body))
	b = append(append(append(b, signaturePrefix...), subject...), '\n')
	for _, name := range names {
		for _, value := range h[name] {
			b = append(append(b, strings.ToLower(name)...), ':')
			b = append(append(b, value...), '\n')
		}
	}
	return append(append(b, '\n'), body...)
}

func speaks(header string) bool {
	return len(header) > 3 && strings.EqualFold(header[:3], "ce-") || strings.EqualFold(header, "content-type")
}

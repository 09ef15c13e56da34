package backup

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// signing gives what is done with each message on its way back: nothing, or a signature
// in place of the one that it had. What was not believed where the backup was taken is
// left as it is, and is not believed here either; what was believed there and would not
// be here is an error.
func (m Manifest) signing(o RestoreOptions) (func(string, entry) (entry, error), error) {
	if o.Signer == nil {
		return func(_ string, e entry) (entry, error) { return e, nil }, nil
	}
	var before *identity.Trust
	var err error
	if len(m.Trust) > 0 {
		if before, err = identity.NewTrust(m.Trust...); err != nil {
			return nil, damaged("the authority that it was signed under cannot be read: %v", err)
		}
	}
	after, err := identity.NewTrust(o.Trust...)
	if err != nil {
		return nil, err
	}
	return func(name string, e entry) (entry, error) {
		if !slices.Contains(event.Streams(), event.Stream(name)) {
			return e, nil
		}
		return resigned(name, e, before, after, o.Signer)
	}, nil
}

func resigned(name string, e entry, before, after *identity.Trust, signer func(string) (*identity.Signer, error)) (entry, error) {
	r := e.message()
	said, err := r.event(name)
	if err != nil || before.Check(said, r.Subject, r.Header, r.Data) != nil {
		return e, nil
	}
	s, err := signer(said.Source)
	if err != nil {
		return e, fmt.Errorf("record %d of %s cannot be signed as %s: %w", e.Sequence, name, said.Source, err)
	}
	for _, h := range []string{identity.HeaderSigner, identity.HeaderGrant, identity.HeaderSignature} {
		r.Header.Del(h)
	}
	s.Sign(r.Msg)
	if err := after.Check(said, r.Subject, r.Header, r.Data); err != nil {
		return e, fmt.Errorf("record %d of %s was believed where it was written and would not be here: %w", e.Sequence, name, err)
	}
	head := encodeHeader(r.Header)
	e.data = slices.Concat(head, r.Data)
	e.HeaderSize, e.PayloadSize = int64(len(head)), int64(len(r.Data))
	return e, nil
}

// encodeHeader writes headers as they lie in a stream.
func encodeHeader(h nats.Header) []byte {
	var b bytes.Buffer
	b.WriteString("NATS/1.0\r\n")
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

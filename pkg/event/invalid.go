package event

import "fmt"

// The reasons of Invalid: few, so that they can label a metric.
const (
	NotAnEvent   = "not-an-event"  // neither mode of CloudEvents
	BadEnvelope  = "bad-envelope"  // a CloudEvent by its looks, with wrong attributes
	UnknownType  = "unknown-type"  // a CloudEvent of a type that is not in the catalog
	BadData      = "bad-data"      // data that is not JSON, not of the type, or not valid
	WrongSubject = "wrong-subject" // a subject that says something else than the data
	WrongSource  = "wrong-source"  // a source that may not publish this event
	TooLarge     = "too-large"     // larger than MaxSize

	// Of package identity, for what is read as an event and cannot be trusted:
	Unsigned     = "unsigned"      // no signature, where every event must have one
	WrongSigner  = "wrong-signer"  // signed by a key that may not speak as the source
	BadSignature = "bad-signature" // the signature is not over this message

	// Of the placement service, for what it does not even read:
	TooMany = "too-many" // more than is heard of one publisher
)

// Invalid is the error of Encode and Decode: what cannot be an event of the
// contract, and why.
type Invalid struct {
	Reason string // one of the constants above
	Detail string // for people, at most 1 KiB
}

// Error gives reason and detail.
func (i *Invalid) Error() string { return i.Reason + ": " + i.Detail }

// maxDetail bounds what a hostile publisher can have written into dead letters.
const maxDetail = 1024

func invalid(reason, format string, args ...any) *Invalid {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	return &Invalid{Reason: reason, Detail: detail}
}

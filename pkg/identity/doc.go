// Package identity is who says an event: the signature that every event carries outside
// `fairlead dev`, and the check of its source against the signer.
//
// An event is signed by the nkey that its publisher also connects with. Beside the
// signature it carries a grant: the word of the federation's authority that this key may
// speak as this source. So the verdict about a message depends on the message and on the
// authority's public key alone, never on a clock, on other events or on their order: a
// rebuild comes to the same verdict as the leader did (ADR 15). Taking a key back is for
// the server's door, which lets nothing more in.
//
// The package must never log, print or wrap a seed into an error, and never read a clock.
//
// Begin reading at signature.go (which bytes are signed), then grant.go, trust.go and
// credentials.go (the file in which a process finds all of it).
package identity

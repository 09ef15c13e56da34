// Package event is the vocabulary of Fairlead and its codec: the types of every
// event, the names in them, the subjects they travel on, and CloudEvents 1.0
// over NATS messages in both content modes.
//
// The types (types.gen.go), how they are written (write.gen.go) and the registry
// (catalog.gen.go) are generated from the schemas folder. What is written by hand is
// the envelope (encode.go, decode.go, binary.go, structured.go, and ordinary.go for
// what needs no escaping), the subjects (subjects.go) and a Validate method per
// payload (validate*.go).
//
// Decode accepts nothing that it cannot vouch for: the message must be a
// CloudEvent of a known type, its data must be valid, and its subject and source
// must say the same as the data. Everything else is an *Invalid with one of a few
// reasons; it goes to the dead letters and is never dropped in silence. Members of
// the data that this version does not know are ignored, so that a newer publisher
// can add one; the JSON Schema, which foreign input meets at the door, does not
// know them either and refuses them.
//
// The package must never read a clock, draw a random number or open a connection,
// and must not validate with JSON Schema: that is package event/schema, for the
// door. The same event encodes to the same bytes.
//
// Begin reading at Event in event.go, then Decode.
package event

// Package schemas holds the contract: catalog.yaml lists every event, one JSON
// Schema each says what its data looks like, and asyncapi.yaml, which is generated,
// says the same to other languages' tools. Everything here is files; the package
// only embeds them.
//
// The schemas keep to what JSON Schema draft-07 and 2020-12 share. They are closed
// for writers: a member they do not know is refused at the door. Readers of the log
// (package event) ignore such members, so that a type can grow: a compatible change
// adds an optional member and keeps the version; nothing is removed and nothing
// becomes required.
//
// Fixtures in fixtures/<type>/ are examples of data, for tests in any language. What
// is in valid/ passes schema and code; invalid/ fails both, named after the fault,
// but for the faults named door-…, which only the schema can see; unsound/ passes the
// schema and is refused by code. Fixtures stay for ever: what was valid stays valid.
//
// The package must never depend on more than the standard library. Begin reading at
// catalog.yaml, then workload/submitted/v1.json.
package schemas

//go:generate env GOWORK=off go -C internal/generate run .

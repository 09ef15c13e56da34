// Package security tries what must be refused: with real credentials of a real authority
// against a real server over TLS, every identity reaches for what is another's. Each
// attempt is a row of a table with what it tried and how it ended; `make security-test`
// prints it. What the server lets through, because it does not check reply subjects, must
// be recognised by whoever reads it.
//
// Nothing here stands in for anything: the server, the log, the agent's and placement's
// readers are the real ones.
//
// Begin reading at attempts_test.go.
package security

// Package foreign proves the contract with clients that share no code with it: the
// CloudEvents SDK for Go with its own NATS binding, and the SDKs of CloudEvents and
// NATS for JavaScript. Each reads what Fairlead writes and writes what Fairlead
// reads, over a real server.
//
// The JavaScript tests need node and npm, and the network once to install what
// js/package-lock.json pins; they have the build tag foreign and run with
// make test-foreign. Without node they fail, they are not passed over.
//
// Begin reading at published in events_test.go.
package foreign

// Package rights is who may say and hear what, as data: for each role the subjects that
// it needs, derived from the scheme of package event and the channels of package stream,
// and nothing beyond.
//
// The log's account holds only those who may do anything to it: placement and operators.
// Everybody else lives in an account without JetStream, one per cluster, tenant and
// integration, and reaches these subjects as imports (ADR 16). That is not tidiness: a
// reply subject is not checked by the server, and within one account an agent that may
// pull its own commands can have the server's empty "no messages" answer delivered to
// $JS.API.STREAM.DELETE.PLACEMENTS, which obeys it. Across an account's border a reply
// comes back to the account that asked, and reaches there what it may reach anyway.
//
// The package must never connect, hold a key or know a file. Names are checked before
// they become part of a subject.
//
// Begin reading at Of.
package rights

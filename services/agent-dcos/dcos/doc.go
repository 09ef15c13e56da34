// Package dcos is the way to a DC/OS cluster's HTTP APIs: one client with time limits, the token that
// the cluster's access control wants, and errors that keep what the server said.
//
// A token is asked for once, kept until shortly before it expires, and asked for again when the server
// answers 401. A request that is refused with the new token as well is refused.
//
// The package must never write a token, a key or a password into an error or a log, and never follow
// a redirect with a token to another host.
//
// Begin reading with Client, then Account.
package dcos

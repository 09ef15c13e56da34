// Package marathon is a small client of Marathon's REST API: what an agent needs, and no more.
//
// Why our own: github.com/gambol99/go-marathon, the client that there is, had its last release (v0.7.1,
// Apache-2.0) in February 2017, before Marathon 1.5 changed the shape of containers and networks, and
// knows neither the reasons of the launch queue nor contexts. It is a judge of ours in test/dcos
// instead: it must understand the double that the agent is tested with.
//
// Types hold what the agent reads. What it writes it makes whole, as package manifest builds it, so no
// field is lost on the way for not being known here.
//
// Two facts of Marathon shape all of the agent, and are easily missed:
//
//   - There is no compare-and-swap. What a write has overwritten is found in the versions that
//     Marathon keeps of every app.
//   - A version is the time at which a request came in, not its place in the queue of writes: of two
//     requests at once either may have the higher one.
//
// The package must never retry and never decide: answers other than success are *dcos.Refused.
//
// Begin reading with Client.
package marathon

// Package double plays a DC/OS cluster in a test: Marathon's REST API and event stream, Mesos' v1
// operator API and event stream, and the login, by their documented protocol. It is no DC/OS, and what
// passes against it has not passed against one.
//
// What it takes from the documents and the public sources of Marathon 1.11 and Mesos 1.11, because the agent
// depends on it:
//
//   - every write is a change of the root group, done one after the other; an app that changed gets the
//     version of the write, which is the time at which the request came in, before the queue (here no two
//     writes share one, as two of one millisecond would);
//   - a changed label is another app and replaces every task, a changed number of instances does not;
//   - a deployment locks the apps that it changes, a write to them is 409 with its ids, force halts it;
//   - POST looks for what exists before its write waits in the queue: two at once may both succeed;
//   - versions of an app are kept until the app is removed, and of the root for longer;
//   - an instance without a fitting offer waits in the queue, with the funnel of reasons by which offers
//     were declined; after a failure it waits for its delay;
//   - event streams have no numbers, and tell nothing of what was before them.
//
// Clients that others wrote are its judges: go-marathon and mesos-go drive it in the tests beside it.
//
// Faults are asked for, never random: answers with a status, requests that hang, answers that are lost
// after the write, streams that are cut or fall silent, tokens that expire, locks that do not end.
//
// The package must never know the agent. Begin reading with Start, then root.go (writes), scheduler.go
// (tasks); faults.go is what tests provoke.
package double

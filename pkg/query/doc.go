// Package query asks the placement service what it knows, by request and reply over
// NATS: clusters, workloads, why a workload is where it is, and what would become of
// one that is not submitted yet.
//
// Answers come from the folded state, between two batches of decisions; each says
// which state that was and how old its newest fact is. Nothing here decides, changes
// or remembers anything, and nothing reads the log: what is not in the state has to be
// read from the streams.
//
// The subjects name the tenant, so that rights can be written on them:
//
//	fairlead.query.fleet.clusters | workloads | quotas | prices | scores | policy | status
//	fairlead.query.tenant.<tenant>.workloads | workload | explain | whynot | plan
//
// Requests and answers are JSON, described in question.go; lists come in pages under
// the server's message limit. The service is found with `nats micro`, as
// fairlead-placement.
//
// Begin reading at question.go, then reply.go (pure), serve.go and client.go.
package query

// Package telemetry holds the processes to what they say of themselves: a workload is
// one trace from the command line to its status, the log alone tells the same story by
// causation, and every process answers for its health and its metrics.
//
// It must never look into a service: what it sees is what an operator's tools see.
// Begin reading at chain_test.go.
package telemetry

// Package streamtest is the contract of the log as tests: Run holds a log to it.
// stream.Memory passes it in package stream, stream.Log against a real server in
// module test.
//
// The suite must not know which log it holds, and must not sleep. Begin reading
// at Run in suite.go; to add to the contract, add a scenario to its table.
package streamtest

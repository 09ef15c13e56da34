// Package dcos holds the tests of the DC/OS agent: against package double, which plays Marathon, Mesos
// and the login, since no DC/OS can be had here. Clients that others wrote, go-marathon and mesos-go, drive
// the double as well, so that what it says of the protocol is not our word alone. The agent has never run
// against a real DC/OS.
//
// The package must never sleep: it waits for conditions. Begin with contract_test.go.
package dcos

// Package placement holds the tests of the placement service against a real broker:
// killed, deposed, rolled back and flooded. The step function has its own tests beside
// it; what only a server and a process can show is here.
//
// Begin reading at fleet_test.go, which holds the broker and the scripted agents.
package placement

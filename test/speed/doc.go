// Command bench measures the placement service against the broker it runs on, in one
// run and with the same server settings (sync always): how many messages a second the
// service records while it decides over a flood of submissions, and how many the same
// broker takes raw, as atomic batches of 1000 of the very same messages.
//
//	go run ./bench -workloads 20000 -clusters 32
//
// The flood lies in INTENTS before the service starts, so that publishers do not
// count; rates are taken from the times at which the broker stored the records.
// Begin reading at main.go.
package main

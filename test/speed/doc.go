// Command speed measures goals 6 to 8 of the design: how fast the core decides as fleets
// grow, what part of the broker's own speed the whole service reaches, whether what is
// decided fast is as good as a scan of every cluster, and what a large federation weighs
// in memory. It ends with a line for each goal that says met or not met.
//
//	go run ./speed                      all of it, within four minutes
//	go run ./speed -part broker         the service against the broker alone
//	go run ./speed -part core -sizes 10,10000 -seconds 60
//
// The core is measured on a fleet that answers: simulated clusters pin each replica to
// the node shape that was debited and report after every few commands (fleet.go). The
// broker is measured in rounds: a flood that lies in INTENTS is decided and recorded by
// the service, then the very same messages are appended raw to a broker with the same
// settings (sync always), and so on in turn, so that both see the same machine.
//
// Begin reading at main.go.
package main

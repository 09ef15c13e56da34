// Package connection finds the server that a command talks to and connects to it.
// The order is fixed: the flag, FAIRLEAD_SERVER, the context given by name, the
// running "fairlead dev", and else an error that says how. A context selected in
// the nats tool is never used by itself, so a command cannot reach a real fleet by
// accident.
//
// It reads people's files and never writes them; the running-dev file belongs to
// "fairlead dev". Begin with Resolve.
package connection

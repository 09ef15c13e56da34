// Package workfile reads workloads as people write them: one or more YAML or
// JSON documents per file, with amounts such as "500m" and "4GiB". It checks them
// against the JSON Schema of dev.fairlead.workload.submitted.v1 and reports every
// fault with its file, line and field at once.
//
// It never guesses: what the schema does not know is a fault, an amount that is
// not exact is a fault, and nothing but the tenant is filled in. It talks to no
// server.
//
// Begin with Read, then tree.go (YAML to values with positions), amounts.go and
// check.go.
package workfile

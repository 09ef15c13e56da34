// Command chaos runs a federation of real processes and does to it what production does:
// three NATS servers with three copies of the log, placement with standbys, an agent per
// cluster, somebody who submits; and kill -9, pauses, partitions, slow lines and full
// disks from a seeded schedule. At the end everything is mended, and what the log and the
// clusters hold is held against the laws (package laws). It fails if one was broken.
//
// The servers are nats-server, built from the module that go.mod pins, each a process of
// its own; placement is the binary that users install. Agents and the submitter are this
// program in another role (agent.go, submitter.go): the runtime and the publishing are
// those of the services. Only the clusters are simulated: they live in this process, where
// they outlive their agents and can be read, and answer their agents over loopback.
//
// Every connection between two processes goes over a line that can be cut or silenced
// (package line): network namespaces would need root, and could not make half a link deaf.
// A full disk is a small file system of its own, which does need root and is skipped, aloud,
// where it cannot be mounted.
//
// It must never mend what it finds, nor wait instead of the services.
//
// Begin reading at run.go; then stage.go, fault.go and its faults, verdict.go.
package main

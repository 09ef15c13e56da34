// Package adapter is what every agent's program shares around its [agent.Orchestrator]: the settings
// and flags that do not depend on the orchestrator, the way to the log, and an orderly end.
//
// A new agent embeds [Config] in its own, adds its flags, and calls [Run] with a function that opens
// its cluster; [Part] makes it a part of a process. services/agent-kubernetes and
// services/agent-swarm are the models.
//
// The package must never know an orchestrator. Begin reading with Run.
package adapter

// Package swarm tests the Swarm agent against a real swarm of three nodes.
package swarm

// Package doctor examines a federation and says for each part whether it is as it
// should be: the server, JetStream, the streams, whether they reach back to the
// checkpoints, placement, agents, dead letters and the clock. It changes nothing.
//
// Begin with Examine.
package doctor

// Command conformance asks Fairlead what other federations' own tests ask of them, as a
// black box: each case becomes events (agents say hello and report, people set policies
// and submit workloads, time passes), and what is looked at are the recorded decisions
// and the explanations that everybody can read.
//
//	conformance -cases DIR      every *.json there, and those in testdata
//
// A case is neutral: clusters, a request, what is expected (case.go). One that Fairlead
// meets otherwise on purpose stands in otherwise.txt with the reason; such a line that is
// not needed any more fails, as does a case that neither holds nor stands there. At most
// one case in ten may stand there. Cases of level component ask for a function that no
// user can reach; they are counted and passed over.
//
// The command never looks into the core's state and never adjusts what is expected: where
// a case speaks a vocabulary of its own, policy.go and shapes.go translate it, and say how.
//
// Begin with main.go, then run.go: which outcome is asked for by what. federation.go is
// placement without a broker, agent.go the clusters.
package main

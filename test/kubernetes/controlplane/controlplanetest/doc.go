// Package controlplanetest starts Kubernetes clusters for tests: it stops them when the test ends,
// shows the end of their logs when it fails, and says what to do when the binary is missing.
//
//	c := controlplanetest.Start(t, controlplane.Config{Full: true, Nodes: controlplane.Nodes("n", 10, controlplane.Node{})})
//
// Tests of one package that need no cluster of their own share one and take a namespace each:
//
//	var shared = controlplanetest.Shared{Config: controlplane.Config{Name: "agent"}}
//
//	func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
//
//	func TestApply(t *testing.T) {
//		c := shared.Cluster(t)
//		namespace := controlplanetest.Namespace(t, c)
//		…
//	}
//
// It must never hide a missing binary where CI=true. Begin reading with Start.
package controlplanetest

// Command controlplane is a whole Kubernetes control plane in one file: its first argument says
// which component this process is, and the rest is that component's own command line.
//
//	controlplane etcd --data-dir=…
//	controlplane kube-apiserver --etcd-servers=…
//
// One binary instead of five: the components share most of their code, so one link and one download
// serve them all, and the tests have one path to look for. Package controlplane starts it.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		refuse("no component named")
	}
	name, args := os.Args[1], os.Args[2:]
	run, ok := components[name]
	if !ok {
		refuse(fmt.Sprintf("no component %q", name))
	}
	// Components print os.Args[0] in their usage and derive defaults from it.
	os.Args = append([]string{name}, args...)
	endWithParent()
	os.Exit(run(args))
}

// refuse ends the process with the code that flag packages use for a wrong command line.
func refuse(why string) {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(os.Stderr, "controlplane: %s\nusage: controlplane %s [flags]\n", why, strings.Join(names, "|"))
	os.Exit(2)
}

package daemon

import (
	"runtime"
	"runtime/debug"
)

// Version is stamped by the build (-ldflags "-X fairlead.dev/pkg/daemon.Version=…") with
// what git says of the tree; "devel" without git.
var Version = "devel"

// Build says what the running binary was made from.
type Build struct {
	Version  string `json:"version"`  // Version as stamped
	Go       string `json:"go"`       // the toolchain, for example go1.26.8
	Platform string `json:"platform"` // linux/amd64
	Revision string `json:"revision,omitempty"`
}

// BuildInfo reads the stamp and what the toolchain recorded. Revision is the commit,
// when the toolchain was allowed to record it.
func BuildInfo() Build {
	b := Build{Version: Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}

package fairlead

import "github.com/spf13/cobra"

func newRun(s *Session) *cobra.Command { return parent("run", "Run one service of the federation.") }

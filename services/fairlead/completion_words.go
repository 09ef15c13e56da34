package fairlead

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/connection"
	"fairlead.dev/services/fairlead/output"
	"fairlead.dev/services/fairlead/planfile"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completionTime bounds everything a completion asks for: a person waits for the key.
const completionTime = 700 * time.Millisecond

// word is one of the words in capitals that stand for a value in usage lines and in
// the help of flags.
var word = regexp.MustCompile(`\b[A-Z][A-Z.a-z]*\b(\.\.\.)?`)

// completeWords teaches a tree of commands to complete arguments and flags by the
// word that stands for the value in their help.
func completeWords(s *Session, c *cobra.Command) {
	values := s.values()
	complete := func(f *pflag.Flag) {
		name, _ := pflag.UnquoteUsage(f)
		if list := values[name]; list != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, list) // fails for a flag that completes already
		}
	}
	c.Flags().VisitAll(complete)
	c.PersistentFlags().VisitAll(complete)
	if words := word.FindAllString(c.Use, -1); len(words) > 0 {
		c.ValidArgsFunction = arguable(words, values)
	}
	for _, child := range c.Commands() {
		completeWords(s, child)
	}
}

// arguable completes the argument under the cursor; only the last word of a usage
// line, with dots, may stand for several.
func arguable(words []string, values map[string]cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		last, more := strings.CutSuffix(words[len(words)-1], "...")
		name := last
		if len(args) < len(words)-1 {
			name = words[len(args)]
		}
		list := values[name]
		if list == nil || len(args) >= len(words) && !more && name != "FILE" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		found, directive := list(c, args, begun)
		return slices.DeleteFunc(found, func(one cobra.Completion) bool {
			value, _, _ := strings.Cut(one, "\t")
			return slices.Contains(args, value)
		}), directive
	}
}

// values gives what may stand for each word.
func (s *Session) values() map[string]cobra.CompletionFunc {
	var types []cobra.Completion
	for _, row := range event.Catalog() {
		types = append(types, row.Name)
	}
	return map[string]cobra.CompletionFunc{
		"CLUSTER":       s.asked(clusterNames),
		"WORKLOAD":      s.asked(s.workloadNames),
		"TENANT":        s.asked(tenantNames),
		"DECISION":      s.asked(decisionNames),
		"PLAN":          s.planNames,
		"TYPE":          cobra.FixedCompletions(append(types, "workload", "policy"), cobra.ShellCompDirectiveNoFileComp),
		"PATTERN":       cobra.FixedCompletions(types, cobra.ShellCompDirectiveNoFileComp),
		"STREAM":        fixed("intents", "status", "capacity", "placements"),
		"FORMAT":        fixed(string(output.Table), string(output.Wide), string(output.JSON), string(output.YAML)),
		"PHASE":         fixed(strings.Fields(strings.NewReplacer(",", "", " or ", " ").Replace(phaseList))...),
		"GOAL":          fixed(string(goalReady), string(goalDecided), string(goalGone)),
		"LEVEL":         fixed("debug", "info", "warn", "error"),
		"level":         fixed("debug", "info", "warn", "error"),
		"NAME":          s.contextNames,
		"ROLE":          fixed(roleNames()...),
		"IDENTITY":      s.issuedNames,
		"FILE":          cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
		"EVENTS.ndjson": cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
		"DIR":           cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs),
	}
}

func fixed(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

func (s *Session) contextNames(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, _, _ := connection.Contexts(s.Getenv) // a completion has nowhere to complain
	var names []cobra.Completion
	for _, c := range all {
		names = append(names, cobra.CompletionWithDesc(c.Name, c.URL))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// asked completes with what placement knows. Whatever fails, nothing is offered and
// nothing said: the person finds out with the command itself.
func (s *Session) asked(names func(context.Context, *query.Client) []cobra.Completion) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(c.Context(), completionTime)
		defer cancel()
		target, err := connection.Resolve(s.flags, s.Getenv)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		nc, err := connection.Connect(ctx, target, "fairlead completion")
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer nc.Close()
		all := names(ctx, query.New(nc))
		return slices.DeleteFunc(all, func(one cobra.Completion) bool { return !strings.HasPrefix(one, begun) }), cobra.ShellCompDirectiveNoFileComp
	}
}

func clusterNames(ctx context.Context, ask *query.Client) []cobra.Completion {
	clusters, _, _ := ask.Clusters(ctx)
	var names []cobra.Completion
	for _, c := range clusters {
		names = append(names, cobra.CompletionWithDesc(string(c.Cluster), strings.TrimSpace(c.Orchestrator+" "+string(c.State))))
	}
	return names
}

// workloadNames gives TENANT/NAME, and NAME alone where the tenant is said.
func (s *Session) workloadNames(ctx context.Context, ask *query.Client) []cobra.Completion {
	tenant := event.Tenant(s.tenantName())
	workloads, _, _ := ask.Workloads(ctx, tenant)
	var names []cobra.Completion
	for _, w := range workloads {
		name := w.Spec.ID().String()
		if tenant != "" {
			name = string(w.Spec.Name)
		}
		names = append(names, cobra.CompletionWithDesc(name, string(w.Phase)))
	}
	return names
}

// decisionNames gives the decisions that stand, the newest first.
func decisionNames(ctx context.Context, ask *query.Client) []cobra.Completion {
	workloads, _, _ := ask.Workloads(ctx, "")
	slices.SortFunc(workloads, func(a, b scheduler.WorkloadView) int { return cmp.Compare(b.Decision, a.Decision) })
	var names []cobra.Completion
	for _, w := range workloads {
		if w.Decision > 0 {
			names = append(names, cobra.CompletionWithDesc(decisionID(w.Decision), w.Spec.ID().String()+" "+string(w.Verdict)))
		}
	}
	return names
}

// planNames gives the plans that are kept here, and files.
func (s *Session) planNames(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, p := range planfile.Kept(s.plansFolder()) {
		if strings.HasPrefix(p.ID, begun) {
			names = append(names, cobra.CompletionWithDesc(p.ID, p.About()))
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

func tenantNames(ctx context.Context, ask *query.Client) []cobra.Completion {
	workloads, _, _ := ask.Workloads(ctx, "")
	var names []cobra.Completion
	for _, w := range workloads {
		names = append(names, string(w.Spec.Tenant))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

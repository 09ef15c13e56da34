package condition

import (
	"cmp"
	"errors"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// withheld are functions of the strings extension whose result can be longer than what
// they were given: repeated, they would take memory faster than the cost limit counts.
var withheld = map[string]bool{"replace": true, "join": true, "format": true, "strings.quote": true}

// offered refuses the parts of CEL that are not for us.
type offered struct{}

// Name is that of the validator.
func (offered) Name() string { return "fairlead.validate.offered" }

// Validate looks at every part of the expression.
func (offered) Validate(_ *cel.Env, _ cel.ValidatorConfig, tree *ast.AST, issues *cel.Issues) {
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if reason := refused(e, tree.GetType(e.ID())); reason != "" {
			issues.ReportErrorAtID(e.ID(), "%s", reason)
		}
	}))
}

// refused says why a part is not offered; empty when it is.
func refused(e ast.Expr, t *types.Type) string {
	switch t.Kind() {
	case types.DoubleKind:
		return "numbers are whole: there are no floats"
	case types.TimestampKind, types.DurationKind:
		return "there is no time in an expression"
	}
	switch e.Kind() {
	case ast.MapKind, ast.StructKind:
		return "an expression builds no maps and no messages"
	case ast.CallKind:
		if name := e.AsCall().FunctionName(); withheld[name] {
			return fmt.Sprintf("the function %s is not offered", name)
		}
	}
	return ""
}

// patterns refuses regular expressions that are computed, which nobody could bound
// before a cluster is seen, and long ones.
func patterns(tree *cel.Ast) error {
	var bad error
	ast.PreOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != overloads.Matches {
			return
		}
		args := e.AsCall().Args()
		pattern, ok := types.String(""), len(args) > 0 && args[len(args)-1].Kind() == ast.LiteralKind
		if ok {
			pattern, ok = args[len(args)-1].AsLiteral().(types.String)
		}
		switch {
		case !ok:
			bad = cmp.Or(bad, errors.New("matches takes a pattern that is written out"))
		case len(pattern) > longestPattern:
			bad = cmp.Or(bad, fmt.Errorf("a pattern has at most %d bytes, not %d", longestPattern, len(pattern)))
		}
	}))
	return bad
}

// affordable refuses an expression whose least cost is already too much.
func affordable(env *cel.Env, tree *cel.Ast) error {
	estimate, err := env.EstimateCost(tree, unknown{})
	if err != nil {
		return fmt.Errorf("estimate the cost of the expression: %w", err)
	}
	if estimate.Min > CostLimit {
		return fmt.Errorf("the expression %w: at least %d", ErrCost, estimate.Min)
	}
	return nil
}

// unknown leaves the sizes of variables open: only what stands in the expression itself
// is certain before a cluster is seen.
type unknown struct{}

// EstimateSize knows nothing.
func (unknown) EstimateSize(cost.AstNode) *cost.SizeEstimate { return nil }

// EstimateCallCost leaves each function to CEL's own model.
func (unknown) EstimateCallCost(_, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	return nil
}

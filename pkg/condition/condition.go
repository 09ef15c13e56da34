package condition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
	"cel.dev/cel-go/interpreter"
)

const (
	// MaxLength is the longest expression, in bytes.
	MaxLength = 2048
	// CostLimit is the most steps that one answer may take, in the units of CEL's cost
	// model: about one per operation, and one per ten bytes of text that is walked.
	CostLimit = 1000
	// deepest is how far an expression nests.
	deepest = 50
	// longestPattern bounds a regular expression as written, in bytes, largestPattern
	// as compiled, in instructions: (a{1000}){9} is short and slow.
	longestPattern, largestPattern = 128, 500
)

// ErrCost is wrapped by what Compile and Met return for an expression that takes more
// than CostLimit steps.
var ErrCost = fmt.Errorf("takes more than %d steps", CostLimit)

// Program is a compiled expression. It may be used by several goroutines.
type Program struct {
	source  string
	asks    []string // variables, in order
	program cel.Program
}

// Source is the expression as written.
func (p *Program) Source() string { return p.source }

// Asks reports whether the expression asks for a variable whose name begins so, for
// example "cluster.free." for what changes without a report.
func (p *Program) Asks(prefix string) bool {
	return slices.ContainsFunc(p.asks, func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// environment is what every expression is compiled in.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(),
		ext.Strings(ext.StringsVersion(5)),
		ext.Sets(),
		cel.ParserRecursionLimit(deepest),
		cel.ParserExpressionSizeLimit(MaxLength),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateRegexProgramSizeLimit(largestPattern), offered{}),
	}
	return cel.NewCustomEnv(append(append(options, variables()...), functions()...)...)
})

// Compile checks an expression and prepares it. The error says what is wrong with it
// and where, for the person who wrote it.
func Compile(source string) (*Program, error) {
	if len(source) > MaxLength {
		return nil, fmt.Errorf("the expression has %d bytes; at most %d", len(source), MaxLength)
	}
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("prepare CEL: %w", err)
	}
	ast, err := check(env, source)
	if err != nil {
		return nil, fmt.Errorf("compile the expression: %w", err)
	}
	if got := ast.OutputType(); !got.IsExactType(types.BoolType) {
		return nil, fmt.Errorf("the expression is a %s, not true or false", got)
	}
	if err := affordable(env, ast); err != nil {
		return nil, err
	}
	program, err := env.Program(ast, cel.CostLimit(CostLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("compile the expression: %w", err)
	}
	return &Program{source: source, asks: variablesOf(ast), program: program}, nil
}

// check parses an expression and finds its types. Patterns are looked at in between:
// finding types compiles them.
func check(env *cel.Env, source string) (*cel.Ast, error) {
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return nil, firstIssue(issues)
	}
	if err := patterns(parsed); err != nil {
		return nil, err
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, firstIssue(issues)
	}
	return checked, nil
}

// Met reports whether a cluster meets the expression. The error is the reason why that
// cannot be said: a key that is not there, a text that is no version, a cost beyond
// CostLimit. It is the same for equal facts.
func (p *Program) Met(f *Facts) (bool, error) {
	value, _, err := p.program.Eval(activation{facts: f})
	var cancelled interpreter.EvalCancelledError
	switch {
	case errors.As(err, &cancelled):
		return false, fmt.Errorf("the expression %w", ErrCost)
	case err != nil:
		return false, err
	}
	met, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("the expression is a %s, not true or false", value.Type())
	}
	return met, nil
}

// variablesOf names the variables of an expression, those that it binds itself left out.
func variablesOf(tree *cel.Ast) []string {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(tree.NativeRep().ReferenceMap())) {
		if name := tree.NativeRep().ReferenceMap()[id].Name; strings.HasPrefix(name, "cluster.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// firstIssue is the first thing that is wrong, in one line: the rest usually follows
// from it.
func firstIssue(issues *cel.Issues) error {
	first := issues.Errors()[0]
	message := strings.ReplaceAll(first.Message, "\n", " ")
	if first.Location.Column() < 0 { // of all of it
		return errors.New(message)
	}
	return fmt.Errorf("column %d: %s", first.Location.Column()+1, message)
}

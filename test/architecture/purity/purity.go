package purity

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Imports are the packages that a pure package may import: all that the core needed so
// far. A new one is added here when it neither acts nor reads anything of the world.
var Imports = map[string]bool{
	"bytes": true, "cmp": true, "container/heap": true, "crypto/sha256": true, "encoding/binary": true,
	"encoding/hex": true, "encoding/json": true, "errors": true, "fmt": true, "hash/fnv": true,
	"hash/maphash": false, // seeded at random
	"iter":         true, "maps": true, "math": true, "math/bits": true, "slices": true, "sort": true,
	"strconv": true, "strings": true, "time": true, "unicode": true, "unicode/utf8": true,
	"fairlead.dev/pkg/condition":            true, // held to the same rules, its imports aside
	"fairlead.dev/pkg/event":                true,
	"fairlead.dev/pkg/pack":                 true, // held to the same rules, as are the next two
	"fairlead.dev/pkg/room":                 true,
	"fairlead.dev/pkg/steering":             true,
	"github.com/go-json-experiment/json":    true,
	"github.com/go-json-experiment/json/v1": true,
}

// clock are the functions of package time that read or wait for the clock.
var clock = map[string]bool{
	"Now": true, "Since": true, "Until": true, "After": true, "AfterFunc": true,
	"Sleep": true, "Tick": true, "NewTimer": true, "NewTicker": true,
}

// Analyzer reports every impure construct of a package, tests aside.
var Analyzer = &analysis.Analyzer{
	Name:     "purity",
	Doc:      "finds clocks, randomness, goroutines, I/O, map order and floats in the pure core",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for cursor := range in.Root().Preorder() {
		if why := impure(pass, cursor); why != "" && !isTest(pass, cursor.Node()) {
			pass.Reportf(cursor.Node().Pos(), "%s", why)
		}
	}
	return nil, nil
}

func isTest(pass *analysis.Pass, n ast.Node) bool {
	return strings.HasSuffix(pass.Fset.Position(n.Pos()).Filename, "_test.go")
}

// impure says what is wrong with a node, "" for nothing.
func impure(pass *analysis.Pass, at inspector.Cursor) string {
	switch n := at.Node().(type) {
	case *ast.ImportSpec:
		return badImport(n)
	case *ast.GoStmt:
		return "a goroutine"
	case *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
		return "a channel"
	case *ast.RangeStmt:
		return badRange(pass, n)
	case *ast.CallExpr:
		return badCall(pass, at, n)
	case *ast.Ident:
		return badIdent(pass, n)
	case *ast.BasicLit:
		return badLiteral(pass, n)
	}
	return ""
}

func badImport(n *ast.ImportSpec) string {
	path, err := strconv.Unquote(n.Path.Value)
	if err != nil || !Imports[path] {
		return "import of " + path + ", which is not on the core's list"
	}
	return ""
}

func badRange(pass *analysis.Pass, n *ast.RangeStmt) string {
	switch pass.TypesInfo.TypeOf(n.X).Underlying().(type) {
	case *types.Map:
		return "range over a map: its order is not the input's"
	case *types.Chan:
		return "a channel"
	}
	return ""
}

func badCall(pass *analysis.Pass, at inspector.Cursor, n *ast.CallExpr) string {
	callee := typeutil.Callee(pass.TypesInfo, n)
	if callee == nil || callee.Pkg() == nil {
		return ""
	}
	path, name := callee.Pkg().Path(), callee.Name()
	switch {
	case path == "time" && clock[name] && !isMethod(callee):
		return "the clock: time." + name
	case path == "fmt" && (strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan")):
		return "input or output: fmt." + name
	case path == "maps" && (name == "Keys" || name == "Values" || name == "All") && !sorted(pass, at):
		return "maps." + name + " outside slices.Sorted: its order is not the input's"
	}
	if signature, ok := callee.Type().(*types.Signature); ok && returnsFloat(signature) {
		return "a float, from " + callee.Name()
	}
	return ""
}

func isMethod(o types.Object) bool {
	f, ok := o.(*types.Func)
	return ok && f.Signature().Recv() != nil
}

// sorted reports whether a call is an argument of one of the slices.Sorted functions.
func sorted(pass *analysis.Pass, at inspector.Cursor) bool {
	outer, ok := at.Parent().Node().(*ast.CallExpr)
	if !ok {
		return false
	}
	callee := typeutil.Callee(pass.TypesInfo, outer)
	return callee != nil && callee.Pkg() != nil && callee.Pkg().Path() == "slices" && strings.HasPrefix(callee.Name(), "Sorted")
}

// badIdent finds variables, fields, results and conversions of a float type.
func badIdent(pass *analysis.Pass, n *ast.Ident) string {
	switch o := pass.TypesInfo.ObjectOf(n).(type) {
	case *types.Var, *types.TypeName:
		return badFloat(o.Type())
	}
	return ""
}

// badLiteral lets 1e9 pass where it is an integer in all but spelling.
func badLiteral(pass *analysis.Pass, n *ast.BasicLit) string {
	value := pass.TypesInfo.Types[n]
	if value.Value != nil && constant.ToInt(value.Value).Kind() == constant.Int && isUntyped(value.Type) {
		return ""
	}
	return badFloat(value.Type)
}

func isUntyped(t types.Type) bool {
	basic, ok := t.(*types.Basic)
	return ok && basic.Info()&types.IsUntyped != 0
}

func returnsFloat(s *types.Signature) bool {
	for v := range s.Results().Variables() {
		if badFloat(v.Type()) != "" {
			return true
		}
	}
	return false
}

func badFloat(t types.Type) string {
	if t == nil {
		return ""
	}
	basic, ok := t.Underlying().(*types.Basic)
	if !ok || basic.Info()&(types.IsFloat|types.IsComplex) == 0 {
		return ""
	}
	return "a float"
}

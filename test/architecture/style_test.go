package architecture_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// The measures. They are where a review would stop anyway; aims are lower (CONTRIBUTING.md).
const (
	longestFunction = 60 // lines, from func to the closing brace
	longestFile     = 400
	longestMain     = 40
)

// saysNothing are names of packages that tell a reader nothing of what is in them.
var saysNothing = []string{"base", "common", "core", "helper", "helpers", "manager", "misc", "shared", "util", "utils"}

// TestStyle measures every file that people wrote.
func TestStyle(t *testing.T) {
	found := map[string][]string{}
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if s.generated() {
			continue
		}
		for rule, where := range offences(s) {
			found[rule] = append(found[rule], where...)
		}
		documented[s.folder()] = documented[s.folder()] || s.file.Doc != nil
	}
	for folder, ok := range documented {
		if !ok {
			found["packages without a doc comment"] = append(found["packages without a doc comment"], folder)
		}
	}
	for rule, where := range found {
		slices.Sort(where)
		report(t, rule, where)
	}
}

// offences gives what one file breaks, by rule.
func offences(s source) map[string][]string {
	found := map[string][]string{}
	add := func(rule string, at token.Pos, what string) {
		found[rule] = append(found[rule], fmt.Sprintf("%s:%d %s", s.path, s.line(at), what))
	}
	if slices.Contains(saysNothing, s.file.Name.Name) || slices.Contains(saysNothing, path.Base(s.folder())) {
		add("packages whose name says nothing", s.file.Package, s.file.Name.Name)
	}
	if s.isTest() {
		testOffences(s, add)
		return found
	}
	if n := s.lines(); n > longestFile {
		add(fmt.Sprintf("files over %d lines", longestFile), s.file.Package, fmt.Sprint(n))
	} else if path.Base(s.path) == "main.go" && strings.HasPrefix(s.path, "services/") && n > longestMain {
		add(fmt.Sprintf("main.go over %d lines: main only connects", longestMain), s.file.Package, fmt.Sprint(n))
	}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := s.line(f.End()) - s.line(f.Pos()) + 1; n > longestFunction {
			add(fmt.Sprintf("functions over %d lines", longestFunction), f.Pos(), fmt.Sprintf("%s: %d", f.Name.Name, n))
		}
	}
	return found
}

// testOffences finds tests that wait for time to pass instead of for what they test. In
// a bubble of testing/synctest time is not the world's: there a sleep is exact and free.
func testOffences(s source, add func(string, token.Pos, string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		switch {
		case ok && calls(call, "synctest", "Test"):
			return false
		case ok && calls(call, "time", "Sleep"):
			add("tests that sleep", n.Pos(), "time.Sleep")
		}
		return true
	})
}

func calls(call *ast.CallExpr, pkg, name string) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := f.X.(*ast.Ident)
	return ok && of.Name == pkg && f.Sel.Name == name
}

// TestOffences breaks every rule of one file once.
func TestOffences(t *testing.T) {
	long := "func f() {" + strings.Repeat("\n", longestFunction) + "}\n"
	for rule, tc := range map[string]struct{ path, text string }{
		"functions over 60 lines":                   {"a/a.go", "package a\n" + long},
		"files over 400 lines":                      {"a/a.go", "package a\n" + strings.Repeat("//\n", longestFile)},
		"main.go over 40 lines: main only connects": {"services/a/cmd/a/main.go", "package main\n" + strings.Repeat("//\n", longestMain)},
		"packages whose name says nothing":          {"a/util/a.go", "package a\n"},
		"tests that sleep":                          {"a/a_test.go", "package a\nimport \"time\"\nfunc f() { time.Sleep(1); synctest.Test(nil, func() { time.Sleep(2) }) }\n"},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, tc.path, tc.text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := offences(source{path: tc.path, fset: fset, file: file}); len(got) != 1 || len(got[rule]) != 1 {
			t.Errorf("%s: found %v", rule, got)
		}
	}
}

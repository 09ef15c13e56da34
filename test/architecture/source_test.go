package architecture_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// root is the project's folder, seen from this one.
const root = "../.."

// source is one Go file of the project, in whatever module.
type source struct {
	path string // from the root, with slashes
	fset *token.FileSet
	file *ast.File
}

func (s source) isTest() bool    { return strings.HasSuffix(s.path, "_test.go") }
func (s source) folder() string  { return path.Dir(s.path) }
func (s source) generated() bool { return ast.IsGenerated(s.file) }
func (s source) line(p token.Pos) int {
	return s.fset.Position(p).Line
}

// lines is the length of the file.
func (s source) lines() int { return s.fset.File(s.file.FileStart).LineCount() }

// sources parses every Go file under the root, but for what Go itself leaves out:
// testdata and folders that begin with a dot or an underscore.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipped(d.Name(), p)
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		all = append(all, source{path: filepath.ToSlash(name), fset: fset, file: file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d Go files under %s: looking in the wrong place", len(all), root)
	}
	return all
}

func skipped(name, p string) error {
	if p != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
		return fs.SkipDir
	}
	return nil
}

// listed asks `go list` about every package of the workspace, a line for each.
func listed(t *testing.T, format string, flags ...string) []string {
	t.Helper()
	args := append([]string{"list", "-f", format}, flags...)
	list := exec.CommandContext(t.Context(), "go", append(args, "work")...)
	list.Dir = root
	var complaint strings.Builder
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// report fails the test with the list of offenders.
func report(t *testing.T, rule string, offenders []string) {
	t.Helper()
	if len(offenders) > 0 {
		t.Errorf("%s:\n\t%s", rule, strings.Join(offenders, "\n\t"))
	}
}

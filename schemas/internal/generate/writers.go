package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"text/template"
)

// renderWriters gives write.gen.go of package event: for every type of types.gen.go a
// method that writes it as JSON, to the bytes that the JSON library gives, without
// reflection. It reads the rendered types, so that the two cannot differ.
func renderWriters(types []byte) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "types.gen.go", types, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("writers: %w", err)
	}
	m := newModel(file)
	all, err := m.objects()
	if err != nil {
		return nil, fmt.Errorf("writers: %w", err)
	}
	var b bytes.Buffer
	if err := writers.Execute(&b, all); err != nil {
		return nil, fmt.Errorf("writers: %w", err)
	}
	return format.Source(b.Bytes())
}

// model is the types by name, structs in their order.
type model struct {
	structs map[string]*ast.StructType
	order   []string
}

func newModel(file *ast.File) model {
	m := model{structs: map[string]*ast.StructType{}}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			named := spec.(*ast.TypeSpec)
			if s, ok := named.Type.(*ast.StructType); ok {
				m.structs[named.Name.Name] = s
				m.order = append(m.order, named.Name.Name)
			}
		}
	}
	return m
}

// object is one struct with its members.
type object struct {
	Name    string
	Members []member
}

// member is one field: the statement that writes it, and the condition on which it is
// written; "" for always.
type member struct {
	Write, If string
}

func (m model) objects() ([]object, error) {
	var all []object
	for _, name := range m.order {
		o := object{Name: name}
		for _, f := range m.structs[name].Fields.List {
			one, err := m.member(f)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", name, f.Names[0].Name, err)
			}
			o.Members = append(o.Members, one)
		}
		all = append(all, o)
	}
	return all, nil
}

// member finds how a field is written. Fields are left out where they are zero or empty,
// or never: the generator of the types knows nothing else.
func (m model) member(f *ast.Field) (member, error) {
	key, optional, err := keyOf(f)
	if err != nil {
		return member{}, err
	}
	field := "p." + f.Names[0].Name
	switch t := f.Type.(type) {
	case *ast.Ident:
		return m.plain(t.Name, key, field, optional)
	case *ast.StarExpr:
		if !optional {
			return member{}, fmt.Errorf("a pointer that is required")
		}
		return member{Write: dropEmpty(key, field), If: field + " != nil"}, nil
	case *ast.ArrayType:
		return ifAny(m.list(t, key, field), field, optional), nil
	case *ast.MapType:
		write, err := mapOf(t, key, field)
		return ifAny(write, field, optional), err
	}
	return member{}, fmt.Errorf("a %T", f.Type)
}

func keyOf(f *ast.Field) (key string, optional bool, err error) {
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", false, err
	}
	name, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	if options != "" && options != "omitempty,omitzero" {
		return "", false, fmt.Errorf("options %q", options)
	}
	return "`\"" + name + "\":`", options != "", nil
}

// plain is a field of a named or basic type.
func (m model) plain(typ, key, field string, optional bool) (member, error) {
	if s, ok := m.structs[typ]; ok {
		if !optional {
			return member{Write: fmt.Sprintf("w.name(%s)\n%s.write(w)", key, field)}, nil
		}
		if !m.emptyWhenZero(s) {
			return member{}, fmt.Errorf("%s has members that are always written: it cannot be optional by value", typ)
		}
		return member{Write: dropEmpty(key, field)}, nil
	}
	write, notZero := "text", ` != ""`
	switch typ {
	case "int", "int64":
		write, field, notZero = "int", "int64("+field+")", " != 0"
	case "uint64":
		write, notZero = "uint", " != 0"
	case "bool":
		write, notZero = "bool", ""
	default:
		field = "string(" + field + ")"
	}
	one := member{Write: fmt.Sprintf("w.%s(%s, %s)", write, key, field)}
	if optional {
		one.If = field + notZero
	}
	return one, nil
}

// emptyWhenZero says that the zero value is written as {}, which an optional member drops.
func (m model) emptyWhenZero(s *ast.StructType) bool {
	for _, f := range s.Fields.List {
		if _, optional, err := keyOf(f); err != nil || !optional {
			return false
		}
	}
	return true
}

func dropEmpty(key, field string) string {
	return fmt.Sprintf("w.optional(%s, %s.write)", key, field)
}

func ifAny(write, field string, optional bool) member {
	if optional {
		return member{Write: write, If: "len(" + field + ") > 0"}
	}
	return member{Write: write}
}

func (m model) list(t *ast.ArrayType, key, field string) string {
	element := t.Elt.(*ast.Ident).Name
	switch {
	case m.structs[element] != nil:
		return fmt.Sprintf("writeList(w, %s, %s, (*%s).write)", key, field, element)
	case element == "int":
		return fmt.Sprintf("writeInts(w, %s, %s)", key, field)
	case element == "uint64":
		return fmt.Sprintf("writeUints(w, %s, %s)", key, field)
	}
	return fmt.Sprintf("writeTexts(w, %s, %s)", key, field)
}

func mapOf(t *ast.MapType, key, field string) (string, error) {
	switch v := t.Value.(type) {
	case *ast.Ident:
		value := map[string]string{"string": "quote", "int64": "number"}[v.Name]
		if value == "" {
			return "", fmt.Errorf("a map of %s", v.Name)
		}
		return fmt.Sprintf("writeMap(w, %s, %s, (*writer).%s)", key, field, value), nil
	case *ast.SelectorExpr:
		return fmt.Sprintf("writeMap(w, %s, %s, (*writer).raw)", key, field), nil
	}
	return "", fmt.Errorf("a map of %T", t.Value)
}

var writers = template.Must(template.New("writers").Parse(
	`// Code generated from schemas/, DO NOT EDIT.

package event
{{range .}}
func (p *{{.Name}}) write(w *writer) {
	w.open('{')
{{- range .Members}}
{{- if .If}}
	if {{.If}} {
		{{.Write}}
	}
{{- else}}
	{{.Write}}
{{- end}}
{{- end}}
	w.close('}')
}
{{end}}`))

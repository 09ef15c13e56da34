package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	schemas := flag.String("schemas", "../..", "folder of the schemas")
	code := flag.String("event", "../../../pkg/event", "folder of package event")
	check := flag.Bool("check", false, "write nothing; fail where a generated file differs")
	flag.Parse()
	act := write
	if *check {
		act = compare
	}
	if err := run(*schemas, *code, act); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run renders every generated file and hands each to act.
func run(schemas, code string, act func(path string, content []byte) error) error {
	c, err := readCatalog(schemas)
	if err != nil {
		return err
	}
	types, err := renderTypes(schemas)
	if err != nil {
		return err
	}
	writers, err := renderWriters(types)
	if err != nil {
		return err
	}
	registry, err := renderRegistry(c)
	if err != nil {
		return err
	}
	api, err := renderAsyncAPI(c)
	if err != nil {
		return err
	}
	return errors.Join(
		act(filepath.Join(code, "types.gen.go"), types),
		act(filepath.Join(code, "write.gen.go"), writers),
		act(filepath.Join(code, "catalog.gen.go"), registry),
		act(filepath.Join(schemas, "asyncapi.yaml"), api),
	)
}

func write(path string, content []byte) error {
	return os.WriteFile(path, content, 0o644)
}

func compare(path string, content []byte) error {
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, content) {
		return fmt.Errorf("%s is not what the schemas give: run make schemas", path)
	}
	return nil
}

package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(start(os.Args[1:], os.Stdout, os.Stderr))
}

// start runs the command: 0 all is as it should be, 1 it is not, 2 it was asked wrongly.
func start(args []string, out, talk io.Writer) int {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(talk)
	dir := flags.String("cases", "", "`folder` of cases, besides our own")
	own := flags.String("own", "test/conformance/testdata", "`folder` of our own cases")
	verbose := flags.Bool("v", false, "tell of every case")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *dir == "" {
		fmt.Fprintln(talk, "conformance: say where the cases are: -cases DIR")
		return 2
	}
	var results []result
	for _, folder := range []string{*own, *dir} {
		cases, err := load(folder)
		if err != nil {
			fmt.Fprintf(talk, "conformance: read cases: %v\n", err)
			return 2
		}
		results = append(results, runAll(cases)...)
	}
	return report(out, results, *verbose)
}

// Command task is what runs in the containers of the tests: it waits for its end, or ends at once.
package main

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// task waits for a signal; task exit N ends with that code.
func main() {
	if len(os.Args) == 3 && os.Args[1] == "exit" {
		code, err := strconv.Atoi(os.Args[2])
		if err != nil {
			code = 2
		}
		os.Exit(code)
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, os.Interrupt)
	<-end
}

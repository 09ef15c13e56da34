package controlplane

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// BinaryVariable names the environment variable that says where the binary is.
const BinaryVariable = "FAIRLEAD_CONTROLPLANE"

// ErrNotBuilt says that there is no binary and how to make one.
var ErrNotBuilt = errors.New("the Kubernetes control plane is not built: run `make kubernetes-controlplane` (about 7 minutes, once)")

// Find returns the absolute path of the control plane binary: what BinaryVariable says, or
// .build/controlplane in the working directory or a folder above it. Without one it is ErrNotBuilt.
func Find() (string, error) {
	if named := os.Getenv(BinaryVariable); named != "" {
		if !isFile(named) {
			return "", fmt.Errorf("%s names %s, which is no file: %w", BinaryVariable, named, ErrNotBuilt)
		}
		return filepath.Abs(named)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("look for the control plane: %w", err)
	}
	for {
		if candidate := filepath.Join(dir, ".build", "controlplane"); isFile(candidate) {
			return candidate, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", ErrNotBuilt
		}
		dir = above
	}
}

// isFile follows links; a link to a binary since removed is none.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

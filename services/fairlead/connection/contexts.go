package connection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fairlead.dev/services/fairlead/exit"
	"github.com/synadia-io/orbit.go/natscontext"
)

// Context is what people may see of a context of the nats tool: where it leads
// and what kind of identity it has, never the secret.
type Context struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url"`
	Identity    string `json:"identity"` // creds, nkey, user, token, certificate or none
	File        string `json:"file"`
	creds       string // file of credentials, if it names one
	secret      bool   // it has any identity
}

// Contexts lists the readable contexts by name, and the names of those that
// cannot be read.
func Contexts(getenv func(string) string) (all []Context, broken []string, err error) {
	files, err := filepath.Glob(filepath.Join(contextFolder(getenv), "*.json"))
	if err != nil {
		return nil, nil, fmt.Errorf("list contexts: %w", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		c, err := ReadContext(name, getenv)
		if err != nil {
			broken = append(broken, name)
			continue
		}
		all = append(all, c)
	}
	return all, broken, nil
}

// ReadContext reads one context by name.
func ReadContext(name string, getenv func(string) string) (Context, error) {
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return Context{}, exit.Errorf(exit.Usage, "context %q is not a name", name)
	}
	folder := contextFolder(getenv)
	file := filepath.Join(folder, name+".json")
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Context{}, exit.Errorf(exit.Usage, "unknown context %q: there is no %s (see `fairlead context ls`)", name, file)
	}
	if err != nil {
		return Context{}, exit.Errorf(exit.Usage, "context %s: %w", name, err)
	}
	var s natscontext.Settings
	if err := json.Unmarshal(raw, &s); err != nil {
		return Context{}, exit.Errorf(exit.Usage, "context %s: %s is not JSON: %w", name, file, err)
	}
	return Context{Name: name, Description: s.Description, URL: redacted(s.URL), Identity: kindOf(s), File: file, creds: s.Creds, secret: kindOf(s) != "none"}, nil
}

func kindOf(s natscontext.Settings) string {
	switch {
	case s.Creds != "" || s.NSCLookup != "":
		return "creds"
	case s.NKey != "":
		return "nkey"
	case s.User != "":
		return "user"
	case s.Token != "":
		return "token"
	case s.Cert != "":
		return "certificate"
	}
	return "none"
}

// redacted takes the password out of each URL of a list.
func redacted(urls string) string {
	parts := strings.Split(urls, ",")
	for i, p := range parts {
		if u, err := url.Parse(strings.TrimSpace(p)); err == nil && u.User != nil {
			parts[i] = u.Redacted()
		}
	}
	return strings.Join(parts, ",")
}

// contextFolder is where the nats tool keeps its contexts.
func contextFolder(getenv func(string) string) string {
	config := getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(getenv("HOME"), ".config")
	}
	return filepath.Join(config, "nats", "context")
}

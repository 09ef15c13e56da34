package double

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// invalid is what Marathon's validation finds.
type invalid struct{ path, message string }

func (e *invalid) Error() string { return e.path + ": " + e.message }

func wrong(at, format string, args ...any) error { return &invalid{at, fmt.Sprintf(format, args...)} }

// absent are the defaults of an app.
var absent = document{
	"acceptedResourceRoles": []any{"*"}, "backoffFactor": 1.15, "backoffSeconds": 1.0, "cpus": 1.0, "disk": 0.0, "executor": "",
	"gpus": 0.0, "instances": 1.0, "killSelection": "YOUNGEST_FIRST", "labels": document{}, "maxLaunchDelaySeconds": 300.0,
	"mem": 128.0, "requirePorts": false, "env": document{}, "constraints": []any{}, "healthChecks": []any{}, "fetch": []any{},
	"dependencies": []any{}, "upgradeStrategy": document{"maximumOverCapacity": 1.0, "minimumHealthCapacity": 1.0},
	"unreachableStrategy": document{"inactiveAfterSeconds": 0.0, "expungeAfterSeconds": 0.0},
}

// readOnly are fields that Marathon shows, and takes no notice of when they are written.
var readOnly = []string{
	"version", "versionInfo", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "deployments", "tasks",
	"taskStats", "lastTaskFailure", "readinessCheckResults", "uris", "storeUrls", "ports",
}

var segment = regexp.MustCompile(`^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$`)

// checkID refuses what is no path.
func checkID(id string) error {
	if !strings.HasPrefix(id, "/") || id == "/" {
		return wrong("/id", "Path needs to be absolute")
	}
	for _, s := range strings.Split(id[1:], "/") {
		if !segment.MatchString(s) {
			return wrong("/id", "must fully match regular expression '%s'", segment)
		}
	}
	return nil
}

// absolute is an id as seen from a group.
func absolute(base, id string) string {
	if strings.HasPrefix(id, "/") {
		return path.Clean(id)
	}
	return path.Join(base, id)
}

// normal fills in an app's defaults and validates it.
func normal(id string, given document) (*app, error) {
	doc := maps.Clone(absent)
	for key, value := range given {
		if value != nil && !slices.Contains(readOnly, key) {
			doc[key] = value
		}
	}
	doc["id"] = id
	if err := checkID(id); err != nil {
		return nil, err
	}
	for _, check := range []func(document) error{checkCommand, checkAmounts, checkLabels, checkConstraints, checkContainer, checkHealth} {
		if err := check(doc); err != nil {
			return nil, err
		}
	}
	return &app{id: id, doc: plain(doc)}, nil
}

// plain is the document as JSON has it, so that equal ones compare equal.
func plain(doc document) document {
	text, err := json.Marshal(doc)
	if err != nil {
		panic("double: " + err.Error())
	}
	var again document
	if err := json.Unmarshal(text, &again); err != nil {
		panic("double: " + err.Error())
	}
	return again
}

func checkCommand(doc document) error {
	_, cmd := doc["cmd"]
	_, args := doc["args"]
	_, container := doc["container"]
	switch {
	case cmd && args:
		return wrong("/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.")
	case !cmd && !args && !container:
		return wrong("/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.")
	}
	return nil
}

func checkAmounts(doc document) error {
	for _, name := range []string{"cpus", "mem", "disk", "gpus", "instances"} {
		n, ok := doc[name].(float64)
		if !ok {
			return wrong("/"+name, "error.expected.jsnumber")
		}
		if n < 0 || (name == "instances" || name == "gpus") && n != float64(int(n)) {
			return wrong("/"+name, "got %v, expected 0 or more", n)
		}
	}
	return nil
}

func checkLabels(doc document) error {
	for _, field := range []string{"labels", "env"} {
		entries, ok := doc[field].(document)
		if !ok {
			return wrong("/"+field, "error.expected.jsobject")
		}
		for key, value := range entries {
			if _, text := value.(string); !text && field == "labels" {
				return wrong("/labels/"+key, "error.expected.jsstring")
			}
		}
	}
	return nil
}

var operators = []string{"UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"}

func checkConstraints(doc document) error {
	list, ok := doc["constraints"].([]any)
	if !ok {
		return wrong("/constraints", "error.expected.jsarray")
	}
	for i, item := range list {
		at, words := fmt.Sprintf("/constraints(%d)", i), texts(item)
		if len(words) < 2 || len(words) > 3 || !slices.Contains(operators, words[1]) {
			return wrong(at, "Each constraint must have either 2 or 3 fields, and operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS")
		}
		if strings.HasSuffix(words[1], "LIKE") {
			if len(words) != 3 {
				return wrong(at, "A regular expression value must be provided")
			}
			if _, err := regexp.Compile(words[2]); err != nil {
				return wrong(at, "'%s' is not a valid regular expression", words[2])
			}
		}
	}
	return nil
}

func checkContainer(doc document) error {
	container, there := doc["container"].(document)
	if !there {
		return nil
	}
	kind, _ := container["type"].(string)
	docker, isDocker := container["docker"].(document)
	image, _ := docker["image"].(string)
	switch {
	case kind != "DOCKER" && kind != "MESOS":
		return wrong("/container/type", "Unknown enum value")
	case (kind == "DOCKER" || isDocker) && image == "":
		return wrong("/container/docker/image", "must not be empty")
	case kind == "DOCKER" && numberOf(doc["gpus"]) > 0:
		return wrong("/", "GPU resources only work with the Mesos containerizer")
	case kind == "MESOS" && docker["parameters"] != nil:
		return wrong("/container/docker", "parameters are not supported by the Mesos containerizer")
	}
	if docker["network"] != nil || docker["portMappings"] != nil {
		return wrong("/container/docker", "networks and port mappings moved to the app and its container in 1.5")
	}
	return nil
}

func checkHealth(doc document) error {
	container, _ := doc["container"].(document)
	ports, _ := container["portMappings"].([]any)
	checks, _ := doc["healthChecks"].([]any)
	for i, item := range checks {
		check, _ := item.(document)
		at := fmt.Sprintf("/healthChecks(%d)", i)
		switch check["protocol"] {
		case "COMMAND":
			if command, _ := check["command"].(document); command["value"] == nil {
				return wrong(at+"/command", "error.path.missing")
			}
		case "HTTP", "HTTPS", "TCP", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP":
			if index, there := check["portIndex"].(float64); there && (index < 0 || int(index) >= len(ports)) {
				return wrong(at, "Health check port indices must address an element of the ports array or container port mappings.")
			}
		default:
			return wrong(at+"/protocol", "Unknown enum value")
		}
	}
	return nil
}

func numberOf(value any) float64 {
	n, _ := value.(float64)
	return n
}

func texts(value any) []string {
	list, _ := value.([]any)
	words := make([]string, len(list))
	for i, v := range list {
		words[i], _ = v.(string)
	}
	return words
}

func textMap(value any) map[string]string {
	entries, _ := value.(document)
	m := make(map[string]string, len(entries))
	for k, v := range entries {
		m[k], _ = v.(string)
	}
	return m
}

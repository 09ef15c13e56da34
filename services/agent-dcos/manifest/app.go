package manifest

import (
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

const mebi = 1 << 20

// app is what every replica is made from; refuse has let nothing pass that cannot be said.
func app(t event.Template) Document {
	ports := t.Ports
	if h := t.Health; h != nil && h.Port != 0 && indexOf(ports, h.Port) < 0 {
		ports = append(ports[:len(ports):len(ports)], event.Port{Port: h.Port})
	}
	a := Document{
		"container": container(t, ports),
		"networks":  []any{Document{"mode": "container/bridge"}},
	}
	if args := arguments(t); len(args) > 0 {
		a["args"] = args
	}
	if len(t.Env) > 0 {
		a["env"] = t.Env
	}
	if t.Health != nil {
		a["healthChecks"] = []any{health(*t.Health, ports)}
	}
	if t.MaxSurge > 0 { // with both limits at their tightest Marathon starts one more, and one at a time
		a["upgradeStrategy"] = Document{"minimumHealthCapacity": 1, "maximumOverCapacity": 0}
	}
	ask(a, t.Resources)
	return a
}

// ask writes resources as Mesos counts them. All are written: what is left out has a default.
func ask(a Document, r event.Resources) {
	a["cpus"] = float64(r.CPUMilli) / 1000
	a["mem"] = (r.MemoryBytes + mebi - 1) / mebi
	a["disk"] = 0
	a["gpus"] = r.GPUMilli / room.Device
}

func container(t event.Template, ports []event.Port) Document {
	docker := Document{"image": t.Image}
	if len(t.Command) > 0 {
		docker["parameters"] = []any{Document{"key": "entrypoint", "value": t.Command[0]}}
	}
	c := Document{"type": "DOCKER", "docker": docker}
	if t.Resources.GPUMilli > 0 {
		c["type"] = "MESOS"
	}
	if len(ports) > 0 {
		c["portMappings"] = mappings(ports)
	}
	return c
}

// arguments follow the entry point, which is the first word of a command alone.
func arguments(t event.Template) []string {
	if len(t.Command) == 0 {
		return t.Args
	}
	return append(t.Command[1:len(t.Command):len(t.Command)], t.Args...)
}

func mappings(ports []event.Port) []any {
	list := make([]any, len(ports))
	for i, p := range ports {
		m := Document{"containerPort": p.Port, "hostPort": 0, "protocol": "tcp"}
		if p.Protocol == event.ProtocolUdp {
			m["protocol"] = "udp"
		}
		if p.Name != "" {
			m["name"] = p.Name
		}
		list[i] = m
	}
	return list
}

func indexOf(ports []event.Port, port int) int {
	for i, p := range ports {
		if p.Port == port && p.Protocol != event.ProtocolUdp {
			return i
		}
	}
	return -1
}

// health leaves to Marathon what the template leaves open.
func health(h event.HealthCheck, ports []event.Port) Document {
	check := Document{}
	switch {
	case h.Port == 0:
		check["protocol"], check["command"] = "COMMAND", Document{"value": shell(h.Command)}
	case h.HTTPPath != "":
		check["protocol"], check["portIndex"], check["path"] = "MESOS_HTTP", indexOf(ports, h.Port), h.HTTPPath
	default:
		check["protocol"], check["portIndex"] = "MESOS_TCP", indexOf(ports, h.Port)
	}
	for name, value := range map[string]int{
		"intervalSeconds": h.PeriodSeconds, "timeoutSeconds": h.TimeoutSeconds, "maxConsecutiveFailures": h.FailureThreshold,
	} {
		if value > 0 {
			check[name] = value
		}
	}
	return check
}

// shell writes a command so that a shell runs exactly it.
func shell(command []string) string {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return "exec " + strings.Join(words, " ")
}

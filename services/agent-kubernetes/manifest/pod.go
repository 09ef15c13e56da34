package manifest

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	core "k8s.io/client-go/applyconfigurations/core/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/reading"
)

// container is the name of the one container of every pod.
const container = "main"

func podTemplate(d agent.Desired, labels map[string]string) (*core.PodTemplateSpecApplyConfiguration, error) {
	main, err := mainContainer(d.Template)
	if err != nil {
		return nil, err
	}
	spec := core.PodSpec().
		WithContainers(main).
		WithRestartPolicy(restart(d)).
		WithAutomountServiceAccountToken(false).
		WithEnableServiceLinks(false).
		WithAffinity(nodeAffinity(d))
	for _, t := range d.Tolerations {
		spec.WithTolerations(toleration(t))
	}
	return core.PodTemplateSpec().WithLabels(labels).WithSpec(spec), nil
}

func mainContainer(t event.Template) (*core.ContainerApplyConfiguration, error) {
	main := core.Container().WithName(container).WithImage(t.Image).
		WithCommand(t.Command...).WithArgs(t.Args...).
		WithPorts(ports(t.Ports)...)
	if err := environment(main, t); err != nil {
		return nil, err
	}
	if asked := requests(t.Resources); len(asked) > 0 {
		needs := core.ResourceRequirements().WithRequests(asked)
		if top := limits(t.Resources); len(top) > 0 {
			needs.WithLimits(top)
		}
		main.WithResources(needs)
	}
	if t.Health != nil {
		main.WithReadinessProbe(probe(t.Health))
	}
	inOrder(main) // as the digest wants them
	return main, nil
}

func ports(list []event.Port) []*core.ContainerPortApplyConfiguration {
	mapped := make([]*core.ContainerPortApplyConfiguration, len(list))
	for i, p := range list {
		mapped[i] = core.ContainerPort().WithContainerPort(int32(p.Port)).WithProtocol(corev1.ProtocolTCP)
		if p.Protocol == event.ProtocolUdp {
			mapped[i].WithProtocol(corev1.ProtocolUDP)
		}
		if p.Name != "" {
			mapped[i].WithName(p.Name)
		}
	}
	return mapped
}

// environment adds plain variables in the order of their names, then references in theirs.
func environment(main *core.ContainerApplyConfiguration, t event.Template) error {
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		v := core.EnvVar().WithName(name)
		if t.Env[name] != "" { // the server drops an empty value; what it drops is not ours any more
			v.WithValue(t.Env[name])
		}
		main.WithEnv(v)
	}
	for _, r := range t.References {
		switch {
		case r.Env == "" && r.Key == "":
			main.WithEnvFrom(everyKey(r))
		case r.Env == "" || r.Key == "":
			return agent.Reject(event.RejectReasonUnsupported, "reference to %s: a variable takes one key; want both env and key, or neither", r.Name)
		case taken(main, r.Env):
			return agent.Reject(event.RejectReasonInvalid, "environment variable %s is given twice", r.Env)
		default:
			main.WithEnv(core.EnvVar().WithName(r.Env).WithValueFrom(oneKey(r)))
		}
	}
	return nil
}

func taken(main *core.ContainerApplyConfiguration, name string) bool {
	return slices.ContainsFunc(main.Env, func(v core.EnvVarApplyConfiguration) bool { return *v.Name == name })
}

func everyKey(r event.Reference) *core.EnvFromSourceApplyConfiguration {
	if r.Secret {
		return core.EnvFromSource().WithSecretRef(core.SecretEnvSource().WithName(r.Name))
	}
	return core.EnvFromSource().WithConfigMapRef(core.ConfigMapEnvSource().WithName(r.Name))
}

func oneKey(r event.Reference) *core.EnvVarSourceApplyConfiguration {
	if r.Secret {
		return core.EnvVarSource().WithSecretKeyRef(core.SecretKeySelector().WithName(r.Name).WithKey(r.Key))
	}
	return core.EnvVarSource().WithConfigMapKeyRef(core.ConfigMapKeySelector().WithName(r.Name).WithKey(r.Key))
}

// limits are what a replica may not exceed: all it asks for but CPU, see doc.go.
func limits(r event.Resources) corev1.ResourceList {
	list := corev1.ResourceList{}
	if r.MemoryBytes > 0 {
		list[corev1.ResourceMemory] = *resource.NewQuantity(r.MemoryBytes, resource.BinarySI)
	}
	if r.GPUMilli > 0 {
		list[reading.GPU] = whole(r.GPUMilli / 1000)
	}
	for name, units := range r.Extended {
		if units > 0 {
			list[corev1.ResourceName(name)] = whole(units)
		}
	}
	return list
}

func milli(n int64) resource.Quantity { return *resource.NewMilliQuantity(n, resource.DecimalSI) }

func whole(n int64) resource.Quantity { return *resource.NewQuantity(n, resource.DecimalSI) }

func probe(h *event.HealthCheck) *core.ProbeApplyConfiguration {
	p := core.Probe()
	switch {
	case len(h.Command) > 0:
		p.WithExec(core.ExecAction().WithCommand(h.Command...))
	case h.HTTPPath != "":
		p.WithHTTPGet(core.HTTPGetAction().WithPath(h.HTTPPath).WithPort(intstr.FromInt32(int32(h.Port))))
	default:
		p.WithTCPSocket(core.TCPSocketAction().WithPort(intstr.FromInt32(int32(h.Port))))
	}
	if h.PeriodSeconds > 0 {
		p.WithPeriodSeconds(int32(h.PeriodSeconds))
	}
	if h.TimeoutSeconds > 0 {
		p.WithTimeoutSeconds(int32(h.TimeoutSeconds))
	}
	if h.FailureThreshold > 0 {
		p.WithFailureThreshold(int32(h.FailureThreshold))
	}
	return p
}

func restart(d agent.Desired) corev1.RestartPolicy {
	switch {
	case d.Kind == event.KindService:
		return corev1.RestartPolicyAlways
	case d.Template.Restart == event.RestartPolicyNever:
		return corev1.RestartPolicyNever
	default:
		return corev1.RestartPolicyOnFailure
	}
}

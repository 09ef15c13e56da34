package controlplane

import (
	_ "embed"
	"strconv"
	"strings"
	"time"
)

// The components, by the names the binary knows them by, in the order they are started.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kwok              = "kwok"
)

// Components lists what a bare or a full cluster consists of, in the order of starting.
func Components(full bool) []string {
	if full {
		return []string{Etcd, APIServer, ControllerManager, Scheduler, Kwok}
	}
	return []string{Etcd, APIServer}
}

// stages tells kwok how pods and nodes go through their lives.
//
//go:embed stages.yaml
var stages []byte

// controllers is what workloads, quotas, aggregated roles, namespaces and lost nodes need. The other
// two thirds of the default list serve volumes, certificates and endpoints, which no test here has.
var controllers = strings.Join([]string{
	"clusterrole-aggregation-controller",
	"cronjob-controller",
	"daemonset-controller",
	"deployment-controller",
	"disruption-controller",
	"garbage-collector-controller",
	"job-controller",
	"namespace-controller",
	"node-lifecycle-controller",
	"pod-garbage-collector-controller",
	"replicaset-controller",
	"resourcequota-controller",
	"serviceaccount-controller",
	"statefulset-controller",
	"taint-eviction-controller",
	"ttl-after-finished-controller",
}, ",")

// arguments is the whole command line of one component, its name first.
func (c *Cluster) arguments(component string) []string {
	args := map[string]func() []string{
		Etcd:              c.etcdFlags,
		APIServer:         c.apiServerFlags,
		ControllerManager: c.controllerManagerFlags,
		Scheduler:         c.schedulerFlags,
		Kwok:              c.kwokFlags,
	}[component]()
	args = append([]string{component}, args...)
	return append(args, c.cfg.Flags[component]...)
}

// etcdFlags puts both of etcd's listeners on Unix sockets: no ports to find, nothing to reach from
// outside. It does not sync to disk: the page cache outlives a killed process, and nobody here pulls
// the plug.
func (c *Cluster) etcdFlags() []string {
	client, peer := "unix://"+c.socket("client"), "unix://"+c.socket("peer")
	return []string{
		"--name=default",
		"--data-dir=" + c.path("etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync",
		"--auto-compaction-retention=5m",
		"--quota-backend-bytes=" + strconv.Itoa(2<<30),
		"--log-level=warn",
	}
}

func (c *Cluster) apiServerFlags() []string {
	// This plugin taints every new node not-ready until a controller has looked at it, which makes
	// a thousand nodes take ten times as long. Ours are Ready when they are made.
	off := "TaintNodesByCondition"
	if !c.cfg.Full {
		off += ",ServiceAccount" // no controller makes the account this plugin would insist on
	}
	return []string{
		"--etcd-servers=unix://" + c.socket("client"),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(c.port.number),
		"--permit-port-sharing=true", // with the reservation we hold; see reservePort
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + c.path("server.crt"),
		"--tls-private-key-file=" + c.path("server.key"),
		"--client-ca-file=" + c.path("ca.crt"),
		"--token-auth-file=" + c.path("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + c.path("accounts.key"),
		"--service-account-key-file=" + c.path("accounts.key"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--disable-admission-plugins=" + off,
		"--allow-privileged=true",
		"--max-requests-inflight=1000",
		"--max-mutating-requests-inflight=500",
		"--event-ttl=10m",
		"--profiling=false",
	}
}

func (c *Cluster) controllerManagerFlags() []string {
	return []string{
		"--kubeconfig=" + c.kubeconfigPath(Admin),
		"--leader-elect=false",
		"--secure-port=0",
		"--controllers=" + controllers,
		"--use-service-account-credentials=false",
		"--allocate-node-cidrs=false",
		"--node-monitor-grace-period=" + (c.cfg.NodeLease + 10*time.Second).String(),
		"--kube-api-qps=2000",
		"--kube-api-burst=2000",
		"--profiling=false",
	}
}

func (c *Cluster) schedulerFlags() []string {
	return []string{
		"--kubeconfig=" + c.kubeconfigPath(Admin),
		"--leader-elect=false",
		"--secure-port=0",
		"--authentication-skip-lookup=true",
		"--kube-api-qps=5000",
		"--kube-api-burst=5000",
		"--profiling=false",
	}
}

// kwokFlags gives kwok no port: an empty server address and node port 0 keep its server off.
func (c *Cluster) kwokFlags() []string {
	return []string{
		"--kubeconfig=" + c.kubeconfigPath(Admin),
		"--config=" + c.path("stages.yaml"),
		"--manage-all-nodes=true",
		"--node-lease-duration-seconds=" + strconv.Itoa(int(c.cfg.NodeLease/time.Second)),
		"--node-name=kwok",
		"--node-ip=127.0.0.1",
		"--cidr=10.0.0.1/8",
		"--node-port=0",
		"--server-address=",
		"--v=WARN", // else a line for each lease renewed
	}
}

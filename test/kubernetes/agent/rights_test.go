package agent

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/cluster"
	"fairlead.dev/test/kubernetes/controlplane"
	"fairlead.dev/test/kubernetes/controlplane/controlplanetest"
)

const manifests = "../../../deploy/kubernetes/"

// account starts a cluster of its own, since rights and policies are the whole cluster's, and speaks
// there as the service account of deploy/kubernetes/rbac.yaml.
func account(t *testing.T, files ...string) *scene {
	t.Helper()
	plane := controlplanetest.Start(t, controlplane.Config{Name: "rights", Nodes: nodes()})
	s := newScene(t, plane, false)
	s.tweak = func(c *cluster.Config) { c.NamespacePrefix = "" } // the default: fl-
	for _, file := range files {
		s.kubectl(manifests + file)
	}
	user, err := plane.AddServiceAccount(t.Context(), "fairlead-system", "fairlead-agent")
	s.must(err)
	s.user = user
	return s
}

// kubectl applies a file of manifests as an administrator would.
func (s *scene) kubectl(file string) {
	s.t.Helper()
	f, err := os.Open(file)
	s.must(err)
	defer f.Close()
	client := dynamic.NewForConfigOrDie(s.rest(controlplane.Admin))
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.admin.Discovery()))
	for documents := yaml.NewYAMLOrJSONDecoder(f, 4096); ; {
		var o unstructured.Unstructured
		err := documents.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		s.must(err)
		kind := o.GroupVersionKind()
		m, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		s.must(err)
		_, err = client.Resource(m.Resource).Namespace(o.GetNamespace()).
			Apply(s.t.Context(), o.GetName(), &o, metav1.ApplyOptions{FieldManager: "kubectl"})
		s.must(err)
	}
}

// TestLeastRights runs the agent with the rights of rbac.yaml alone: everything works, and what it
// does not need is forbidden.
func TestLeastRights(t *testing.T) {
	s := account(t, "rbac.yaml")
	k := s.agent()
	w := event.WorkloadID{Tenant: "shop", Name: "web"}
	s.must(s.apply(k, service(w, 1, 2)))
	s.must(s.apply(k, service(w, 2, 3)))
	s.object(k, w, "3 replicas", func(o agent.Object) bool { return o.Wanted == 3 && o.Token == 2 })
	jobOf := job(3, 1, "registry.example/report:1")
	s.must(s.apply(k, jobOf))
	s.must(s.withdraw(k, w, 4))
	if err := s.apply(k, service(w, 4, 1)); !errors.Is(err, agent.ErrStale) {
		t.Errorf("apply after the withdrawal: %v, want ErrStale", err)
	}
	s.must(k.Sweep(t.Context(), metav1.Now().Time))
	forbidden(t, s)
}

// forbidden asks the API server, as the agent, for what it must not be able to do.
func forbidden(t *testing.T, s *scene) {
	t.Helper()
	me := kubernetes.NewForConfigOrDie(s.rest(s.user))
	for _, a := range []authorizationv1.ResourceAttributes{
		{Verb: "get", Resource: "secrets", Namespace: "fl-shop"},
		{Verb: "list", Resource: "secrets"},
		{Verb: "get", Resource: "configmaps", Namespace: "fl-shop"},
		{Verb: "create", Resource: "pods", Namespace: "fl-shop"},
		{Verb: "delete", Resource: "pods", Namespace: "fl-shop"},
		{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "fl-shop"},
		{Verb: "patch", Resource: "nodes"},
		{Verb: "delete", Resource: "namespaces", Name: "fl-shop"},
		{Verb: "update", Group: "apps", Resource: "deployments", Namespace: "fl-shop"},
		{Verb: "patch", Group: "apps", Resource: "deployments", Namespace: "default"},
		{Verb: "create", Group: "apps", Resource: "deployments", Namespace: "kube-system"},
		{Verb: "create", Group: "batch", Resource: "jobs", Namespace: "default"},
		{Verb: "create", Group: "apps", Resource: "daemonsets", Namespace: "fl-shop"},
		{Verb: "update", Resource: "resourcequotas", Namespace: "fl-shop"},
		{Verb: "bind", Group: "rbac.authorization.k8s.io", Resource: "clusterroles", Name: "cluster-admin"},
		{Verb: "escalate", Group: "rbac.authorization.k8s.io", Resource: "clusterroles", Name: "fairlead-agent-workloads"},
		{Verb: "impersonate", Resource: "users"},
	} {
		review, err := me.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), &authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &a},
		}, metav1.CreateOptions{})
		s.must(err)
		if review.Status.Allowed {
			t.Errorf("the agent may %s %s/%s in %q", a.Verb, a.Resource, a.Subresource, a.Namespace)
		}
	}
	if _, err := me.CoreV1().Secrets("fl-shop").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing secrets gave %v, want forbidden", err)
	}
}

// TestNamespacesByHand takes the right to make namespaces away: then a missing one is a refusal that
// says so, and one that an operator makes from tenant.yaml works.
func TestNamespacesByHand(t *testing.T) {
	s := account(t, "rbac.yaml")
	s.must(s.admin.RbacV1().ClusterRoleBindings().Delete(t.Context(), "fairlead-agent-namespaces", metav1.DeleteOptions{}))
	k, w := s.agent(), event.WorkloadID{Tenant: "bakery", Name: "web"}
	s.eventually("the right to be gone", func() error {
		err := k.Apply(t.Context(), service(event.WorkloadID{Tenant: "nobody", Name: "web"}, 1, 1))
		if r := (*agent.Rejection)(nil); !errors.As(err, &r) || r.Reason != event.RejectReasonForbidden {
			return errors.Join(errors.New("not forbidden yet"), err)
		}
		return nil
	})
	s.rejected(s.apply(k, service(w, 1, 1)), event.RejectReasonForbidden)
	s.kubectlFor("bakery")
	s.eventually("the operator's namespace to work", func() error { return k.Apply(t.Context(), service(w, 2, 1)) })
}

// kubectlFor applies tenant.yaml for a tenant.
func (s *scene) kubectlFor(tenant string) {
	s.t.Helper()
	text, err := os.ReadFile(manifests + "tenant.yaml")
	s.must(err)
	file := s.t.(*testing.T).TempDir() + "/tenant.yaml"
	s.must(os.WriteFile(file, bytes.ReplaceAll(text, []byte("TENANT"), []byte(tenant)), 0o600))
	s.kubectl(file)
}

// TestPolicies holds the API server to what the agent promises: it refuses a lower token from anyone,
// and the agent's role bindings outside tenants' namespaces.
func TestPolicies(t *testing.T) {
	s := account(t, "rbac.yaml", "policies.yaml")
	k, w := s.agent(), event.WorkloadID{Tenant: "shop", Name: "web"}
	s.must(s.apply(k, service(w, 7, 2)))
	s.eventually("the fence policy to be in force", func() error {
		_, err := s.admin.AppsV1().Deployments("fl-shop").Patch(t.Context(), "web", types.MergePatchType,
			[]byte(`{"metadata":{"annotations":{"fairlead.dev/token":"6"}}}`), metav1.PatchOptions{})
		if !apierrors.IsForbidden(err) {
			s.must(s.apply(k, service(w, 7, 2)))
			return errors.Join(errors.New("an administrator's lower token was not refused"), err)
		}
		return nil
	})
	s.must(s.apply(k, service(w, 8, 3)))
	s.must(s.withdraw(k, w, 9))
	_, err := kubernetes.NewForConfigOrDie(s.rest(s.user)).CoreV1().Namespaces().
		Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "elsewhere"}}, metav1.CreateOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("the agent made a namespace outside fl-…: %v", err)
	}
}

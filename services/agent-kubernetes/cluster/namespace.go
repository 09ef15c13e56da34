package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-kubernetes/manifest"
)

// bindingName is the role binding that the agent makes for itself in namespaces it made.
const bindingName = "fairlead-agent"

// rightsTake is how long after our own grant a refusal may come from an authorizer that has not
// heard of it.
const rightsTake = 10 * time.Second

// ensureNamespace makes the tenant's namespace, with our rights in it, unless it is there. One that
// somebody else made is used with the rights given there.
func (c *Cluster) ensureNamespace(ctx context.Context, t event.Tenant, name string) error {
	known := false
	c.locked(func() { _, known = c.namespaces[name] })
	if known {
		return nil
	}
	space, err := c.api.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		space, err = c.makeNamespace(ctx, t, name)
	}
	if err != nil {
		return fmt.Errorf("find namespace %s: %w", name, err)
	}
	var granted time.Time
	if space.Labels[manifest.LabelCluster] == string(c.Cluster) && c.Role != noRole {
		if granted, err = c.bind(ctx, name); err != nil {
			return fmt.Errorf("take rights in namespace %s: %w", name, err)
		}
	}
	c.locked(func() { c.namespaces[name] = granted })
	return nil
}

func (c *Cluster) makeNamespace(ctx context.Context, t event.Tenant, name string) (*corev1.Namespace, error) {
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
		manifest.LabelManagedBy: manifest.Manager,
		manifest.LabelCluster:   string(c.Cluster),
		manifest.LabelTenant:    string(t),
	}}}
	made, err := c.api.CoreV1().Namespaces().Create(ctx, space, metav1.CreateOptions{FieldManager: manifest.Manager})
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil, errMoved
	case apierrors.IsForbidden(err):
		return nil, &agent.Rejection{
			Reason:  event.RejectReasonForbidden,
			Message: fmt.Sprintf("namespace %s does not exist and the agent may not make it: %v", name, err),
		}
	}
	return made, err
}

// bind gives us the workload kinds in a namespace of ours. Without the right to, or without the role,
// we go on with the rights we have.
func (c *Cluster) bind(ctx context.Context, namespace string) (granted time.Time, err error) {
	bindings := c.api.RbacV1().RoleBindings(namespace)
	if _, err := bindings.Get(ctx, bindingName, metav1.GetOptions{}); err == nil || !apierrors.IsNotFound(err) {
		return time.Time{}, ignore(err, apierrors.IsForbidden)
	}
	subject, err := c.subject(ctx)
	if err != nil {
		return time.Time{}, err
	}
	_, err = bindings.Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: bindingName, Labels: map[string]string{manifest.LabelCluster: string(c.Cluster)}},
		Subjects:   []rbacv1.Subject{subject},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: c.Role},
	}, metav1.CreateOptions{FieldManager: manifest.Manager})
	return time.Now(), ignore(ignore(ignore(err, apierrors.IsAlreadyExists), apierrors.IsForbidden), apierrors.IsNotFound)
}

func ignore(err error, harmless func(error) bool) error {
	if harmless(err) {
		return nil
	}
	return err
}

// subject is who we are, in the terms of a role binding.
func (c *Cluster) subject(ctx context.Context) (rbacv1.Subject, error) {
	review, err := c.api.AuthenticationV1().SelfSubjectReviews().
		Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return rbacv1.Subject{}, fmt.Errorf("ask who we are: %w", err)
	}
	user := review.Status.UserInfo.Username
	if account, ok := strings.CutPrefix(user, "system:serviceaccount:"); ok {
		namespace, name, _ := strings.Cut(account, ":")
		return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}, nil
	}
	return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}, nil
}

// forget makes the next apply look at the namespace again.
func (c *Cluster) forget(namespace string) (granted time.Time) {
	c.locked(func() {
		granted = c.namespaces[namespace]
		delete(c.namespaces, namespace)
	})
	return granted
}

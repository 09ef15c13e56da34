package cluster

import (
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// fencePolicy is the admission policy of deploy/kubernetes/fence.yaml, whose refusals mean a lower token.
const fencePolicy = "fairlead-fence"

// moved turns a conflict about uid, version or existence into errMoved.
func moved(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

// heldByOthers is the answer to an apply without force when other writers have changed fields of ours.
func heldByOthers(err error) bool {
	return apierrors.IsConflict(err) && apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict)
}

// immutable is the answer to an apply that would change a job's template.
func immutable(err error) bool {
	status := apierrors.APIStatus(nil)
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	for _, cause := range status.Status().Details.Causes {
		if !strings.HasPrefix(cause.Field, "spec.template") && !strings.HasPrefix(cause.Field, "spec.completionMode") {
			return false
		}
		if !strings.Contains(cause.Message, "immutable") {
			return false
		}
	}
	return true
}

// refusal turns the API server's final answers into rejections, and leaves those that may pass alone.
func (c *Cluster) refusal(namespace string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*agent.Rejection)) || errors.Is(err, agent.ErrStale):
		return err
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		return &agent.Rejection{Reason: event.RejectReasonInvalid, Message: words(err)}
	case apierrors.IsForbidden(err):
		return c.forbidden(namespace, err)
	case apierrors.IsNotFound(err): // the namespace went away: look at it again next time
		c.forget(namespace)
	}
	return err
}

// forbidden tells apart what the API server calls by one word.
func (c *Cluster) forbidden(namespace string, err error) error {
	said := words(err)
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		c.forget(namespace)
		return err
	case strings.Contains(said, "exceeded quota:"), strings.Contains(said, "failed quota:"):
		return &agent.Rejection{Reason: event.RejectReasonQuota, Message: said}
	case strings.Contains(said, "ValidatingAdmissionPolicy '"+fencePolicy+"'"):
		return agent.ErrStale
	case time.Since(c.forget(namespace)) < rightsTake:
		return err
	}
	return &agent.Rejection{Reason: event.RejectReasonForbidden, Message: said}
}

// words are the API server's own, without ours around them.
func words(err error) string {
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		return status.Status().Message
	}
	return err.Error()
}

package manifest_test

import (
	"encoding/json"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
)

// FuzzRead: whatever an API server gives as a Deployment or a Job is read without harm, and
// never as more than can be.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"metadata":{"name":"web","namespace":"fl-shop","labels":{"fairlead.dev/tenant":"shop"}},"spec":{"replicas":3},"status":{"readyReplicas":2}}`))
	f.Add([]byte(`{"spec":{"replicas":-1,"template":{"spec":{"containers":[{"resources":{"requests":{"cpu":"-5","memory":"1Ei"}}}]}}},"status":{"conditions":[{"type":"ReplicaFailure","status":"True"}]}}`))
	f.Add([]byte(`{"metadata":{"managedFields":[{"manager":"fairlead","operation":"Apply","fieldsV1":{}}]},"spec":{"parallelism":2,"completions":1},"status":{"failed":9,"conditions":[{"type":"Failed","status":"True"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d appsv1.Deployment
		if json.Unmarshal(raw, &d) == nil {
			if o := scheme.Deployment(&d); o.Name != d.Name || o.Namespace != d.Namespace {
				t.Errorf("%s/%s is read as %s/%s", d.Namespace, d.Name, o.Namespace, o.Name)
			}
		}
		var j batchv1.Job
		if json.Unmarshal(raw, &j) == nil {
			if o := scheme.Job(&j); o.Name != j.Name {
				t.Errorf("job %s is read as %s", j.Name, o.Name)
			}
		}
	})
}

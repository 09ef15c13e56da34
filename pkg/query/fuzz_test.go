package query

import (
	"encoding/json"
	"testing"
)

// FuzzQuestion: whatever is asked, by whomever, is answered or refused, and an answer is
// never about another tenant than the subject names.
func FuzzQuestion(f *testing.F) {
	for _, body := range []string{"", "{}", `{"name":"w1"}`, `{"name":"w1","not":"eu-1"}`, `{"submit":{"tenant":"a","name":"x","replicas":-1}}`, `{"after":"b/w1","limit":-5}`, `[]`} {
		for _, kind := range []Kind{Workloads, Workload, Explain, WhyNot, Plan, Status, Clusters, Quotas, "nothing"} {
			f.Add(subjectRoot+"tenant.a."+string(kind), []byte(body))
		}
	}
	f.Add(subjectRoot+"fleet.plan", []byte(`{"submit":null}`))
	f.Add(subjectRoot+"tenant.*.workloads", []byte("{}"))
	f.Add("x", []byte("x"))
	s := state(3, 3)
	f.Fuzz(func(t *testing.T, subject string, body []byte) {
		q, err := parse(subject, body)
		if err != nil {
			return
		}
		if q.subject() != subject {
			t.Errorf("%q is read as %q", subject, q.subject())
		}
		a := Reply(s, StatusView{}, q)
		if a.Err == nil {
			if _, err := json.Marshal(a); err != nil {
				t.Error(err)
			}
		}
	})
}

package cluster

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// answer is what a server says to a watch, through the transport that follows it.
func answer(t interface{ Fatal(...any) }, s *sight, query string, body io.Reader) *http.Response {
	r, err := http.NewRequest(http.MethodGet, "https://server/api/v1/pods?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	next := serverFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
	})
	got, err := s.wrap(next).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

type serverFunc func(*http.Request) (*http.Response, error)

func (f serverFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func follow() *sight {
	s := newSight(func() {})
	s.follow("/api/v1/pods", func() bool { return true })
	s.answered(nil)
	return s
}

// TestFilled reads a watch that begins with everything, cut into reads of any size: the view is clear
// from the mark to the end, and at no other time.
func TestFilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringMatching(`[a-z.\-/]{0,60}`).Draw(t, "before")
		text := before + filledMark + rapid.StringMatching(`[a-z]{1,60}`).Draw(t, "after")
		s := follow()
		body := answer(t, s, "watch=true&sendInitialEvents=true", strings.NewReader(text)).Body
		size := rapid.IntRange(1, len(text)).Draw(t, "size")
		for read := 0; ; {
			n, err := body.Read(make([]byte, size))
			if read += n; err == io.EOF {
				break
			}
			if want := read >= len(before)+len(filledMark); s.clear() != want {
				t.Fatalf("after %d of %q: clear is %t", read, text, !want)
			}
		}
		if s.clear() {
			t.Fatal("clear after the end of the watch")
		}
	})
}

// TestClear is when views can be believed, and when not.
func TestClear(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(*sight)
		want bool
	}{
		"no watch yet":         {func(*sight) {}, false},
		"a watch is open":      {func(s *sight) { answer(t, s, "watch=true", strings.NewReader("x")) }, true},
		"a list is no watch":   {func(s *sight) { answer(t, s, "limit=500", strings.NewReader("x")) }, false},
		"the watch was closed": {func(s *sight) { _ = answer(t, s, "watch=true", strings.NewReader("x")).Body.Close() }, false},
		"closed, and another is open": {func(s *sight) {
			first := answer(t, s, "watch=true", strings.NewReader("x"))
			answer(t, s, "watch=true", strings.NewReader("x"))
			_, _ = first.Body.Close(), first.Body.Close()
		}, true},
		"the watch broke": {func(s *sight) {
			_, _ = io.ReadAll(answer(t, s, "watch=true", iotest.ErrReader(io.ErrUnexpectedEOF)).Body)
		}, false},
		"the server does not answer": {func(s *sight) {
			answer(t, s, "watch=true", strings.NewReader("x"))
			s.answered(io.ErrUnexpectedEOF)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := follow()
			c.tell(s)
			if s.clear() != c.want {
				t.Errorf("clear is %t", !c.want)
			}
		})
	}
}

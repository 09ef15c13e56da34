package event

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Every payload writes itself to the bytes that the JSON library gives, and refuses what
// the library refuses.
func TestWritersGiveWhatTheLibraryGives(t *testing.T) {
	seed := rand.Uint64()
	r := filler{rand.New(rand.NewPCG(seed, 0))}
	for _, row := range Catalog() {
		if _, ok := row.New().(written); !ok {
			t.Errorf("%s does not write itself", row.Type)
		}
		for range 400 {
			p := row.New()
			r.fill(reflect.ValueOf(p).Elem())
			want, refused := marshalAny(p)
			got, err := marshalData(p)
			if (err == nil) != (refused == nil) || err == nil && !bytes.Equal(got, want) {
				t.Fatalf("seed %d: %s %+v\ngot  %s, error %v\nwant %s, error %v", seed, row.Type, p, got, err, want, refused)
			}
		}
	}
}

// filler gives values to everything that can have one: often none, and awkward ones.
type filler struct{ *rand.Rand }

var awkward = []string{"", "a", "eu-1", "é世界", "\"\\/<&>", "\x00\x1f\x7f", "\u2028\u2029", "line\nbreak\ttab", "😀", "{}"}

func (r filler) fill(v reflect.Value) {
	if r.IntN(3) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(r.text())
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64) * int64(1-2*r.IntN(2)))
	case reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			r.fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.fill(v.Elem())
	case reflect.Slice:
		r.fillSlice(v)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			element := reflect.New(v.Type().Elem()).Elem()
			r.fill(element)
			v.SetMapIndex(reflect.ValueOf(r.text()), element)
		}
	default:
		panic(fmt.Sprintf("a %s", v.Type()))
	}
}

func (r filler) fillSlice(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 { // raw JSON
		texts := []string{"{}", "null", `{ "a" : [1, 2.50, "\u0041"], "b":{} }`, "", "{", `{"a":1,"a":2}`, " 1e3 "}
		v.SetBytes([]byte(texts[r.IntN(len(texts))]))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
	for i := range v.Len() {
		r.fill(v.Index(i))
	}
}

func (r filler) text() string {
	s := awkward[r.IntN(len(awkward))] + awkward[r.IntN(len(awkward))]
	if r.IntN(200) == 0 {
		s += "\xff"
	}
	return s
}

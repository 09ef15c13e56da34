package workfile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fairlead.dev/services/fairlead/workfile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every file of testdata is parsed; what comes of it, workloads or faults, stands in
// the golden file beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("testdata: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome(t, filepath.Base(file), data)
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func outcome(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	docs, faults := workfile.Parse(name, data, "shop")
	var b bytes.Buffer
	for _, d := range docs {
		text, err := json.MarshalIndent(d.Workload, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	if len(faults) > 0 {
		b.WriteString(faults.Error() + "\n")
	}
	return b.Bytes()
}

// The schemas' own fixtures of the written form: all valid ones are read, no invalid
// one is.
func TestFixtures(t *testing.T) {
	root := filepath.Join("..", "..", "..", "schemas", "fixtures")
	for folder, valid := range map[string]bool{
		"files.workload/valid": true, "files.workload/invalid": false, "workload.submitted/invalid": false,
	} {
		seen := 0
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			seen++
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			docs, faults := workfile.Parse(path, data, "")
			if valid && (len(docs) != 1 || len(faults) > 0) || !valid && len(faults) == 0 {
				t.Errorf("%s: %d workloads, faults: %v", path, len(docs), faults)
			}
			return nil
		})
		if err != nil || seen == 0 {
			t.Errorf("%s: %d fixtures, %v", folder, seen, err)
		}
	}
}

// What the product prints can be submitted again and means the same.
func TestCarriedFormRoundTrip(t *testing.T) {
	docs, faults := workfile.Parse("a.yaml", []byte("tenant: shop\nname: web\ntemplate: {image: nginx, resources: {cpu: 500m, memory: 1GiB}}\n"), "")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	first, err := json.Marshal(docs[0].Workload)
	if err != nil {
		t.Fatal(err)
	}
	again, faults := workfile.Parse("b.json", first, "")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	second, err := json.Marshal(again[0].Workload)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("%s\n%s", first, second)
	}
}

// A few lines of nested aliases must not become billions of values.
func TestAliasesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		refs := strings.TrimSuffix(strings.Repeat("*a"+string(rune('a'+i-1))+", ", 10), ", ")
		if i == 1 {
			refs = strings.TrimSuffix(strings.Repeat("*a0, ", 10), ", ")
		}
		b.WriteString("k" + string(rune('a'+i)) + ": &a" + string(rune('a'+i)) + " [" + refs + "]\n")
	}
	_, faults := workfile.Parse("bomb.yaml", []byte(b.String()), "")
	if len(faults) == 0 || !strings.Contains(faults.Error(), "too many values") {
		t.Errorf("faults: %v", faults)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, faults := workfile.Parse("f.yaml", data, "shop")
		if len(docs) == 0 && len(faults) == 0 {
			t.Error("neither a workload nor a fault")
		}
		for _, d := range docs {
			if err := d.Workload.Validate(); err != nil {
				t.Errorf("an invalid workload was let through: %v", err)
			}
		}
	})
}

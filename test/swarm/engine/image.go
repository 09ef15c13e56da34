package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/moby/moby/client"
)

// image is an image as docker save writes it. It has no tag: a node would try to pull a tagged one.
type image struct {
	id      string
	archive []byte
}

// makeImage builds cmd/task and puts it into an image of one layer.
func makeImage(ctx context.Context, dir string) (image, error) {
	binary := filepath.Join(dir, "task")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", binary, "fairlead.dev/test/swarm/cmd/task")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return image{}, fmt.Errorf("build the image's program: %w\n%s", err, said)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return image{}, fmt.Errorf("read the image's program: %w", err)
	}
	layer, err := archive(file{"task", 0o755, program})
	if err != nil {
		return image{}, err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/task"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
	if err != nil {
		return image{}, fmt.Errorf("write the image's configuration: %w", err)
	}
	name := digest(config)
	list, err := json.Marshal([]map[string]any{{"Config": name + ".json", "Layers": []string{"layer.tar"}}})
	if err != nil {
		return image{}, fmt.Errorf("write the image's manifest: %w", err)
	}
	all, err := archive(file{name + ".json", 0o644, config}, file{"layer.tar", 0o644, layer}, file{"manifest.json", 0o644, list})
	return image{id: "sha256:" + name, archive: all}, err
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

type file struct {
	name    string
	mode    int64
	content []byte
}

func archive(files ...file) ([]byte, error) {
	var all bytes.Buffer
	w := tar.NewWriter(&all)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content))}); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("end an archive: %w", err)
	}
	return all.Bytes(), nil
}

// load gives the image to an engine.
func (i image) load(ctx context.Context, api *client.Client) error {
	answer, err := api.ImageLoad(ctx, bytes.NewReader(i.archive))
	if err != nil {
		return fmt.Errorf("load the image: %w", err)
	}
	defer answer.Close()
	said, err := io.ReadAll(answer)
	if err != nil {
		return fmt.Errorf("load the image: %w", err)
	}
	if _, err := api.ImageInspect(ctx, i.id); err != nil {
		return fmt.Errorf("look for the image after %s: %w", said, err)
	}
	return nil
}

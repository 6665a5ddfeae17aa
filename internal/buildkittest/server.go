//go:build linux

package buildkittest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"layerwise/internal/scenario"

	image "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// server is what the daemon finds in the world: a registry that mirrors docker.io, a web server, and
// git repositories below /git/.
type server struct {
	git  string                // directory of the repositories
	base func() (layer, error) // what all images begin with

	mu     sync.Mutex
	images map[string]digest.Digest          // manifests, by "library/name:tag"
	blobs  map[digest.Digest][]byte          // manifests too
	layers map[digest.Digest][]digest.Digest // of a manifest: the diff IDs
	files  map[string]scenario.Response      // by path
	wrote  map[string]int                    // repositories: how many commits they have
}

// layer is a layer of an image.
type layer struct {
	id     digest.Digest // of the archive as it is
	packed []byte
}

func newServer(busybox, git string) *server {
	return &server{
		git:    git,
		blobs:  map[digest.Digest][]byte{},
		layers: map[digest.Digest][]digest.Digest{},
		base: sync.OnceValues(func() (layer, error) {
			archive, err := baseLayer(busybox)
			return newLayer(archive), err
		}),
	}
}

func newLayer(archive []byte) layer { return layer{digest.FromBytes(archive), compress(archive)} }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if dir, ok := strings.CutPrefix(r.URL.Path, "/git/"); ok {
		// The protocol of plain files. NAME.git is the repository of the work tree NAME.
		name, rest, _ := strings.Cut(dir, ".git/")
		http.ServeFile(w, r, filepath.Join(s.git, name, ".git", filepath.FromSlash(path.Clean("/"+rest))))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rest, ok := strings.CutPrefix(r.URL.Path, "/v2/"); ok {
		s.serveRegistry(w, r, rest)
		return
	}
	file, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	for key, value := range file.Headers {
		w.Header().Set(key, value)
	}
	if tag := file.Headers["ETag"]; tag != "" && strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(file.Content)))
	w.Write([]byte(file.Content)) // net/http drops the body of HEAD
}

// serveRegistry is the part of the registry's protocol that pulls.
func (s *server) serveRegistry(w http.ResponseWriter, r *http.Request, rest string) {
	parts := strings.Split(rest, "/")
	if len(parts) < 3 {
		return // "/v2/" asks whether there is a registry
	}
	name, kind, ref := strings.Join(parts[:len(parts)-2], "/"), parts[len(parts)-2], parts[len(parts)-1]
	id := digest.Digest(ref)
	if tagged, ok := s.images[name+":"+ref]; ok {
		id = tagged
	}
	blob, ok := s.blobs[id]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if kind == "manifests" {
		w.Header().Set("Content-Type", ocispecs.MediaTypeImageManifest)
		w.Header().Set("Docker-Content-Digest", id.String())
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(blob)))
	w.Write(blob)
}

// SetImages replaces the images that FROM finds.
func (d *Daemon) SetImages(images map[string]scenario.Image) error {
	s := d.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images = map[string]digest.Digest{}
	for name, i := range images {
		id, err := s.push(i)
		if err != nil {
			return fmt.Errorf("image %s: %w", name, err)
		}
		s.images[canonical(name)] = id
	}
	return nil
}

// canonical is the name of an image in the registry.
func canonical(name string) string {
	if !strings.Contains(name, ":") {
		name += ":latest"
	}
	if !strings.Contains(name, "/") {
		name = "library/" + name
	}
	return name
}

// SetBase makes one image of all of the names: the base layer, and those that are told.
func (d *Daemon) SetBase(i scenario.Image, names []string, layers ...layer) error {
	images := map[string]scenario.Image{}
	for _, name := range names {
		images[name] = i
	}
	return d.SetBases(images, layers...)
}

// SetBases makes images of the base layer and those that are told, each with its own configuration.
func (d *Daemon) SetBases(images map[string]scenario.Image, layers ...layer) error {
	s := d.server
	s.mu.Lock()
	defer s.mu.Unlock()
	base, err := s.base()
	if err != nil {
		return err
	}
	s.images = map[string]digest.Digest{}
	for name, i := range images {
		id, err := s.build(i, append([]layer{base}, layers...))
		if err != nil {
			return err
		}
		s.images[canonical(name)] = id
	}
	return nil
}

// push makes an image: a layer of programs, and one with the salt.
func (s *server) push(i scenario.Image) (digest.Digest, error) {
	base, err := s.base()
	if err != nil {
		return "", err
	}
	salt := archive([]tar.Header{{Name: "etc/salt", Mode: 0o644}}, i.RootfsID+"\x00"+i.RootfsExtra)
	return s.build(i, []layer{base, newLayer(salt)})
}

// build makes an image of layers.
func (s *server) build(i scenario.Image, layers []layer) (digest.Digest, error) {
	created := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	config := image.DockerOCIImage{Config: i.Resolved()}
	config.Platform = ocispecs.Platform{OS: "linux", Architecture: i.Architecture()}
	config.Created = &created
	config.RootFS.Type = "layers"
	manifest := ocispecs.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispecs.MediaTypeImageManifest}
	for _, l := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, l.id)
		config.History = append(config.History, ocispecs.History{Created: &created, CreatedBy: "base"})
		manifest.Layers = append(manifest.Layers, s.store(ocispecs.MediaTypeImageLayerGzip, l.packed))
	}
	data, err := json.Marshal(config)
	if err != nil {
		return "", err
	}
	manifest.Config = s.store(ocispecs.MediaTypeImageConfig, data)
	if data, err = json.Marshal(manifest); err != nil {
		return "", err
	}
	id := s.store(manifest.MediaType, data).Digest
	s.layers[id] = config.RootFS.DiffIDs
	return id, nil
}

func (s *server) store(mediaType string, data []byte) ocispecs.Descriptor {
	id := digest.FromBytes(data)
	s.blobs[id] = data
	return ocispecs.Descriptor{MediaType: mediaType, Digest: id, Size: int64(len(data))}
}

// compress compresses, the same always.
func compress(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one
	}
	w.Write(data) // a buffer takes all
	w.Close()
	return b.Bytes()
}

// archive is a tar file of small things: contents are those of its regular files, in order.
func archive(headers []tar.Header, contents ...string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.ModTime = time.Unix(1_700_000_000, 0)
		content := ""
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Typeflag == tar.TypeReg {
			content, contents = contents[0], contents[1:]
		}
		h.Size = int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			panic(err) // a name that tar cannot hold
		}
		w.Write([]byte(content))
	}
	w.Close()
	return b.Bytes()
}

// standIn stands for package managers and compilers: what it writes depends on what the real ones
// would read, and on nothing else.
const standIn = `#!/bin/sh
# stamp FILE INPUT...: FILE tells of the contents of those inputs that exist.
stamp() {
	mkdir -p "$(dirname "$1")"
	out=$1
	shift
	for input; do
		[ -f "$input" ] && cat "$input"
	done | sha256sum | cut -c-64 >"$out"
}
tool=${0##*/}
case "$tool $1" in
"pip install")
	mkdir -p /usr/lib/site
	echo "$@" >>/usr/lib/site/log
	while [ $# -gt 0 ]; do
		[ "$1" = -r ] && cp "$2" /usr/lib/site/requirements
		shift
	done
	;;
"npm ci" | "npm install" | "yarn install" | "pnpm install") stamp node_modules/.stamp package.json package-lock.json yarn.lock ;;
"npm run" | "yarn build") stamp dist/bundle.js $(find src public -type f 2>/dev/null | sort) ;;
"go mod") stamp /go/pkg/mod/.stamp go.mod go.sum ;;
"go build")
	out=app
	while [ $# -gt 0 ]; do
		[ "$1" = -o ] && out=$2
		shift
	done
	stamp "$out" $(find . -name "*.go" | sort)
	chmod 755 "$out"
	;;
"mvn "*)
	case "$*" in
	*dependency:go-offline*) stamp /root/.m2/.stamp pom.xml ;;
	*) stamp target/app.jar pom.xml $(find src -type f | sort) ;;
	esac
	;;
"apt-get update") stamp /var/lib/apt/lists/stamp ;;
"apt-get install" | "apk add")
	mkdir -p /var/lib/packages
	for name; do
		case $name in
		-* | install | add) ;;
		*) echo installed >"/var/lib/packages/$name" ;;
		esac
	done
	;;
esac
exit 0
`

// standsFor are the programs that standIn stands for.
var standsFor = []string{"apk", "apt-get", "go", "java", "mvn", "node", "npm", "pip", "pnpm", "python", "yarn"}

// baseLayer is a small system: busybox, the users root, node (1000) and nobody, and the stand-ins.
func baseLayer(busybox string) ([]byte, error) {
	program, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	list, err := output(exec.Command(busybox, "--list"))
	if err != nil {
		return nil, err
	}
	var headers []tar.Header
	for _, dir := range []string{"bin", "etc", "home", "home/node", "root", "usr", "usr/bin", "usr/local", "usr/local/bin", "var", "var/lib"} {
		headers = append(headers, tar.Header{Name: dir + "/", Typeflag: tar.TypeDir, Mode: 0o755})
	}
	for _, dir := range []string{"made", "tmp"} { // for everyone
		headers = append(headers, tar.Header{Name: dir + "/", Typeflag: tar.TypeDir, Mode: 0o777})
	}
	headers = append(headers,
		tar.Header{Name: "bin/busybox", Mode: 0o755},
		tar.Header{Name: "usr/local/bin/stand-in", Mode: 0o755},
		tar.Header{Name: "etc/passwd", Mode: 0o644},
		tar.Header{Name: "etc/group", Mode: 0o644})
	for _, applet := range strings.Fields(string(list)) {
		if applet != "busybox" && !slices.Contains(standsFor, applet) {
			headers = append(headers, tar.Header{Name: "bin/" + applet, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777})
		}
	}
	for _, tool := range standsFor {
		headers = append(headers, tar.Header{Name: "usr/local/bin/" + tool, Typeflag: tar.TypeSymlink, Linkname: "stand-in", Mode: 0o777})
	}
	return archive(headers, string(program), standIn,
		"root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
		"root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n"), nil
}

// SetHTTP replaces what the web server answers.
func (d *Daemon) SetHTTP(files map[string]scenario.Response) {
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	d.server.files = files
}

// commit adds what a git repository lacks of the commits.
func (s *server) commit(repo string, commits []scenario.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Join(s.git, repo)
	git := func(args ...string) error {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		date := fmt.Sprintf("%d +0000", 1_700_000_000+s.wrote[repo])
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
		_, err := output(cmd)
		return err
	}
	if s.wrote == nil {
		s.wrote = map[string]int{}
	}
	for _, c := range commits[s.wrote[repo]:] {
		if s.wrote[repo] == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := git("init", "-q", "-b", "main"); err != nil {
				return err
			}
		}
		for name, content := range c.Files {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
				return err
			}
		}
		s.wrote[repo]++
		for _, args := range [][]string{{"add", "-A"}, {"commit", "-q", "--allow-empty", "--allow-empty-message", "-m", c.Message}, {"update-server-info"}} {
			if err := git(args...); err != nil {
				return err
			}
		}
	}
	return nil
}

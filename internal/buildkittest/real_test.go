//go:build linux

package buildkittest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
	"layerwise/internal/scenario"

	"golang.org/x/mod/sumdb/dirhash"
)

// TestFixesOfRealTools proves the fixes of testdata/real with package managers that Debian has, and the
// Go that runs this test: their images have the packages of this machine.
func TestFixesOfRealTools(t *testing.T) {
	proveAll(t, "testdata/real", func(t *testing.T, d *Daemon, name, dockerfile string) map[string]string {
		tool, ok := realTools[name]
		if !ok {
			t.Fatalf("there is no tool for %s", name)
		}
		var layers []layer
		if tool.debian != nil {
			layers = append(layers, debian(t, tool.debian))
		}
		image := scenario.Image{}
		config := image.Resolved()
		config.Env = append(config.Env, "HOME=/root", "GOROOT=/usr/local/go", "GOPROXY=http://"+d.addr+"/go", "GONOSUMDB=*", "GOTOOLCHAIN=local", "COMPOSER_ALLOW_SUPERUSER=1")
		image.Config = &config
		web := map[string]scenario.Response{}
		files, replace := tool.packages(t, web)
		for name, content := range files {
			layers = append(layers, newLayer(archive([]tar.Header{{Name: name, Mode: 0o755}}, strings.ReplaceAll(content, webServer, d.addr))))
		}
		d.SetHTTP(web)
		if err := d.SetBase(image, bases(dockerfile), layers...); err != nil {
			t.Fatal(err)
		}
		return replace
	})
}

// realTool is a package manager with a package.
type realTool struct {
	debian [][2]string // programs, and the Debian packages that have them
	// packages puts a package where the tool finds it: on the web server, or in a file of the image.
	// The texts in replace are put into the files of the build context.
	packages func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string)
}

var realTools = map[string]realTool{
	"pip": {[][2]string{{"/usr/bin/pip3", "python3-pip"}}, func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string) {
		wheel := zipped(
			"hello/__init__.py", "print('hello')\n",
			"hello-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: hello\nVersion: 1.0.0\n",
			"hello-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
			"hello-1.0.0.dist-info/RECORD", "")
		return map[string]string{
			"wheels/hello-1.0.0-py3-none-any.whl": wheel,
			"etc/pip.conf":                        "[global]\nno-index = true\nfind-links = /wheels\nbreak-system-packages = true\n",
			"usr/local/bin/pip":                   "#!/bin/sh\nexec /usr/bin/pip3 \"$@\"\n",
		}, nil
	}},
	"npm": {[][2]string{{"npm", "npm"}, {"node", "nodejs"}}, func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string) {
		web["/hello.tgz"] = scenario.Response{Content: string(compress(archive([]tar.Header{{Name: "package/package.json", Mode: 0o644}, {Name: "package/index.js", Mode: 0o644}},
			`{"name":"hello","version":"1.0.0"}`, "console.log('hello')\n")))}
		return nil, nil
	}},
	"go": {nil, func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string) {
		const module, mod = "example.com/hello@v1.0.0/", "module example.com/hello\n"
		source := zipped(module+"go.mod", mod, module+"hello.go", "package hello\n")
		file := filepath.Join(t.TempDir(), "hello.zip")
		if err := os.WriteFile(file, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		sum, err := dirhash.HashZip(file, dirhash.Hash1)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%x  go.mod\n", sha256.Sum256([]byte(mod)))
		const place = "/go/example.com/hello/@v/v1.0.0"
		web[place+".info"] = scenario.Response{Content: `{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}`}
		web[place+".mod"] = scenario.Response{Content: mod}
		web[place+".zip"] = scenario.Response{Content: source}
		root, err := output(exec.Command("go", "env", "GOROOT"))
		if err != nil {
			t.Fatal(err)
		}
		goroot := strings.TrimSpace(string(root))
		program, err := os.ReadFile(filepath.Join(goroot, "bin", "go"))
		if err != nil {
			t.Fatal(err)
		}
		files = map[string]string{"usr/local/go/bin/go": string(program), "usr/local/bin/go": "#!/bin/sh\nexec /usr/local/go/bin/go \"$@\"\n"}
		for _, name := range []string{"VERSION", "go.env"} {
			text, err := os.ReadFile(filepath.Join(goroot, name))
			if err != nil {
				t.Fatal(err)
			}
			files["usr/local/go/"+name] = string(text)
		}
		return files, map[string]string{"h1:SUM": sum, "h1:MOD": hash1(line)}
	}},
	"bundle": {[][2]string{{"bundle", "bundler"}, {"ruby", "ruby"}}, func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string) {
		dir := t.TempDir()
		write(t, dir, map[string]string{"lib/hello.rb": "puts 'hello'\n", "hello.gemspec": "Gem::Specification.new { |s| s.name, s.version, s.files, s.summary, s.authors = 'hello', '1.0.0', ['lib/hello.rb'], 's', ['a'] }\n"})
		cmd := exec.Command("gem", "build", "hello.gemspec")
		cmd.Dir = dir
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		gem, err := os.ReadFile(filepath.Join(dir, "hello-1.0.0.gem"))
		if err != nil {
			t.Fatal(err)
		}
		info := fmt.Sprintf("---\n1.0.0 |checksum:%x\n", sha256.Sum256(gem))
		web["/gems/versions"] = scenario.Response{Content: fmt.Sprintf("created_at: 2024-01-01T00:00:00Z\n---\nhello 1.0.0 %x\n", md5.Sum([]byte(info)))}
		web["/gems/info/hello"] = scenario.Response{Content: info}
		web["/gems/gems/hello-1.0.0.gem"] = scenario.Response{Content: string(gem)}
		return nil, nil
	}},
	"composer": {[][2]string{{"composer", "composer"}, {"php", "php-cli"}}, func(t *testing.T, web map[string]scenario.Response) (files, replace map[string]string) {
		web["/hello.zip"] = scenario.Response{Content: zipped("hello-1.0.0/composer.json", `{"name":"a/hello"}`, "hello-1.0.0/hello.php", "<?php\n")}
		return map[string]string{"root/.composer/config.json": `{"config":{"secure-http":false}}`}, nil
	}},
}

// hash1 is the sum that go.sum has of a list of files.
func hash1(list string) string {
	sum := sha256.Sum256([]byte(list))
	return "h1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// zipped is a zip file of names and contents.
func zipped(files ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			panic(err) // a buffer takes all
		}
		f.Write([]byte(files[i+1]))
	}
	w.Close()
	return b.String()
}

// debian is a layer of the Debian packages that have these programs, and of all that they depend on, as
// they are installed on this machine.
func debian(t *testing.T, programs [][2]string) layer {
	t.Helper()
	tree := map[string]string{}  // path in the image → file of this machine
	links := map[string]string{} // path in the image → target
	for _, p := range programs {
		name := endtoend.Need(t, p[0], p[1])
		real, err := filepath.EvalSymlinks(name) // it may be one of several alternatives
		if err != nil {
			t.Fatal(err)
		}
		owner, err := output(exec.Command("dpkg-query", "-S", real))
		if err != nil {
			endtoend.Missing(t, fmt.Sprintf("%s is not of a Debian package: %v", real, err))
		}
		first, _, _ := strings.Cut(string(owner), ":")
		list, err := output(exec.Command("dpkg-query", append([]string{"-L"}, dependencies(t, first)...)...))
		if err != nil {
			t.Fatal(err)
		}
		for file := range strings.Lines(string(list)) {
			file = strings.TrimSpace(file)
			dir, err := filepath.EvalSymlinks(path.Dir(file)) // /lib is /usr/lib
			if err == nil && !unneeded.MatchString(file) {
				tree[path.Join(dir, path.Base(file))[1:]] = file
			}
		}
		for _, dir := range []string{"usr/local/bin/", "usr/bin/"} { // the first hides a stand-in
			if at := dir + path.Base(name); "/"+at != real {
				links[at] = real
			}
		}
		if module, _, ok := strings.Cut(real, "/bin/npm-cli"); ok { // which may have updated itself
			if err := filepath.WalkDir(module, func(file string, _ os.DirEntry, err error) error {
				tree[file[1:]] = file
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, pattern := range []string{"/etc/php/*/cli/conf.d/*", "/etc/php/*/mods-available/*"} { // made at installation
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			tree[name[1:]] = name
		}
	}
	links["usr/bin/env"] = "/bin/env"
	for _, lib := range []string{"lib", "lib64"} {
		links[lib] = "usr/" + lib
	}
	var headers []tar.Header
	var contents []string
	for _, to := range slices.Sorted(maps.Keys(tree)) {
		from := tree[to]
		info, err := os.Lstat(from)
		if err != nil {
			continue // it was left out here, too
		}
		h := tar.Header{Name: to, Mode: int64(info.Mode().Perm())}
		switch {
		case info.IsDir():
			h.Typeflag = tar.TypeDir
			h.Name += "/"
		case info.Mode()&os.ModeSymlink != 0:
			if links[to], err = os.Readlink(from); err != nil {
				t.Fatal(err)
			}
			continue
		default:
			data, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			contents = append(contents, string(data))
		}
		headers = append(headers, h)
	}
	for _, name := range slices.Sorted(maps.Keys(links)) {
		headers = append(headers, tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: links[name], Mode: 0o777})
	}
	return newLayer(archive(headers, contents...))
}

// unneeded are files of packages that no program reads, and links that the image has already.
var unneeded = regexp.MustCompile(`^/usr/(share/(doc|man|locale|info|lintian)|include)/|^/(bin|sbin|lib|lib64)$|^/\.$`)

// dependencies are the installed packages that a package needs, itself included.
func dependencies(t *testing.T, name string) []string {
	t.Helper()
	list, err := output(exec.Command("dpkg-query", "-W", "-f", "${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n"))
	if err != nil {
		t.Fatal(err)
	}
	needs, provided := map[string][]string{}, map[string]string{}
	names := func(text string) (all []string) {
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '|' }) {
			if fields := strings.Fields(part); len(fields) > 0 {
				bare, _, _ := strings.Cut(fields[0], ":")
				all = append(all, bare)
			}
		}
		return all
	}
	for line := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		needs[fields[0]] = names(fields[1])
		for _, virtual := range names(fields[2]) {
			provided[virtual] = fields[0]
		}
	}
	found := []string{name}
	for i := 0; i < len(found); i++ {
		for _, needed := range needs[found[i]] {
			if _, installed := needs[needed]; !installed {
				needed = provided[needed]
			}
			if needed != "" && !slices.Contains(found, needed) {
				found = append(found, needed)
			}
		}
	}
	return found
}

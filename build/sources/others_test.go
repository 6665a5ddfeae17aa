package sources

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostileTilt: Tiltfiles that would take much are read with a note, or in no time.
func TestHostileTilt(t *testing.T) {
	var doubled strings.Builder
	doubled.WriteString("v0 = 'xxxxxxxx'\n")
	for i := 1; i < 100; i++ {
		fmt.Fprintf(&doubled, "v%d = v%d + v%d\n", i, i-1, i-1)
	}
	for name, src := range map[string]string{
		"nested":  "docker_build('a', " + strings.Repeat("(", 200_000),
		"doubled": doubled.String() + "docker_build('a', v99)\n",
		"circle":  "a = b\nb = a\ndocker_build('a', a)\n",
		"itself":  "a = a + 'x'\ndocker_build('a', a)\n",
		"long":    "docker_build('a', 'x'" + strings.Repeat(" + 'x'", 30_000) + ")\n",
		"unary":   "docker_build('a', " + strings.Repeat("-", 200_000) + "1)\n",
		"large":   "docker_build('a', '.')\n" + strings.Repeat("#", maxScript),
		"CRLF":    "\ufeffdocker_build('a',\r\n 'gone')\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			texts := map[string]string{"Tiltfile": src, "Dockerfile": "FROM alpine\n"}
			checkLaws(t, texts)
			if r := disk(&Files{overlay: texts}).read("Tiltfile")[0]; len(r.notes) == 0 {
				t.Errorf("there is no note, and the builds %v", r.builds)
			}
		})
	}
}

// TestHostileCloudBuild: substitutions that double are cut, and ten thousand images are read.
func TestHostileCloudBuild(t *testing.T) {
	var b strings.Builder
	b.WriteString("substitutions:\n  _V0: xxxxxxxx\n")
	for i := 1; i < 100; i++ {
		fmt.Fprintf(&b, "  _V%d: $_V%d$_V%d\n", i, i-1, i-1)
	}
	b.WriteString("steps:\n- name: docker\n  args: [build, --build-arg, A=$_V99, .]\n")
	texts := map[string]string{"cloudbuild.yaml": b.String(), "Dockerfile": "FROM alpine\n"}
	checkLaws(t, texts)
	if r := disk(&Files{overlay: texts}).read("cloudbuild.yaml")[0]; len(r.builds) != 1 || r.builds[0].Args["A"] != nil {
		t.Errorf("builds %v", r.builds)
	}

	b.Reset()
	b.WriteString("dockers:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "- dockerfile: Dockerfile\n  id: i%d\n", i)
	}
	texts = map[string]string{".goreleaser.yaml": b.String(), "Dockerfile": "FROM scratch\n"}
	if r := disk(&Files{overlay: texts}).read(".goreleaser.yaml")[0]; len(r.builds) != 10_000 || len(r.notes) > 0 {
		t.Errorf("%d builds, notes %v", len(r.builds), r.notes)
	}
}

func FuzzTilt(f *testing.F) {
	f.Add("A = 'x'\ndocker_build('a' + A, './api', build_args={'K': A}, target='t', secret=['id=x'], **more)\ndocker_compose(['c.yml'])\n")
	f.Add("def f(x, y='a', *z, **w):\n  docker_build_with_restart(x, context=os.path.join('a', y), dockerfile_contents='FROM x')\n[docker_build(q, '.') for q in ['a']]\n")
	f.Fuzz(func(t *testing.T, src string) {
		checkLaws(t, map[string]string{"Tiltfile": src, "sub/Tiltfile": src, "Dockerfile": "FROM alpine\n"})
	})
}

func FuzzGoReleaser(f *testing.F) {
	f.Add("project_name: p\ndockers:\n- dockerfile: a/{{ .ProjectName }}\n  build_flag_templates: [--build-arg, A=b, '--target={{ .X }}', --platform=a, --build-context=x=y]\n")
	f.Add("dockers_v2:\n- {id: x, images: ['a{{.B}}'], build_args: {A: b, '{{.C}}': d}, flags: [--secret=id=x]}\n")
	f.Fuzz(func(t *testing.T, src string) {
		checkLaws(t, map[string]string{".goreleaser.yaml": src, "build/goreleaser.yml": src, "Dockerfile": "FROM alpine\n"})
	})
}

func FuzzCloudBuild(f *testing.F) {
	f.Add("substitutions: {_A: b, _B: '${_A}$_A'}\nsteps:\n- name: gcr.io/cloud-builders/docker\n  args: [build, -t, x$_B, --build-arg, A=$$B, .]\nimages: [x$_B]\n")
	f.Add("steps:\n- {name: x, entrypoint: bash, args: [-c, 'docker build $_A']}\n- {name: kaniko, args: ['--context=dir:///workspace/a']}\n- {name: y, dir: /workspace/x, script: docker build .}\n")
	f.Fuzz(func(t *testing.T, src string) {
		checkLaws(t, map[string]string{"cloudbuild.yaml": src, "deploy/cloudbuild.json": src, "Dockerfile": "FROM alpine\n", "x/Dockerfile": ""})
	})
}

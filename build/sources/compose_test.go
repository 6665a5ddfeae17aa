package sources

import (
	"testing"
)

// TestComposeCalls reads compose files as other sources call them.
func TestComposeCalls(t *testing.T) {
	texts := map[string]string{
		"compose.yaml":     "services:\n  a: {image: reg/a, build: .}\n  b: {build: .}\n",
		"compose.ci.yaml":  "services:\n  a: {build: {target: ci}}\n",
		"Dockerfile":       "FROM x\n",
		"compose.lost.yml": "services: {\n",
	}
	one := "1"
	for name, c := range map[string]struct {
		call Call
		want string
	}{
		"released": {Call{Files: []string{"compose.yaml"}, Targets: []string{"a"}, Released: true},
			`compose.yaml:2 compose "a": Dockerfile, folder ., images [reg/a], released, default
compose.yaml:3 compose "b": Dockerfile, folder ., default
`},
		"with arguments": {Call{Dir: ".", Args: map[string]*string{"A": &one, "B": nil}, Targets: []string{"b"}},
			`compose.yaml:2 compose "a": Dockerfile, folder ., images [reg/a], default
compose.yaml:3 compose "b": Dockerfile, folder ., arg A=1, arg B, default
compose.yaml:3 compose "b": Dockerfile, folder ., default
`},
		"with another file": {Call{Files: []string{"compose.yaml", "compose.ci.yaml"}},
			`compose.ci.yaml:2 compose "a": Dockerfile, folder ., target ci, images [reg/a], default
compose.yaml:2 compose "a": Dockerfile, folder ., images [reg/a], default
compose.yaml:3 compose "b": Dockerfile, folder ., default
`},
		"a file that is not there": {Call{Files: []string{"compose.yaml", "x.yaml"}},
			`compose.yaml:2 compose "a": Dockerfile, folder ., images [reg/a], default
compose.yaml:3 compose "b": Dockerfile, folder ., default
note: ci.sh:7: the compose file x.yaml, which this reads, is not there
`},
		"a file that is malformed": {Call{Files: []string{"compose.lost.yml"}},
			`compose.yaml:2 compose "a": Dockerfile, folder ., images [reg/a], default
compose.yaml:3 compose "b": Dockerfile, folder ., default
note: compose.lost.yml:1: this file was not read: could not find flow mapping end token '}'
`},
	} {
		t.Run(name, func(t *testing.T) {
			files := &Files{overlay: texts}
			c.call.Kind, c.call.Place = Compose, Place{"ci.sh", 7, Shell}
			caller := &reading{files: &watched{files: files, looks: map[look]bool{}}, file: "ci.sh", kind: Shell, calls: []Call{c.call}}
			if got := lines(together(append(disk(files).read("compose.yaml"), caller))); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// TestComposeServices reads the services that bake takes from compose files.
func TestComposeServices(t *testing.T) {
	files := &Files{overlay: map[string]string{
		"x/compose.yaml":       "services:\n  a: {build: {context: a, dockerfile: ../b, args: {A: $A}}}\n  c: {image: c}\n",
		"x/docker-compose.yml": "services:\n  a: {build: {target: $T}}\n  b: {build: .}\n",
		"x/.env":               "A=1\n",
	}}
	r := &reading{files: &watched{files: files, looks: map[look]bool{}}, file: "x/docker-bake.hcl", kind: Bake}
	got := composeServices(r, []string{"x/compose.yaml", "x/docker-compose.yml"}, "x", nil)
	a, b := got["a"], got["b"]
	if len(got) != 2 || a.Place != (Place{"x/compose.yaml", 2, Compose}) || b.Place != (Place{"x/docker-compose.yml", 3, Compose}) {
		t.Errorf("%v", got)
	}
	if a.context.text != "a" || a.context.from != "x" || a.dockerfile.text != "../b" || *a.Args["A"] != "1" || a.Target != "" || !a.Unsure {
		t.Errorf("%+v", a)
	}
	if b.context.text != "." || b.dockerfile.text != "" {
		t.Errorf("%+v", b)
	}
}

package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const stagesDockerfile = `FROM node:22.14 AS deps
WORKDIR /app
COPY package*.json ./
RUN npm ci

FROM deps AS build
COPY src src
RUN npm run build

FROM nginx:1.27 AS web
COPY --from=build /app/dist /usr/share/nginx/html
COPY --from=deps /app/package.json /etc/
COPY nginx.conf /etc/nginx/

FROM web AS debug
RUN true
`

func stagesProject(t testing.TB) string {
	return repository(t, map[string]string{
		"Dockerfile": stagesDockerfile, "package.json": `{"name":"a"}`, "package-lock.json": `{"lockfileVersion":3}`,
		"src/index.js": "x", "src/other.js": "y", "nginx.conf": "z", "compose.yaml": "services: {web: {build: {context: ., target: web}}}\n",
	})
}

func TestLenses(t *testing.T) {
	dir := stagesProject(t)
	uri := "file://" + dir + "/Dockerfile"
	all := []string{
		"0 Built by compose.yaml, service web: context ., target web [layerwise.chooseBuild]\n",
		"0 2 of 3 steps rerun on an edit of package-lock.json []\n5 2 of 2 steps rerun on an edit of src/index.js []\n" +
			"9 1 of 3 steps reruns on an edit of nginx.conf []\n",
		"0 2 references []\n5 1 reference []\n9 2 references []\n",
	}
	for _, c := range []struct{ name, off, want string }{
		{"all", "", all[0] + all[1] + all[2]},
		{"without builds", "builds: false", all[1] + all[2]},
		{"without reruns", "reruns: false", all[0] + all[2]},
		{"without references", "references: false", all[0] + all[1]},
		{"without any", "builds: false, reruns: false, references: false", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, dir+"/.layerwise.yaml", "lenses: {"+c.off+"}\n")
			client := start(t, `{}`)
			client.open(uri, stagesDockerfile)
			client.until(c.want, func() string { return client.allLenses(uri) })
		})
	}
}

// TestReferenceLens: a client with the command gets the places when it shows the lens.
func TestReferenceLens(t *testing.T) {
	dir := stagesProject(t)
	uri := "file://" + dir + "/Dockerfile"
	write(t, dir+"/.layerwise.yaml", "lenses: {builds: false, reruns: false}\n")
	c := start(t, `{"experimental":{"commands":{"commands":["other","layerwise.showReferences"]}}}`)
	c.open(uri, stagesDockerfile)
	c.until("0  []\n5  []\n9  []\n", func() string { return c.allLenses(uri) })
	type lens struct {
		Command struct {
			Title, Command string
			Arguments      []json.RawMessage
		}
	}
	var list []json.RawMessage
	at := func() string {
		return string(c.result("textDocument/codeLens", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)))
	}
	c.until("2 references", func() string { // one of them is in compose.yaml, which is read meanwhile
		if err := json.Unmarshal([]byte(at()), &list); err != nil {
			t.Fatal(err)
		}
		var l lens
		if err := json.Unmarshal(c.result("codeLens/resolve", string(list[2])), &l); err != nil {
			t.Fatal(err)
		}
		return l.Command.Title
	})
	var l lens
	if err := json.Unmarshal(c.result("codeLens/resolve", string(list[2])), &l); err != nil {
		t.Fatal(err)
	}
	got := l.Command.Command
	for _, a := range l.Command.Arguments {
		got += " " + string(a)
	}
	want := fmt.Sprintf(`layerwise.showReferences %q {"line":9,"character":0} [{"uri":%[1]q,"range":{"start":{"line":14,"character":5},"end":{"line":14,"character":8}}},`+
		`{"uri":"file://%s/compose.yaml","range":{"start":{"line":0,"character":45},"end":{"line":0,"character":48}}}]`, uri, dir)
	same(t, "the lens", got+"\n", want+"\n")
	// One of a text that is gone is answered, too.
	c.change(uri, 2, `[{"text":"FROM a\n"}]`)
	c.result("codeLens/resolve", string(list[2]))
}

// TestLensAgreesWithImpact is a law: what the lens of a stage says of a file is what the request says of saving it,
// which counts the steps of all stages.
func TestLensAgreesWithImpact(t *testing.T) {
	for name, src := range map[string]string{
		"stages":  stagesDockerfile,
		"linked":  "FROM a AS x\nCOPY src /src\nRUN make\nFROM b\nCOPY --link src /s\nRUN true\nCOPY --from=x /out /out\nCOPY --from=x /src/index.js /\n",
		"twice":   "FROM a\nCOPY src/index.js /a\nCOPY src /b\nRUN make\nCOPY . /c\n",
		"args":    "FROM a\nARG V=1\nRUN echo $V\nCOPY . .\nENV X=$V\nWORKDIR /x\nRUN make\n",
		"onbuild": "FROM a AS base\nONBUILD COPY src /s\nONBUILD RUN make\nFROM base\nCOPY nginx.conf /\nRUN true\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := stagesProject(t)
			if err := os.Remove(dir + "/compose.yaml"); err != nil {
				t.Fatal(err)
			}
			write(t, dir+"/Dockerfile", src)
			uri := "file://" + dir + "/Dockerfile"
			c := start(t, `{}`)
			c.open(uri, src)
			var lenses []string
			for end := 200; len(lenses) == 0 && end > 0; end-- {
				for line := range strings.Lines(c.allLenses(uri)) {
					if strings.Contains(line, " on an edit of ") {
						lenses = append(lenses, line)
					}
				}
			}
			if len(lenses) == 0 {
				t.Fatal("no lens")
			}
			starts := []int{}
			for i, line := range strings.Split(src, "\n") {
				if strings.HasPrefix(line, "FROM ") {
					starts = append(starts, i)
				}
			}
			for _, lens := range lenses {
				var line, rebuilt, steps, depends int
				fmt.Sscanf(lens, "%d %d of %d", &line, &rebuilt, &steps)
				file, rest, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(lens[strings.Index(lens, " on an edit of ")+15:]), " []"), ",")
				fmt.Sscanf(rest, " and perhaps %d more", &depends)
				var answer struct {
					Impacts []struct {
						Effects []struct {
							Line  int
							State string
						}
					}
				}
				raw := c.result("layerwise.impact", fmt.Sprintf(`{"uri":%q}`, "file://"+filepath.Join(dir, file)))
				if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Impacts) != 1 {
					t.Fatalf("%s %v", raw, err)
				}
				count := map[string]int{}
				for _, e := range answer.Impacts[0].Effects {
					stage := 0
					for _, start := range starts {
						if start <= e.Line {
							stage = start
						}
					}
					if stage == line {
						count[e.State]++
					}
				}
				reached := count["rebuilt"] + count["depends"] + count["cached"]
				if count["rebuilt"] != rebuilt || count["depends"] != depends || reached != steps {
					t.Errorf("%s\nthe request says of %s %v", lens, file, count)
				}
			}
		})
	}
}

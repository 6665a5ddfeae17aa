package copies_test

import (
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

func TestTypicalSource(t *testing.T) {
	bc := files.InMemory(map[string]string{
		"Dockerfile": "", ".env": "", "README.md": "", "a.txt": "", "b.txt": "", "c.txt": "", "package.json": "", "package-lock.json": "",
		"src/deep/z.ts": "", "src/index.ts": "", "src/style.css": "", "web/page.html": "", ".dockerignore": "src/ignored\n", "src/ignored/a.ts": "",
	})
	for _, c := range []struct{ steps, want string }{
		{"COPY . .", "src/index.ts"},
		{"COPY * ./", "src/index.ts"},
		{"COPY package*.json ./\nRUN npm ci\nCOPY . .", "src/index.ts"},
		{"COPY package*.json ./", "package-lock.json"},
		{"COPY src/index.ts src/deep ./\nCOPY . .", "src/style.css"},
		{"COPY --exclude=*.ts --exclude=**/*.ts . .", "src/style.css"},
		{"COPY src /a\nCOPY . /b", "web/page.html"},
		{"COPY missing .", ""},
		{"COPY --from=x . .", ""},
		{"RUN make", ""},
	} {
		g := stages.Resolve(syntax.Parse("FROM a\n"+c.steps+"\n"), stages.Args{}, nil)
		if got, _ := copies.TypicalSource(bc, g.Stages[0]); got != c.want {
			t.Errorf("%q: got %q, want %q", c.steps, got, c.want)
		}
	}
}

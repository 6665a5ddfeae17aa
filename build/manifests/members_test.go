package manifests

import (
	"fmt"
	"testing"

	"layerwise/build/files"
)

func TestNeeds(t *testing.T) {
	bc := files.InMemory(map[string]string{
		"package.json":                `{"workspaces": ["packages/*"]}`,
		"packages/web/package.json":   `{"name": "web", "dependencies": {"ui": "workspace:*", "log": "1.2.0", "dates": "^3.0.0"}, "devDependencies": {"lint": "workspace:*"}}`,
		"packages/ui/package.json":    `{"name": "ui", "dependencies": {"theme": "*"}}`,
		"packages/theme/package.json": `{"name": "theme"}`,
		"packages/log/package.json":   `{"name": "log", "version": "1.2.0"}`,
		"packages/dates/package.json": `{"name": "dates", "version": "4.0.0"}`,
		"packages/lint/package.json":  `{"name": "lint"}`,
		"packages/admin/package.json": `{"name": "admin"}`,
		"src/Api/Api.csproj":          `<Project><ItemGroup><ProjectReference Include="..\Core\Core.csproj" /></ItemGroup></Project>`,
		"src/Core/Core.csproj":        `<Project></Project>`,
		"src/Jobs/Jobs.csproj":        `<Project></Project>`,
	})
	for _, c := range []struct {
		what             string
		missing, present []string
		want             string
	}{
		{"and what those need", []string{"packages/theme/package.json", "packages/ui/package.json"}, []string{"packages/web/package.json"},
			"[{packages/ui/package.json packages/web/package.json} {packages/theme/package.json packages/ui/package.json}]"},
		{"the very version", []string{"packages/log/package.json"}, []string{"packages/web/package.json"}, "[{packages/log/package.json packages/web/package.json}]"},
		{"a published version", []string{"packages/dates/package.json"}, []string{"packages/web/package.json"}, "[]"},
		{"for developers only", []string{"packages/lint/package.json"}, []string{"packages/web/package.json"}, "[]"},
		{"nobody needs it", []string{"packages/admin/package.json"}, []string{"package.json", "packages/web/package.json"}, "[]"},
		{"a project of .NET", []string{"src/Core/Core.csproj", "src/Jobs/Jobs.csproj"}, []string{"src/Api/Api.csproj"}, "[{src/Core/Core.csproj src/Api/Api.csproj}]"},
	} {
		if got := fmt.Sprint(Needs(bc, c.missing, c.present)); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

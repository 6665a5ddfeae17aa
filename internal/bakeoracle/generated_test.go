package bakeoracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestGenerated compares projects that are made by chance, always the same ones.
func TestGenerated(t *testing.T) {
	const projects = 400
	compared, builds, open, refusals := 0, 0, 0, 0
	for seed := range uint64(projects) {
		g := &generator{rand.New(rand.NewPCG(seed, 11))}
		files := g.project()
		found, services := byLayerwise(t, files)
		differences, unknown, err := compare(files, found, services)
		if err != nil {
			refusals++
			if refusals < 4 {
				t.Logf("buildx refuses project %d: %v", seed, err)
			}
			continue
		}
		compared, builds, open = compared+1, builds+len(found), open+unknown
		if len(differences) > 0 {
			slices.Sort(differences)
			var all strings.Builder
			for _, name := range []string{"compose.yaml", "docker-bake.json", "docker-bake.hcl", "docker-bake.override.hcl"} {
				if files[name] != "" {
					fmt.Fprintf(&all, "-- %s --\n%s", name, files[name])
				}
			}
			t.Errorf("project %d:\n%s\n%s", seed, strings.Join(differences, "\n"), all.String())
			break
		}
	}
	t.Logf("%d projects of %d builds compared, %d values only the run knows; %d projects refused by buildx", compared, builds, open, refusals)
	if compared < 300 || builds < 1000 || open*2 > builds {
		t.Errorf("too little was compared")
	}
}

// generator makes bake projects.
type generator struct{ *rand.Rand }

func (g *generator) one(list ...string) string { return list[g.IntN(len(list))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

var (
	folders = []string{".", "api", "web", "web/app"}
	targets = []string{"api", "web", "base", "_common", "release", "tool", "default"}
)

func (g *generator) project() map[string]string {
	files := map[string]string{}
	for _, dir := range folders {
		for _, name := range []string{"Dockerfile", "app.Dockerfile"} {
			files[strings.TrimPrefix(dir+"/"+name, "./")] = "FROM alpine\n"
		}
	}
	files["docker-bake.hcl"] = g.hcl(true)
	if g.chance(40) {
		files["docker-bake.override.hcl"] = g.hcl(false)
	}
	if g.chance(30) {
		files["docker-bake.json"] = g.json()
	}
	if g.chance(30) {
		files["compose.yaml"] = g.compose()
	}
	return files
}

// hcl is a file. Only the first one defines all variables and functions, and the targets that others may name.
func (g *generator) hcl(first bool) string {
	var b strings.Builder
	if first {
		fmt.Fprintf(&b, "variable \"REPO\" { default = %q }\n", g.one("acme", "", "x/y"))
		fmt.Fprintf(&b, "variable \"TAG\" { default = \"${REPO}-%s\" }\n", g.one("1", "latest"))
		fmt.Fprintf(&b, "variable \"N\" { default = %d }\nvariable \"ON\" { default = %v }\n", g.IntN(5), g.chance(50))
		b.WriteString("variable \"LIST\" { default = [\"a\", \"b.c\", REPO] }\nvariable \"OBJECT\" { default = { k = \"v\", n = N } }\nPLAIN = \"plain-${N}\"\n")
		fmt.Fprintf(&b, "variable \"TYPED\" {\n  type = %s\n  default = %s\n}\n", g.one("string", "number"), g.one(`"7"`, "7"))
		b.WriteString("variable \"NONE\" {}\n")
		b.WriteString("function \"tag\" {\n  params = [name, more]\n  variadic_params = rest\n  result = \"${REPO}/${name}:${more}${join(\"\", rest)}\"\n}\n")
		b.WriteString("function \"pick\" {\n  params = [c, a]\n  result = c ? a : tag(a, \"none\")\n}\n")
	} else if g.chance(50) {
		fmt.Fprintf(&b, "variable \"REPO\" { default = %s }\n", g.one(`upper("re")`, `"over-${N}"`, "null", `join("-", [for i in range(N) : "n${i}"])`))
	}
	for _, name := range targets {
		if first || g.chance(30) {
			b.WriteString(g.target(name))
		}
	}
	if first && g.chance(70) {
		b.WriteString(g.matrix())
	}
	if g.chance(60) {
		fmt.Fprintf(&b, "group \"default\" { targets = [%s] }\n", g.names())
	}
	if g.chance(40) {
		fmt.Fprintf(&b, "group \"all\" { targets = concat([%s], [\"default\"]) }\n", g.names())
	}
	return b.String()
}

func (g *generator) names() string {
	var list []string
	for range 1 + g.IntN(3) {
		list = append(list, fmt.Sprintf("%q", g.one(targets...)))
	}
	return strings.Join(list, ", ")
}

func (g *generator) target(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "target %q {\n", name)
	if g.chance(40) {
		fmt.Fprintf(&b, "  inherits = [%s]\n", g.names())
	}
	b.WriteString(g.attributes())
	if g.chance(15) && name != "base" {
		fmt.Fprintf(&b, "  labels = { x = target.%s.context }\n", g.one("base", "tool"))
	}
	b.WriteString("}\n")
	return b.String()
}

func (g *generator) attributes() string {
	var b strings.Builder
	line := func(percent int, name, value string) {
		if g.chance(percent) {
			fmt.Fprintf(&b, "  %s = %s\n", name, value)
		}
	}
	line(50, "context", g.one(`"."`, `"api"`, `"./web/"`, `"cwd://web"`, `ON ? "api" : "web"`, `join("/", ["web", "app"])`, `null`, `BAKE_CMD_CONTEXT`))
	line(40, "dockerfile", g.one(`"app.Dockerfile"`, `"./Dockerfile"`, `"cwd://api/Dockerfile"`, `"${"app"}.Dockerfile"`, `""`, `null`))
	line(5, "dockerfile-inline", `"FROM ${REPO}x\n"`)
	line(30, "target", g.one(`"prod"`, `"stage-${N}"`, `ON ? "dev" : ""`, `lower("PROD")`, `null`))
	line(30, "platforms", g.one(`["linux/amd64"]`, `["linux/amd64", "linux/arm64"]`, `[]`, `[for a in ["amd64", "arm64"] : "linux/${a}"]`, `null`))
	line(30, "contexts", g.one(`{ a = "docker-image://alpine:${N}" }`, `{ a = "api", b = "../up" }`, `{ a = "" }`, `{ "b-${N}" = "cwd://web" }`, `{ a = "target:tool2" }`))
	if g.chance(70) {
		fmt.Fprintf(&b, "  args = { A = %s, %s = %s }\n", g.text(3), g.one("B", "C", `"D"`, `"E${N}"`, "(PLAIN)"), g.value(3))
	} else if g.chance(50) {
		fmt.Fprintf(&b, "  args = merge(OBJECT, { B = %s })\n", g.text(2))
	}
	return strings.ReplaceAll(b.String(), "target:tool2", "docker-image://tool")
}

func (g *generator) matrix() string {
	return "target \"m\" {\n  name = \"m-${replace(v, \".\", \"-\")}-${item.n}\"\n" +
		"  matrix = {\n    v = [\"1.0\", \"2.0\"]\n    item = [{ n = \"x\", dir = \"api\" }, { n = \"y\", dir = \"web\" }]\n  }\n" +
		"  context = item.dir\n  args = { V = v, T = \"${v}-${TAG}\", U = " + g.value(2) + " }\n}\n"
}

// value is an expression of any type that can be an argument.
func (g *generator) value(depth int) string {
	if g.chance(30) {
		return g.one("N", "ON", "1.50", "true", "null", "TYPED", "N + 1", "length(LIST)", "max(N, 3)", "NONE", "1e3", "-N", "!ON", "N * 2.5", "7 % 4")
	}
	return g.text(depth)
}

// text is an expression that makes a text.
func (g *generator) text(depth int) string {
	if depth == 0 {
		return g.one(`"x"`, `"${REPO}"`, "TAG", "PLAIN", `"a-${N}"`, `"${ON}"`, `"$${not}"`, `"é\t\"q\""`)
	}
	t := func() string { return g.text(depth - 1) }
	switch g.IntN(22) {
	case 0:
		return fmt.Sprintf("upper(%s)", t())
	case 1:
		return fmt.Sprintf(`"${%s}-${%s}"`, t(), t())
	case 2:
		return fmt.Sprintf("%s ? %s : %s", g.condition(), t(), t())
	case 3:
		return fmt.Sprintf("tag(%s, %s, %s)", t(), t(), t())
	case 4:
		return fmt.Sprintf("pick(%s, %s)", g.condition(), t())
	case 5:
		return fmt.Sprintf(`join(%s, [for x in LIST : "${x}${N}" if x != "a"])`, t())
	case 6:
		return fmt.Sprintf("replace(%s, %s, \"_\")", t(), g.one(`"a"`, `"-"`, `"/[0-9]+/"`))
	case 7:
		return fmt.Sprintf("substr(sha256(%s), 0, 8)", t())
	case 8:
		return fmt.Sprintf(`format("%%s-%%03d", %s, N)`, t())
	case 9:
		return `OBJECT["k"]`
	case 10:
		return "OBJECT.k"
	case 11:
		return "LIST[1]"
	case 12:
		return fmt.Sprintf(`regex_replace(%s, "[aeiou]", "-")`, t())
	case 13:
		return fmt.Sprintf("base64encode(%s)", t())
	case 14:
		return fmt.Sprintf("try(OBJECT.nothing, %s)", t())
	case 15:
		return fmt.Sprintf("coalesce(null, %s)", t())
	case 16:
		return fmt.Sprintf(`jsonencode({ x = %s, y = [1, true] })`, t())
	case 17:
		return fmt.Sprintf(`"%%{ if ON }${%s}%%{ else }no%%{ endif }%%{ for x in LIST }<${x}>%%{ endfor }"`, t())
	case 18:
		return fmt.Sprintf(`urlencode(sanitize(basename("x/${%s}")))`, t())
	case 19:
		return fmt.Sprintf(`lookup({ a = %s }, %s, "none")`, t(), g.one(`"a"`, `"b"`))
	case 20:
		return fmt.Sprintf(`join(",", sort(distinct(concat(LIST, [%s]))))`, t())
	default:
		return fmt.Sprintf("trimprefix(%s, %s)", t(), t())
	}
}

func (g *generator) condition() string {
	return g.one("ON", "!ON", "N > 2", `REPO != ""`, `equal(REPO, "acme")`, `notequal("", TAG)`, "ON && N == 1", `contains(LIST, "a")`, `can(OBJECT.n)`, `strlen(REPO) > 3 || false`)
}

func (g *generator) json() string {
	return fmt.Sprintf(`{
  "//": "made by chance",
  "variable": {"FROM_JSON": {"default": %q}},
  "target": {
    %q: {"args": {"J": "${FROM_JSON}-%s", "N": %s, "NULL": null}, "context": %q},
    "json": {"inherits": [%q], "dockerfile": "app.Dockerfile"}
  },
  "group": {"json-group": {"targets": ["json"]}}
}
`, g.one("j", "${upper(\"j\")}"), g.one(targets...), g.one("${1 + 1}", "x", "$${x}"), g.one("1", "2.50", "true"), g.one(folders...), g.one(targets...))
}

func (g *generator) compose() string {
	return fmt.Sprintf(`services:
  %s:
    build:
      context: %s
      args:
        A: %s
        FROM_COMPOSE: "1"
      target: %s
  other: {image: alpine}
`, g.one("api", "web", "only-compose"), g.one(folders...), g.one("compose", "'2'"), g.one("prod", "dev"))
}

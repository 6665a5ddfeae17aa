package sources

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
)

// composeGenerator makes up compose projects: each has a default file, and may have an override, files that
// it includes, files whose services are extended, and a .env.
type composeGenerator struct {
	*rand.Rand
	files map[string]string
}

func newComposeGenerator(seed uint64) *composeGenerator {
	return &composeGenerator{rand.New(rand.NewPCG(seed, 1)), map[string]string{}}
}

func (g *composeGenerator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *composeGenerator, list ...T) T { return list[g.IntN(len(list))] }

// project is the list of files that are read together.
func (g *composeGenerator) project() []string {
	if g.chance(60) {
		g.files[".env"] = "A=from-env\nEMPTY=\n# x\nexport TAG='1.2' # y\nDIR=src\nREF=$A-${TAG}\n"
	}
	var include []string
	for i := range g.IntN(3) {
		name := fmt.Sprintf("part%d/compose.yaml", i)
		if g.chance(30) {
			g.files[path.Dir(name)+"/.env"] = "A=part\nOWN=own\n"
		}
		g.file(name, nil, "part", nil)
		switch g.IntN(5) {
		case 4:
			g.files["settings.env"] = "TAG=settings\nNONE=${OWN:-o}\n"
			include = append(include, "{path: ./"+name+", env_file: [settings.env]}")
		case 0:
			include = append(include, "{path: "+name+", project_directory: .}")
		case 1:
			second := fmt.Sprintf("part%d/more.yaml", i)
			g.file(second, nil, "part", nil)
			include = append(include, "{path: ["+name+", "+second+"]}")
		default:
			include = append(include, name)
		}
	}
	if g.chance(50) {
		g.file("common/base.yml", nil, "base", nil)
	}
	g.file("compose.yaml", include, "s", []string{"common/base.yml"})
	files := []string{"compose.yaml"}
	if g.chance(50) {
		g.file("compose.override.yaml", nil, "s", nil)
		files = append(files, "compose.override.yaml")
	}
	if g.chance(20) {
		g.file("extra/prod.yaml", nil, "s", nil)
		files = append(files, "extra/prod.yaml")
	}
	return files
}

// file writes a compose file with services of a prefix. They may extend those of others.
func (g *composeGenerator) file(name string, include []string, prefix string, bases []string) {
	var b strings.Builder
	over := strings.Contains(name, "override") || strings.Contains(name, "prod") || strings.Contains(name, "more")
	for _, one := range include {
		if b.Len() == 0 {
			b.WriteString("include:\n")
		}
		fmt.Fprintf(&b, "  - %s\n", one)
	}
	anchor := !over && g.chance(30)
	if anchor {
		b.WriteString("x-build: &build\n  context: anchored\n  args: &args\n    SHARED: yes\n    PORT: 8080\n")
	}
	b.WriteString("services:\n")
	names := []string{}
	for i := range 1 + g.IntN(5) {
		names = append(names, fmt.Sprintf("%s%d", prefix, i))
	}
	for i, s := range names {
		fmt.Fprintf(&b, "  %s:\n", s)
		if g.chance(50) {
			fmt.Fprintf(&b, "    image: %s\n", pick(g, "x", "reg/x:${TAG:-latest}", "$A/x", "y:1.0"))
		} else {
			b.WriteString("    environment: {X: y}\n")
		}
		if g.chance(15) {
			fmt.Fprintf(&b, "    platform: %s\n", pick(g, "linux/amd64", "linux/${ARCH:-arm64}"))
		}
		if g.chance(10) {
			b.WriteString("    profiles: [p]\n")
		}
		switch {
		case i > 0 && g.chance(25):
			fmt.Fprintf(&b, "    extends: %s\n", pick(g, names[i-1], names[0], "{service: "+names[0]+"}"))
		case len(bases) > 0 && g.files[bases[0]] != "" && g.chance(25):
			fmt.Fprintf(&b, "    extends: {file: %s, service: base0}\n", bases[0])
		}
		if anchor && g.chance(40) {
			b.WriteString(pick(g, "    build: *build\n", "    build:\n      <<: *build\n      target: own\n", "    build:\n      context: x\n      args:\n        <<: *args\n        OWN: 1\n"))
			continue
		}
		if g.chance(85) {
			g.build(&b, over)
		}
	}
	g.files[name] = b.String()
}

func (g *composeGenerator) build(b *strings.Builder, over bool) {
	if g.chance(20) {
		fmt.Fprintf(b, "    build: %s\n", pick(g, ".", "./a", "../x", "${DIR:-d}", "https://github.com/a/b.git", "a/b/../c", "'a b'"))
		return
	}
	tag := ""
	if over && g.chance(10) {
		tag = " !override" // the library reads no !reset below it
		over = false
	}
	fmt.Fprintf(b, "    build:%s\n", tag)
	add := func(percent int, text string) {
		if g.chance(percent) {
			if key, _, ok := strings.Cut(text, ":"); ok && over && g.chance(8) {
				text = key + ": !reset null"
			}
			fmt.Fprintf(b, "      %s\n", text)
		}
	}
	if tag == "" && !over || g.chance(30) {
		fmt.Fprintf(b, "      context: %s\n", pick(g, ".", "./a", "../up", "$DIR", "${DIR}", "/abs", "git@github.com:a/b.git", "github.com/a/b", "a/${NONE:-z}"))
	} else {
		fmt.Fprintf(b, "      network: host\n")
	}
	if g.chance(10) {
		fmt.Fprintf(b, "      dockerfile_inline: |\n        FROM x\n\n        RUN echo $$A ${TAG} $NONE\n")
	}
	add(40, "dockerfile: "+pick(g, "Dockerfile", "../docker/x.Dockerfile", "Dockerfile.$TAG", "${DF-Dockerfile.d}", "/abs/Dockerfile"))
	add(40, "target: "+pick(g, "prod", "${STAGE:-dev}", "$A", "'1'"))
	add(60, "args: "+g.pairs())
	add(25, "additional_contexts: "+pick(g, "{a: ./x, b: docker-image://alpine, c: 'service:s0'}", "[a=../y, d=https://x.org/y.tar]", "{a: '${DIR:-q}'}"))
	add(25, "platforms: "+pick(g, "[linux/amd64]", "[linux/arm64, linux/amd64]", "['linux/${ARCH-arm64}']"))
	add(20, "tags: "+pick(g, "[a, 'b:${TAG}']", "[c]"))
	add(20, "secrets: "+pick(g, "[npm]", "[{source: aws, target: cred}, npm]"))
}

func (g *composeGenerator) pairs() string {
	values := []string{"a", "'1.10'", "1.10", "true", "8080", "$A", "${A}", "${NONE:-d}", "${NONE-${TAG:-x}}", "${EMPTY-e}", "${EMPTY:-e}", "${A:+set}", "${NONE}", "$$A", "~", "0755", "''", "yes", "1e3", "${REF}", "${OWN:-none}"}
	if g.chance(50) {
		var list []string
		for range 1 + g.IntN(4) {
			key := string(rune('A' + g.IntN(5)))
			switch v := pick(g, values...); {
			case g.chance(15):
				list = append(list, key)
			case v == "~" || strings.HasPrefix(v, "'"):
				list = append(list, key+"=")
			default:
				list = append(list, "'"+key+"="+v+"'")
			}
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	var pairs []string
	for i := range 1 + g.IntN(4) {
		v := pick(g, values...)
		if strings.Contains(v, "{") || strings.Contains(v, "$") {
			v = "'" + v + "'"
		}
		pairs = append(pairs, fmt.Sprintf("%c: %s", 'A'+i, v))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

package grammar_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/build/llb"
	"layerwise/dockerfile/grammar"
)

// same reports what one list has and the other has not.
func same(t *testing.T, what string, ours, theirs []string) {
	t.Helper()
	for _, name := range theirs {
		if !slices.Contains(ours, name) {
			t.Errorf("%s: BuildKit knows %q, the table does not", what, name)
		}
	}
	for _, name := range ours {
		if !slices.Contains(theirs, name) {
			t.Errorf("%s: the table has %q, which BuildKit does not know", what, name)
		}
	}
}

func TestInstructions(t *testing.T) {
	var theirs []string
	for name := range command.Commands {
		theirs = append(theirs, strings.ToUpper(name))
	}
	same(t, "instructions", grammar.Names(), theirs)
	if !slices.IsSorted(grammar.Names()) {
		t.Error("the instructions are not sorted")
	}
	for _, in := range grammar.Instructions {
		if grammar.Find(strings.ToLower(in.Name)) != in {
			t.Errorf("Find does not find %s", in.Name)
		}
	}
}

// adders are the methods by which BuildKit's parser defines flags.
var adders = map[string]func(*grammar.Flag) bool{
	"AddBool":    func(f *grammar.Flag) bool { return f.Value == grammar.Bool && !f.Repeats },
	"AddString":  func(f *grammar.Flag) bool { return f.Value != grammar.Bool && !f.Repeats },
	"AddStrings": func(f *grammar.Flag) bool { return f.Value != grammar.Bool && f.Repeats },
}

// TestFlagsOfSource reads BuildKit's parser: which flags each instruction defines, and of which sort.
func TestFlagsOfSource(t *testing.T) {
	theirs := map[string][]string{}
	dir := filepath.Join(moduleDir()["github.com/moby/buildkit"], "frontend", "dockerfile", "instructions")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") || file.Name() == "bflag.go" {
			continue
		}
		for _, d := range goFile(t, "instructions/"+file.Name()).Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			instruction := strings.ToUpper(strings.TrimPrefix(f.Name.Name, "parse"))
			if strings.HasPrefix(f.Name.Name, "run") && strings.HasSuffix(f.Name.Name, "PreHook") {
				instruction = "RUN"
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !strings.HasPrefix(method.Sel.Name, "Add") || len(call.Args) == 0 {
					return true
				}
				if flags, ok := method.X.(*ast.SelectorExpr); !ok || flags.Sel.Name != "flags" {
					return true
				}
				name, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
				sort, known := adders[method.Sel.Name]
				if err != nil || !known {
					t.Fatalf("%s: a flag that this test cannot read", f.Name.Name)
				}
				theirs[instruction] = append(theirs[instruction], name)
				if in := grammar.Find(instruction); in != nil && in.Flag(name) != nil && !sort(in.Flag(name)) {
					t.Errorf("%s --%s is defined by %s", instruction, name, method.Sel.Name)
				}
				return true
			})
		}
	}
	count := 0
	for _, in := range grammar.Instructions {
		same(t, "flags of "+in.Name, grammar.FlagNames(in.Name), theirs[in.Name])
		count += len(in.Flags)
		delete(theirs, in.Name)
	}
	if len(theirs) > 0 {
		t.Errorf("flags of what is no instruction: %v", theirs)
	}
	if count != 23 {
		t.Errorf("%d flags", count)
	}
}

// plain are arguments that each instruction takes.
var plain = map[string]string{
	"ADD": "a /b/", "ARG": "a", "CMD": "a", "COPY": "a /b/", "ENTRYPOINT": "a", "ENV": "a=b", "EXPOSE": "80", "FROM": "a",
	"HEALTHCHECK": "CMD a", "LABEL": "a=b", "MAINTAINER": "a", "ONBUILD": "RUN a", "RUN": "a", "SHELL": `["a"]`,
	"STOPSIGNAL": "9", "USER": "a", "VOLUME": "/a", "WORKDIR": "/a",
}

// parse is what BuildKit's parsers make of one instruction.
func parse(text string) (any, error) {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return instructions.ParseInstruction(result.AST.Children[0])
}

// valueOf is a value that each kind of flag takes.
var valueOf = map[grammar.Kind]string{
	grammar.Bool: "true", grammar.Duration: "5s", grammar.Number: "3", grammar.Mount: "type=tmpfs,target=/t", grammar.Device: "a.b/c=d",
}

// unread are the instructions whose flags BuildKit does not look at: it takes any, and they do nothing.
var unread = map[string]bool{"ARG": true, "STOPSIGNAL": true}

// TestFlags tries each flag on each instruction, once and twice.
func TestFlags(t *testing.T) {
	var all []grammar.Flag
	for _, in := range grammar.Instructions {
		all = append(all, in.Flags...)
	}
	for _, in := range grammar.Instructions {
		if _, err := parse(in.Name + " " + plain[in.Name]); err != nil {
			t.Errorf("%s: %v", in.Name, err)
		}
		for _, f := range all {
			value := valueOf[f.Value]
			if value == "" {
				value = "x"
			}
			if f.Value == grammar.Choice {
				value = f.Values[0]
			}
			flag := "--" + f.Name + "=" + value
			_, err := parse(in.Name + " " + flag + " " + plain[in.Name])
			ours := in.Flag(f.Name)
			if taken := err == nil; taken != (ours != nil || unread[in.Name]) {
				t.Errorf("%s %s: BuildKit says %v", in.Name, flag, err)
			}
			if ours == nil {
				continue
			}
			if _, err := parse(in.Name + " " + flag + " " + flag + " " + plain[in.Name]); (err == nil) != ours.Repeats {
				t.Errorf("%s %s twice: BuildKit says %v", in.Name, flag, err)
			}
			if _, err := parse(in.Name + " --" + f.Name + " " + plain[in.Name]); (err == nil) != (f.Value == grammar.Bool) {
				t.Errorf("%s --%s without a value: BuildKit says %v", in.Name, f.Name, err)
			}
		}
	}
}

// TestChoices: the values of closed sets, and no others.
func TestChoices(t *testing.T) {
	for _, in := range grammar.Instructions {
		for _, f := range in.Flags {
			if f.Value != grammar.Choice && f.Value != grammar.Bool {
				continue
			}
			for _, value := range append(slices.Clone(f.Values), "anything-else") {
				_, err := parse(in.Name + " --" + f.Name + "=" + value + " " + plain[in.Name])
				if (err == nil) != slices.Contains(f.Values, value) {
					t.Errorf("%s --%s=%s: BuildKit says %v", in.Name, f.Name, value, err)
				}
			}
		}
	}
	network := literals(goFile(t, "instructions/commands_runnetwork.go"), func(s string) bool { return slices.Contains([]string{"none", "host", "default"}, s) })
	same(t, "--network", grammar.Find("RUN").Flag("network").Values, network)
}

// TestVersions compares with the tables of BuildKit's reference.
func TestVersions(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| \\[`--([a-z-]+)`\\]\\(#([a-z]+)---[a-z-]+\\) +\\| +([0-9.]*) +\\|$")
	rows := row.FindAllStringSubmatch(upstream(t, "docs/reference.md"), -1)
	if len(rows) < 15 {
		t.Fatalf("the reference has %d flags with a version", len(rows))
	}
	for _, r := range rows {
		f := grammar.Find(r[2]).Flag(r[1])
		if f == nil || f.Since != r[3] {
			t.Errorf("%s --%s is there since %q", r[2], r[1], r[3])
		}
	}
}

func TestForms(t *testing.T) {
	for _, in := range grammar.Instructions {
		args := `["/a", "/b"]`
		if in.Name == "HEALTHCHECK" {
			args = "CMD " + args
		}
		result, err := parser.Parse(strings.NewReader(in.Name + " " + args))
		if err != nil {
			t.Fatal(err)
		}
		if json := result.AST.Children[0].Attributes["json"]; json != in.JSON() {
			t.Errorf("%s %s: BuildKit reads JSON: %v", in.Name, args, json)
		}
		result, err = parser.Parse(strings.NewReader(in.Name + " a <<E /b/\nx\nE\n"))
		if heredocs := err == nil && len(result.AST.Children[0].Heredocs) > 0; heredocs != in.Heredocs {
			t.Errorf("%s reads here-documents: %v", in.Name, heredocs)
		}
		onBuild := func() error {
			_, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte("FROM scratch\nONBUILD " + in.Name + " " + plain[in.Name])})
			return err
		}()
		if (onBuild == nil) != in.OnBuild {
			t.Errorf("ONBUILD %s: BuildKit says %v", in.Name, onBuild)
		}
		if in.Doc == "" || in.Layer == "" || len(in.Forms) == 0 {
			t.Errorf("%s is not explained", in.Name)
		}
		for _, form := range in.Forms {
			for i, arg := range form.Args {
				if arg.Doc == "" || arg.Repeats && i < len(form.Args)-2 {
					t.Errorf("%s: argument %s", in.Name, arg.Name)
				}
			}
		}
	}
}

// TestExpansion: which arguments and flags the builder expands.
func TestExpansion(t *testing.T) {
	args := map[string]string{
		"ADD": "$A $B", "ARG": "a=$A", "CMD": "$A", "COPY": "$A $B", "ENTRYPOINT": "$A", "ENV": "$A=$B", "HEALTHCHECK": "CMD $A",
		"LABEL": "$A=$B", "MAINTAINER": "$A", "ONBUILD": "RUN $A", "RUN": "$A", "SHELL": `["$A"]`,
		"STOPSIGNAL": "$A", "USER": "$A", "VOLUME": "$A", "WORKDIR": "$A",
	}
	seen := func(text string) string {
		cmd, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		if e, ok := cmd.(instructions.SupportsSingleWordExpansion); ok {
			err = e.Expand(func(word string) (string, error) {
				words = append(words, word)
				return word, nil
			})
		}
		if err != nil {
			t.Logf("%s: %v", text, err)
		}
		return strings.Join(words, " ")
	}
	for name, text := range args {
		in := grammar.Find(name)
		if expands := strings.Contains(seen(name+" "+text), "$A"); expands != in.Forms[0].Args[0].Expands {
			t.Errorf("%s %s: expanded: %v", name, text, expands)
		}
		for _, f := range in.Flags {
			if f.Value == grammar.Choice || f.Value == grammar.Bool || f.Value == grammar.Duration || f.Value == grammar.Number {
				continue
			}
			value := "$F"
			if f.Value == grammar.Mount {
				value = "type=bind,target=$F"
			}
			if expands := strings.Contains(seen(name+" --"+f.Name+"="+value+" "+plain[name]), "$F"); expands != f.Expands {
				t.Errorf("%s --%s: expanded: %v", name, f.Name, expands)
			}
		}
	}
	for _, text := range []string{"FROM scratch\nARG A=80\nEXPOSE $A", "ARG A=scratch\nARG P=linux/amd64\nFROM --platform=$P $A"} {
		if _, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte(text)}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func names(list []grammar.Variable) (names []string) {
	for _, v := range list {
		names = append(names, v.Name)
	}
	return names
}

func TestVariables(t *testing.T) {
	upper := regexp.MustCompile(`^(BUILD|TARGET)[A-Z]+$`).MatchString
	same(t, "platform arguments", names(grammar.PlatformArgs), literals(function(t, "dockerfile2llb/platform.go", "defaultArgs"), upper))
	proxies := literals(function(t, "dockerfile2llb/convert.go", "proxyEnvFromBuildArgs"), regexp.MustCompile(`^[a-z]+_proxy$`).MatchString)
	for i := range proxies {
		proxies[i] = strings.ToUpper(proxies[i])
	}
	same(t, "proxies", names(grammar.ProxyArgs), proxies)

	var args []string
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:BUILDKIT|SOURCE)_[A-Z_]+)`").FindAllStringSubmatch(upstream(t, "docs/reference.md"), -1) {
		args = append(args, m[1])
	}
	args = append(args, literals(goFile(t, "dockerfile2llb/convert.go"), regexp.MustCompile(`^BUILDKIT_SBOM_SCAN_[A-Z]+$`).MatchString)...)
	for _, m := range regexp.MustCompile(`"build-arg:(BUILDKIT_[A-Z_]+)"`).FindAllStringSubmatch(upstream(t, "../dockerui/config.go"), -1) {
		if m[1] != "BUILDKIT_DISABLE_FILEOP" { // for clients older than any in use
			args = append(args, m[1])
		}
	}
	slices.Sort(args)
	args = slices.Compact(args)
	same(t, "arguments of the build", names(grammar.BuildArgs), args)
	for _, name := range append(args, "http_proxy", "NO_PROXY", "BUILDKIT_ANYTHING") {
		if !grammar.Predefined(name) {
			t.Errorf("%s is predefined", name)
		}
	}
	if grammar.Predefined("VERSION") || grammar.Predefined("TARGETARCH") {
		t.Error("not all is predefined")
	}
}

type empty struct{}

func (empty) Get(string) (string, bool) { return "abc", true }
func (empty) Keys() []string            { return nil }

func TestModifiers(t *testing.T) {
	known := map[string]bool{}
	for _, m := range grammar.Modifiers {
		known[m.Text] = true
	}
	signs := []string{""}
	for _, c := range `:-+?#%/^,@=~!` {
		signs = append(signs, string(c), string(c)+string(c), ":"+string(c))
	}
	for _, sign := range signs[1:] {
		_, err := shell.NewLex('\\').ProcessWords("${A"+sign+"x/y}", empty{})
		first := sign[:len(sign)-1]
		if (err == nil) != (known[sign] || known[first]) {
			t.Errorf("${A%sx}: BuildKit says %v", sign, err)
		}
	}
}

func TestSignals(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(moduleDir()["github.com/moby/sys/signal"], "signal_linux.go"))
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours []string
	for _, m := range regexp.MustCompile(`(?m)^\t"([A-Z0-9]+)": +unix`).FindAllStringSubmatch(string(src), -1) {
		theirs = append(theirs, "SIG"+m[1])
	}
	for _, s := range grammar.Signals {
		ours = append(ours, s.Name)
		if _, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte("FROM scratch\nSTOPSIGNAL " + s.Name)}); err != nil {
			t.Error(err)
		}
	}
	same(t, "signals", ours, theirs)
	for _, protocol := range append(slices.Clone(grammar.Protocols), "icmp") {
		_, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte("FROM scratch\nEXPOSE 80/" + protocol)})
		if (err == nil) != (protocol != "icmp") {
			t.Errorf("80/%s: %v", protocol, err)
		}
	}
}

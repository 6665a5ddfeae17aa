// Command images makes build/images/table.txt, the facts about base images that the program carries,
// from the file that gathers them:
//
//	go run ./internal/gen/images PATH/images.json
//
// It runs in the root of the repository. It takes over what the program reads and leaves out the rest.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is the part of the gathered facts that is taken over.
type source struct {
	AsOf       string
	Registries struct{ Strip, Arch []string }
	SameAs     map[string]string `json:"same_as"`
	Images     []struct {
		Name               string
		Tags               []string
		Facts              map[string]json.RawMessage
		Source, AsOf, Sure string
	}
	SuiteTokens map[string]string                     `json:"suite_tokens"`
	Families    map[string]map[string]json.RawMessage `json:"families"`
	Distros     map[string]map[string]json.RawMessage `json:"distros"`
	UserMoves   []struct{ Name, Tag string }          `json:"user_moves"`
	Suites      []struct {
		Name, Suffix string
		Floating     map[string]string
		Steps        [][2]string
	}
}

// taken are the facts of an image that the table holds.
var taken = []string{
	"build_tools", "cmd", "development", "distro", "distroless", "drops_root", "entrypoint", "env", "env_maybe", "expose", "family",
	"kind", "package_manager", "shell", "shells", "user", "users", "volume", "windows", "workdir",
}

// ofFamily are the facts that follow from a distribution.
var ofFamily = []string{"package_manager", "shells", "users"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./internal/gen/images PATH/images.json")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var from source
	if err := json.Unmarshal(text, &from); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("build/images/table.txt", table(from), 0o644); err != nil {
		log.Fatal(err)
	}
}

// table writes the facts as lines, so that a newer state shows as a readable difference.
func table(from source) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What base images are. Made by internal/gen/images; build/images/table.go says how it is read.\n")
	fmt.Fprintf(&b, "asof\t%s\n", from.AsOf)
	fmt.Fprintf(&b, "strip\t%s\n", strings.Join(from.Registries.Strip, " "))
	fmt.Fprintf(&b, "strip\t%s\n", strings.Join(from.Registries.Arch, " "))
	for _, name := range slices.Sorted(maps.Keys(from.Families)) {
		fmt.Fprintf(&b, "family\t%s\t%s\n", name, facts(from.Families[name], ofFamily))
	}
	for _, name := range slices.Sorted(maps.Keys(from.Distros)) {
		if text := facts(from.Distros[name], ofFamily); text != "{}" {
			fmt.Fprintf(&b, "distro\t%s\t%s\n", name, text)
		}
	}
	for _, token := range slices.Sorted(maps.Keys(from.SuiteTokens)) {
		fmt.Fprintf(&b, "suite\t%s\t%s\n", token, from.SuiteTokens[token])
	}
	for _, name := range slices.Sorted(maps.Keys(from.SameAs)) {
		fmt.Fprintf(&b, "same\t%s\t%s\n", name, from.SameAs[name])
	}
	moved := map[string][]string{}
	for _, m := range from.UserMoves {
		moved[m.Name] = append(moved[m.Name], m.Tag)
	}
	for _, name := range slices.Sorted(maps.Keys(moved)) {
		fmt.Fprintf(&b, "moved\t%s\t%s\n", name, strings.Join(moved[name], " "))
	}
	others := otherFamilies(from)
	head := ""
	for i, row := range from.Images {
		if tags := others[row.Name]; len(tags) > 0 && (i == 0 || from.Images[i-1].Name != row.Name) {
			fmt.Fprintf(&b, "image\t%s\t%s\t%s\t%s\n", row.Name, row.Source, row.AsOf, row.Sure)
			fmt.Fprintf(&b, "\t%s\t%s\n", strings.Join(tags, " "), `{"family":null}`)
		}
		text := facts(row.Facts, taken)
		if text == "{}" {
			continue
		}
		if h := fmt.Sprintf("image\t%s\t%s\t%s\t%s\n", row.Name, row.Source, row.AsOf, row.Sure); h != head {
			head = h
			b.WriteString(h)
		}
		fmt.Fprintf(&b, "\t%s\t%s\n", strings.Join(versions(row.Tags), " "), text)
	}
	return b.Bytes()
}

// otherFamilies are the tags of each image of which the list of builds says that they had another
// distribution than the rows say. That list is long, so that the table has only its contradictions: the
// distribution of these tags counts as unknown.
func otherFamilies(from source) map[string][]string {
	found := map[string]map[string]bool{}
	add := func(name, version, suffix, distro string) {
		family, _, _ := strings.Cut(distro, ":")
		if is := familyOf(from, name, version+suffix); is == "" || family == "" || is == family {
			return
		}
		if parts := strings.Split(version, "."); len(parts) > 2 { // and of the builds that came after it
			version, suffix = strings.Join(parts[:2], "."), ".*"
		}
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		found[name][version+suffix] = true
	}
	for _, s := range from.Suites {
		for version, distro := range s.Floating {
			add(s.Name, version, s.Suffix, distro)
			if strings.Count(version, ".") == 1 {
				add(s.Name, version+".0", s.Suffix, before(s.Steps, version))
			}
		}
		for _, step := range s.Steps {
			add(s.Name, step[0], s.Suffix, step[1])
		}
	}
	sorted := map[string][]string{}
	for name, tags := range found {
		sorted[name] = slices.Sorted(maps.Keys(tags))
	}
	return sorted
}

// before is the distribution of the last step before a version of the same major number; "" if there is
// none.
func before(steps [][2]string, version string) (distro string) {
	major, minor, _ := strings.Cut(version, ".")
	for _, step := range steps {
		parts := strings.Split(step[0], ".")
		if len(parts) > 1 && parts[0] == major && number(parts[1]) < number(minor) {
			distro = step[1]
		}
	}
	return distro
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // of what is no number, 0
	return n
}

// familyOf is the distribution that the rows give a tag; "" if none does, or the tag names one itself.
func familyOf(from source, name, tag string) string {
	for _, token := range strings.FieldsFunc(tag, func(r rune) bool { return r == '-' || r == '_' }) {
		if _, ok := from.SuiteTokens[token]; ok {
			return ""
		}
	}
	family := ""
	for _, row := range from.Images {
		if row.Name != name {
			continue
		}
		value, ok := row.Facts["family"]
		if ok && slices.ContainsFunc(row.Tags, func(p string) bool { hit, _ := path.Match(p, tag); return hit }) {
			if err := json.Unmarshal(value, &family); err != nil {
				log.Fatal(err)
			}
			return family
		}
	}
	return ""
}

// facts is an object of the chosen facts in one line, keys sorted.
func facts(all map[string]json.RawMessage, keys []string) string {
	some := map[string]json.RawMessage{}
	for _, key := range keys {
		if value, ok := all[key]; ok {
			some[key] = value
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(some); err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// versions writes the patterns 8, 8.* and 8-* as 8~: a version with all that it stands for.
func versions(tags []string) (short []string) {
	for _, tag := range tags {
		version := strings.TrimSuffix(strings.TrimSuffix(tag, ".*"), "-*")
		whole := !strings.ContainsAny(version, "*[") && slices.Contains(tags, version) &&
			slices.Contains(tags, version+".*") && slices.Contains(tags, version+"-*")
		switch {
		case whole && tag == version:
			short = append(short, version+"~")
		case !whole:
			short = append(short, tag)
		}
	}
	return short
}

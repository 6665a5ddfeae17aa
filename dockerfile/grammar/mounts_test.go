package grammar_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"layerwise/build/llb"
	"layerwise/dockerfile/grammar"
)

// mountText is a RUN with one mount of the type that has the key; it is valid if the key is.
func mountText(kind string, key *grammar.MountKey, name, value string) string {
	fields := []string{"type=" + kind}
	if key.Name != "target" && kind != "ssh" && kind != "secret" {
		fields = append(fields, "target=/t")
	}
	if kind == "secret" && key.Name != "id" && key.Name != "source" && key.Name != "target" {
		fields = append(fields, "id=s")
	}
	switch {
	case key.Name == "type":
	case value == "":
		fields = append(fields, name)
	default:
		fields = append(fields, name+"="+value)
	}
	return "FROM scratch\nRUN --mount=" + strings.Join(fields, ",") + " x"
}

func TestMountKeys(t *testing.T) {
	var theirs []string
	ast.Inspect(function(t, "instructions/commands_runmount.go", "parseMount"), func(n ast.Node) bool {
		if c, ok := n.(*ast.CaseClause); ok {
			for _, e := range c.List {
				theirs = append(theirs, literals(e, func(string) bool { return true })...)
			}
		}
		return true
	})
	var ours, types []string
	for _, k := range grammar.MountKeys {
		ours = append(append(ours, k.Name), k.Aliases...)
	}
	for _, m := range grammar.MountTypes {
		types = append(types, m.Name)
	}
	slices.Sort(theirs)
	same(t, "keys of mounts", ours, slices.Compact(theirs))
	same(t, "type", grammar.FindMountKey("type").Values, types)
	values := map[grammar.Kind]string{grammar.Number: "7", grammar.Mode: "0700", grammar.Size: "64m", grammar.Bool: "true", grammar.Source: "img", grammar.Name: "N", grammar.ImagePath: "/x", grammar.ContextPath: "x"}
	convert := func(text string) error {
		_, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte(text)})
		return err
	}
	for i := range grammar.MountKeys {
		key := &grammar.MountKeys[i]
		value := values[key.Value]
		if key.Value == grammar.Choice {
			value = key.Values[0]
			for _, v := range append(slices.Clone(key.Values), "anything-else") {
				err := convert("FROM scratch\nRUN --mount=type=" + key.Types[0] + ",target=/t,id=i," + key.Name + "=" + v + " x")
				if (err == nil) != slices.Contains(key.Values, v) {
					t.Errorf("%s=%s: BuildKit says %v", key.Name, v, err)
				}
			}
		}
		for _, kind := range types {
			for _, name := range append([]string{key.Name, strings.ToUpper(key.Name)}, key.Aliases...) {
				text := mountText(kind, key, name, value)
				if err := convert(text); (err != nil) != (key.Use(kind) == grammar.Refused) {
					t.Errorf("%s\nBuildKit says %v", text, err)
				}
			}
			if key.Use(kind) == grammar.Legal {
				if err := convert(mountText(kind, key, key.Name, "")); (err == nil) != (key.Bare || key.Name == "type") {
					t.Errorf("%s alone, for %s: BuildKit says %v", key.Name, kind, err)
				}
			}
		}
		if key.Name == "type" {
			continue
		}
		before := fmt.Sprintf("FROM scratch\nRUN --mount=id=i,target=/t,%s=%s,type=%s x", key.Name, value, key.Types[0])
		if key.Name == "id" || key.Name == "target" {
			before = fmt.Sprintf("FROM scratch\nRUN --mount=%s=%s,type=secret x", key.Name, value)
		}
		if err := convert(before); (err != nil) != key.AfterType && key.Name != "source" {
			t.Errorf("%s\nBuildKit says %v", before, err)
		}
		expands := fmt.Sprintf("FROM scratch\nARG V=%s\nRUN --mount=type=%s,id=i,target=/t,%s=$V x", value, key.Types[len(key.Types)-1], key.Name)
		if key.Name == "id" || key.Name == "target" || key.Name == "source" {
			expands = fmt.Sprintf("FROM scratch\nARG V=%s\nRUN --mount=type=cache,%s=$V,target=/t x", value, key.Name)
		}
		if err := convert(expands); (err == nil) != key.Expands {
			t.Errorf("%s\nBuildKit says %v", expands, err)
		}
	}
	for _, kind := range types {
		err := convert("FROM scratch\nRUN --mount=type=" + kind + ",id=i x")
		if needed := slices.Contains(grammar.FindMountKey("target").Needed, kind); (err != nil) != needed {
			t.Errorf("%s without a target: BuildKit says %v", kind, err)
		}
	}
}

func TestDeviceKeys(t *testing.T) {
	for _, text := range []string{"RUN --device=a.b/c=d,required x", "RUN --device=name=a.b/c=d,required=false x"} {
		if _, err := parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	var theirs []string
	ast.Inspect(function(t, "instructions/commands_rundevice.go", "ParseDevice"), func(n ast.Node) bool {
		if c, ok := n.(*ast.CaseClause); ok {
			for _, e := range c.List {
				theirs = append(theirs, literals(e, func(string) bool { return true })...)
			}
		}
		return true
	})
	var ours []string
	for _, k := range grammar.DeviceKeys {
		ours = append(ours, k.Name)
	}
	slices.Sort(theirs)
	same(t, "keys of devices", ours, slices.Compact(theirs))
}

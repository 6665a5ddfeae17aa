package sources

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"

	"layerwise/internal/yaml"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// draft is an open file as an Index has seen it last. A text that is being typed does not parse most of the time:
// until it does again, the last one that did stands for it, so that nobody loses the builds that it says.
type draft struct {
	text  string // as it stands in the editor
	fault error  // why it does not parse; nil if it does
	good  string // the last text that parsed, in the editor or on disk; text itself if there is none
}

// standing are the texts that stand for those of an editor, by their paths relative to the root, and what is known of the
// open files now.
func standing(before map[string]draft, files *Files) (texts map[string]string, drafts map[string]draft) {
	texts, drafts = map[string]string{}, map[string]draft{}
	disk := &Files{root: files.root}
	for name, text := range files.overlay {
		d, seen := before[name]
		if !seen || d.text != text {
			parsed := seen && (d.fault == nil || d.stands()) // there is a text that parsed
			d.text, d.fault = text, fault(name, text)
			switch {
			case d.fault == nil:
				d.good = text
			case parsed:
			default:
				d.good = text
				if saved, err := disk.Read(name, maxSource); !seen && err == nil && fault(name, saved) == nil {
					d.good = saved
				}
			}
		}
		texts[name], drafts[name] = d.good, d
	}
	return texts, drafts
}

// stands reports whether another text stands for the one in the editor.
func (d draft) stands() bool { return d.good != d.text }

// note says so.
func (d draft) note(file string) Note {
	n := Note{File: file, Line: 1}
	why := d.fault.Error()
	if at := (*yaml.Error)(nil); errors.As(d.fault, &at) {
		n.Line, why = max(1, at.Line), at.Message
	}
	n.Message = fmt.Sprintf("this file does not parse now (%s): what it said before still counts", why)
	return n
}

// shift is where the lines of a text that stands for another one are in that: those above and below what differs.
type shift struct {
	then, now    int // lines of the texts
	above, below int // of them, that are the same
}

func (d draft) shift() shift {
	then, now := strings.Split(d.good, "\n"), strings.Split(d.text, "\n")
	s := shift{then: len(then), now: len(now)}
	for s.above < min(s.then, s.now) && then[s.above] == now[s.above] {
		s.above++
	}
	for s.below < min(s.then, s.now)-s.above && then[s.then-1-s.below] == now[s.now-1-s.below] {
		s.below++
	}
	return s
}

// same is where a line is that did not change; 0 if it did.
func (s shift) same(n int) int {
	switch {
	case n <= s.above:
		return n
	case n > s.then-s.below:
		return n + s.now - s.then
	}
	return 0
}

// line is where a line is, or, if it is part of what differs, where the change begins.
func (s shift) line(n int) int {
	if at := s.same(n); at > 0 {
		return at
	}
	return min(n, max(1, s.now-s.below)) // the change may be shorter than what it replaces
}

// moved has the places of a result where they are in the texts of the editor, and says which texts do not parse.
func moved(res *Result, drafts map[string]draft) {
	if !anyStands(drafts) {
		return
	}
	shifts := map[string]shift{}
	for name, d := range drafts {
		if d.stands() {
			shifts[name] = d.shift()
		}
	}
	for i := range res.Builds {
		b := &res.Builds[i]
		if s, ok := shifts[b.Place.File]; ok {
			b.Place.Line = s.line(b.Place.Line)
		}
		b.At.all(func(t *Text) {
			if s, ok := shifts[t.File]; ok {
				t.Line = s.same(t.Line)
			}
		})
	}
	for i := range res.Notes {
		if s, ok := shifts[res.Notes[i].File]; ok {
			res.Notes[i].Line = s.line(res.Notes[i].Line)
		}
	}
	for name, d := range drafts {
		if d.stands() && IsSource(name) {
			res.Notes = append(res.Notes, d.note(name))
		}
	}
	sortNotes(res.Notes)
}

func anyStands(drafts map[string]draft) bool {
	for _, d := range drafts {
		if d.stands() {
			return true
		}
	}
	return false
}

// sameStanding reports whether nothing differs in the texts that others stand for.
func sameStanding(a, b map[string]draft) bool {
	only := func(drafts map[string]draft) map[string]string {
		texts := map[string]string{}
		for name, d := range drafts {
			if d.stands() {
				texts[name] = d.text
			}
		}
		return texts
	}
	return maps.Equal(only(a), only(b))
}

// fault is why a text does not parse, by the file's name; nil if it does, or if its kind is read line by line, so that
// a mistake costs no more than its own line.
func fault(name, text string) error {
	if len(text) > maxSource {
		return nil // it is not read, and what it was before would be wrong for long
	}
	switch path.Ext(name) {
	case ".yaml", ".yml":
		_, err := yaml.Documents(text, maxSource)
		return err
	case ".json":
		if isDevcontainer(name) {
			_, err := parseJSONC(text)
			return err
		}
		if text = strings.TrimPrefix(text, "\ufeff"); !json.Valid([]byte(text)) {
			return errors.New("it is no JSON")
		}
	case ".hcl":
		tokens, _ := hclsyntax.LexConfig([]byte(text), name, hcl.InitialPos)
		if hclTooDeep(tokens) > 0 {
			return errors.New("it is nested too deep")
		}
		if _, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos); diags.HasErrors() {
			return hclFault(diags)
		}
	}
	return nil
}

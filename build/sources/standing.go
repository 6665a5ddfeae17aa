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

// line is where a line of the text that stands for it is in the one in the editor. Lines above and below what differs are
// known; one that is part of it is where the change begins.
func (d draft) line(n int) int {
	then, now := strings.Split(d.good, "\n"), strings.Split(d.text, "\n")
	above, below := 0, 0
	for above < min(len(then), len(now)) && then[above] == now[above] {
		above++
	}
	for below < min(len(then), len(now))-above && then[len(then)-1-below] == now[len(now)-1-below] {
		below++
	}
	switch {
	case n <= above:
		return n
	case n > len(then)-below:
		return n + len(now) - len(then)
	}
	return min(n, max(1, len(now)-below)) // the change may be shorter than what it replaces
}

// moved has the places of a result where they are in the texts of the editor, and says which texts do not parse.
func moved(res *Result, drafts map[string]draft) {
	if !anyStands(drafts) {
		return
	}
	for i := range res.Builds {
		if at := &res.Builds[i].Place; drafts[at.File].stands() {
			at.Line = drafts[at.File].line(at.Line)
		}
		if at := &res.Builds[i].TargetAt; drafts[at.File].stands() {
			*at = Place{} // the lines that change may hold it
		}
	}
	for i := range res.Notes {
		if at := &res.Notes[i]; drafts[at.File].stands() {
			at.Line = drafts[at.File].line(at.Line)
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

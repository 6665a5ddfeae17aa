package diagnostics

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"layerwise/internal/lazy"
)

var (
	ownIgnore      = regexp.MustCompile(`^layerwise\s+(ignore|ignore-stage|ignore-file)\s*=\s*([^#]*?)\s*(?:--.*)?$`)
	hadolintIgnore = regexp.MustCompile(`^hadolint\s+(global\s+|stage\s+)?ignore\s*=\s*([^#]*?)\s*(?:#.*)?$`)
	checkSkip      = regexp.MustCompile(`^check\s*=\s*(\S+)`)
	shellcheckSkip = lazy.New(`^shellcheck\s(?:.*\s)?disable=(\S+)`)
	tallyIgnore    = lazy.New(`^tally\s+(global\s+)?ignore\s*=\s*([^;#]*)`)
	trivyIgnore    = lazy.New(`trivy:ignore:([^\s:]+)((?::[^\s:]+)*)`)
	checkovSkip    = lazy.New(`^checkov:skip=([^\s:]+)`)
	kicsIgnore     = lazy.New(`^kics-scan\s+(ignore-line|ignore-block|ignore|(?:disable|enable)=\S+)\s*$`)
	semgrepIgnore  = lazy.New(`^nosem(?:grep)?(?::\s*([^#]*))?$`)
)

// everyID stands for all ids of a tool: not for mistakes that it has never heard of.
const everyID = "all"

// allBut stands before a list of the ids of a tool that count, where no other of its ids does.
const allBut = "all but "

// ParseIgnore reads a comment, from its # on, as a suppression in our form or in that of another tool. These
// are BuildKit, hadolint, ShellCheck, tally, Trivy, Checkov, KICS, Semgrep and Sonar; their scopes are theirs.
func ParseIgnore(comment string) (Ignore, bool) {
	body := strings.TrimSpace(strings.TrimPrefix(comment, "#"))
	word := body
	if n := strings.IndexAny(body, " \t=:"); n >= 0 {
		word = body[:n]
	}
	switch word {
	case "layerwise":
		if m := ownIgnore.FindStringSubmatchIndex(body); m != nil {
			scope := strings.TrimPrefix(body[m[2]:m[3]], "ignore-")
			if scope == "ignore" {
				scope = "next"
			}
			list := body[m[4]:m[5]]
			return Ignore{scope, owns(list, strings.Index(comment, body)+m[4], len(comment)), idsOf(list, "")}, true
		}
	case "hadolint":
		if m := hadolintIgnore.FindStringSubmatch(body); m != nil {
			scope := map[string]string{"": "next", "global": "file", "stage": "stage"}[strings.TrimSpace(m[1])]
			return Ignore{Scope: scope, ids: idsOf(m[2], Hadolint)}, true
		}
	case "check":
		if m := checkSkip.FindStringSubmatch(body); m != nil {
			return Ignore{Scope: "next", ids: skipped(m[1])}, true
		}
	case "shellcheck":
		if m := shellcheckSkip.FindStringSubmatch(body); m != nil {
			return Ignore{Scope: "next", ids: idsOf(m[1], ShellCheck)}, true
		}
	case "tally":
		if m := tallyIgnore.FindStringSubmatch(body); m != nil {
			scope := "next"
			if m[1] != "" {
				scope = "file"
			}
			return Ignore{Scope: scope, ids: idsOf(m[2], Tally)}, true
		}
	case "trivy":
		if ids := trivyIDs(body); len(ids) > 0 {
			return Ignore{Scope: "next", ids: ids}, true
		}
	case "checkov":
		if m := checkovSkip.FindStringSubmatch(body); m != nil {
			return Ignore{Scope: "file", ids: idsOf(m[1], Checkov)}, true
		}
	case "kics-scan":
		if m := kicsIgnore.FindStringSubmatch(body); m != nil {
			what, list, _ := strings.Cut(m[1], "=")
			switch {
			case what == "enable":
				return Ignore{Scope: "file", ids: []id{{allBut + list, KICS}}}, true
			case list == "":
				list = everyID
			}
			scope := map[string]string{"ignore-line": "next", "ignore-block": "stage"}[what]
			if scope == "" {
				scope = "file"
			}
			return Ignore{Scope: scope, ids: idsOf(list, KICS)}, true
		}
	case "nosem", "nosemgrep":
		if m := semgrepIgnore.FindStringSubmatch(body); m != nil {
			if strings.TrimSpace(m[1]) == "" {
				m[1] = everyID
			}
			return Ignore{Scope: "next", ids: idsOf(m[1], Semgrep)}, true
		}
	case "NOSONAR":
		return Ignore{Scope: "next", ids: []id{{everyID, Sonar}}}, true
	}
	return Ignore{}, false
}

// trivyIDs are the ids that a comment of Trivy silences: one may say until which day it holds.
func trivyIDs(body string) (ids []id) {
	for _, m := range trivyIgnore.FindAllStringSubmatch(body, -1) {
		fields := strings.Split(m[2], ":")
		if n := slices.Index(fields, "exp"); n >= 0 && n+1 < len(fields) && Past(fields[n+1]) {
			continue
		}
		ids = append(ids, Trivy.bare(m[1]))
	}
	return ids
}

// Past reports whether a day, as in 2026-12-31, is over. What is no day never is.
func Past(day string) bool {
	d, err := time.Parse(time.DateOnly, day)
	return err == nil && time.Now().After(d)
}

// skipped reads the value of a check directive: skip=A,B;error=true.
func skipped(value string) (ids []id) {
	for _, field := range strings.Split(value, ";") {
		if list, ok := strings.CutPrefix(strings.TrimSpace(field), "skip="); ok {
			ids = append(ids, idsOf(list, BuildKit)...)
		}
	}
	return ids
}

// idsOf reads a list of ids of a tool, or of ours.
func idsOf(list string, tool Tool) (ids []id) {
	for _, item := range strings.Split(list, ",") {
		switch item = strings.TrimSpace(item); {
		case item == "":
		case tool == "":
			ids = append(ids, id{text: Fold(item)})
		default:
			ids = append(ids, tool.bare(item))
		}
	}
	return ids
}

// passed reports whether the id stands for a finding that the rule passes on.
func (i id) passed(r *Rule, code string) bool {
	if i.tool == "" {
		part, ok := r.Part(i.text)
		return ok && part == code
	}
	return i.tool == r.Passes && (i.text == code || i.text == everyID)
}

// means reports whether the id stands for the rule.
func (i id) means(r *Rule) bool {
	switch {
	case i.tool == "":
		return i.text == everyID || r.Is(i.text)
	case strings.HasPrefix(i.text, allBut):
		listed := strings.Split(strings.TrimPrefix(i.text, allBut), ",")
		return len(r.IDs(i.tool)) > 0 && !slices.ContainsFunc(listed, func(id string) bool { return r.foreign(i.tool, strings.TrimSpace(id)) })
	case i.text == everyID || i.text == "*":
		if i.tool == Tally && len(r.BuildKit)+len(r.Hadolint) > 0 {
			return true // tally has all of theirs
		}
		return len(r.IDs(i.tool)) > 0
	}
	return r.foreign(i.tool, i.text)
}

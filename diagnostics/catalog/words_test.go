package catalog_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"layerwise/diagnostics/catalog"
)

var (
	findingLine = regexp.MustCompile(`^(?:[\w./-]+ )?\d+:\d+\S* (?:error|warning|info|hint) ([\w-]+): (.*)$`)
	titleLine   = regexp.MustCompile(`^ +(?:fix|suggestion): (.*)$`)

	// otherWords are ways to say what the house has one word for, and an end or a break that no message has.
	otherWords = regexp.MustCompile(`re-run|runs? again|takes in\b|\bon line \d|needlessly|[a-z]\. [A-Z]|\.$`)
)

// inWords is what is wrong with the words of a message or a title; "" if nothing is.
func inWords(message string) string {
	if strings.Count(message, "`")%2 != 0 {
		return "a backtick without its pair"
	}
	return otherWords.FindString(message)
}

// TestMessagesKeepTheHouseStyle looks at every message and title of the rules' cases.
func TestMessagesKeepTheHouseStyle(t *testing.T) {
	seen := 0
	for _, r := range catalog.Rules() {
		cases, err := os.ReadFile(stem(r) + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(cases), "\n") {
			message := ""
			if m := findingLine.FindStringSubmatch(line); m != nil && !foreign[m[1]] {
				message = m[2]
			} else if m := titleLine.FindStringSubmatch(line); m != nil {
				message = m[1]
			} else {
				continue
			}
			seen++
			if wrong := inWords(message); wrong != "" {
				t.Errorf("%s: %q: %s", r.Name, wrong, message)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d messages were looked at", seen)
	}
}

// foreign are rules whose messages are BuildKit's own: people search for them.
var foreign = map[string]bool{"syntax-error": true, "unknown-flag": true}

func TestHouseStyleIsSeen(t *testing.T) {
	for message, wrong := range map[string]string{
		"A change of it re-runs `npm ci`":               "re-run",
		"It reruns `npm ci` on line 7":                  "on line 7",
		"This saves nothing. Delete it":                 "g. D",
		"It reruns `npm ci":                             "a backtick without its pair",
		"Changing any of them reruns `npm ci` (line 7)": "",
	} {
		if got := inWords(message); got != wrong {
			t.Errorf("%s: %q, want %q", message, got, wrong)
		}
	}
}

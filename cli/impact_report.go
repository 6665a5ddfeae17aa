package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"layerwise/build/cache"
	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/internal/words"

	"github.com/clipperhouse/displaywidth"
)

// tell writes the prediction.
func (m *impact) tell(name string, c *cache.Comparison) error {
	if m.Format == "json" {
		_, err := fmt.Fprintf(m.streams.Out, "%s\n", report.JSON(m.json(name, c)))
		return err
	}
	_, err := io.WriteString(m.streams.Out, m.text(name, c))
	return err
}

// The types of the JSON report.
type (
	jsonImpact struct {
		Path    string            `json:"path"`
		Steps   []jsonStep        `json:"steps"`
		Summary jsonImpactSummary `json:"summary"`
		Hidden  []string          `json:"hiddenFromDaemon"`
		Unknown []string          `json:"unknownImages"`
	}
	jsonStep struct {
		Line        int          `json:"line"`
		EndLine     int          `json:"endLine"`
		Stage       string       `json:"stage"`
		Instruction string       `json:"instruction"`
		Layer       bool         `json:"layer"`
		State       string       `json:"state"`
		Reasons     []jsonReason `json:"reasons"`
		Seconds     *float64     `json:"seconds,omitempty"` // that the step took in the log
	}
	jsonReason struct {
		Kind   cache.Kind `json:"kind"`
		Name   string     `json:"name"`
		Detail string     `json:"detail"`
	}
	jsonImpactSummary struct {
		Rebuilt   int `json:"rebuilt"`
		Cached    int `json:"cached"`
		Depends   int `json:"depends"`
		Unreached int `json:"unreached"`
	}
)

func (m *impact) json(name string, c *cache.Comparison) jsonImpact {
	out := jsonImpact{
		Path: name, Steps: []jsonStep{}, Hidden: append([]string{}, c.Hidden...), Unknown: append([]string{}, c.Unknown...),
		Summary: jsonImpactSummary{c.Count(cache.Rebuilt), c.Count(cache.Cached), c.Count(cache.Depends), c.Count(cache.Unreached)},
	}
	for _, e := range c.Effects {
		step := jsonStep{
			Line: e.Line, EndLine: e.EndLine, Stage: e.Stage, Instruction: e.Text, Layer: e.Layer,
			State: e.State.String(), Reasons: []jsonReason{},
		}
		for _, r := range e.Reasons {
			step.Reasons = append(step.Reasons, jsonReason(r))
		}
		step.Seconds = m.seconds(e.Line)
		out.Steps = append(out.Steps, step)
	}
	return out
}

var stateStyle = [...]string{cache.Unreached: terminal.Dim, cache.Cached: terminal.Green, cache.Depends: terminal.Yellow, cache.Rebuilt: terminal.BoldRed}

// stateWord is the word for people: reports that programs read keep the names of the states.
func stateWord(s cache.State) string {
	if s == cache.Rebuilt {
		return "reruns"
	}
	return s.String()
}

// text is the report for people: a line for each step.
func (m *impact) text(name string, c *cache.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", m.screen.Paint(terminal.Bold, terminal.Escape(name)), m.headline(c))
	if len(c.Effects) > c.Count(cache.Unreached) {
		b.WriteByte('\n')
	}
	width := m.textWidth(c.Effects)
	for _, e := range c.Effects {
		if e.State == cache.Unreached {
			continue // the notes count them
		}
		text := terminal.Fit(terminal.Escape(words.OneLine(e.Text)), width)
		padding := strings.Repeat(" ", max(0, width-displaywidth.String(text)))
		state := stateWord(e.State)
		line := fmt.Sprintf("%5d  %s%s  %s", e.Line, text, padding, m.screen.Paint(stateStyle[e.State], state))
		more := m.details(e)
		if more != "" {
			line += strings.Repeat(" ", len("depends")-len(state)) + "  " + more
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	for _, note := range m.notes(c) {
		fmt.Fprintf(&b, "\n%s %s\n", m.screen.Paint(terminal.Cyan, "note:"), terminal.Escape(note))
	}
	return b.String()
}

// headline counts the steps.
func (m *impact) headline(c *cache.Comparison) string {
	all := len(c.Effects) - c.Count(cache.Unreached)
	rebuilt, depends := c.Count(cache.Rebuilt), c.Count(cache.Depends)
	if rebuilt == 0 && depends == 0 {
		return "nothing reruns: " + allCached(all)
	}
	text := fmt.Sprintf("%d of %s %s", rebuilt, words.Count(all, "step"), words.For(rebuilt, "reruns", "rerun"))
	var total time.Duration
	for _, e := range c.Effects {
		if e.State == cache.Rebuilt {
			total += m.times[e.Line].Took
		}
	}
	if total > 0 {
		text += fmt.Sprintf(" (%s last time)", seconds(total))
	}
	if depends > 0 {
		text += fmt.Sprintf(", and %d more if the files that %s from another stage change", depends, words.For(depends, "it takes", "they take"))
	}
	return text
}

func allCached(n int) string {
	if n == 1 {
		return "the one step is cached"
	}
	return fmt.Sprintf("all %d steps are cached", n)
}

// details tell why a step is not cached, and how long it took.
func (m *impact) details(e cache.Effect) string {
	var parts []string
	if took := m.times[e.Line].Took; took > 0 && (e.State == cache.Rebuilt || e.State == cache.Depends) {
		parts = append(parts, seconds(took))
	}
	return terminal.Escape(strings.Join(append(parts, why(e.Reasons)...), ", "))
}

// why are reasons in words.
func why(reasons []cache.Reason) (parts []string) {
	counts := map[cache.Kind]int{}
	for _, r := range reasons {
		counts[r.Kind]++
	}
	shown := map[cache.Kind]int{}
	for _, r := range reasons {
		if shown[r.Kind]++; shown[r.Kind] > words.Shown {
			continue
		}
		parts = append(parts, r.Words())
		if rest := counts[r.Kind] - words.Shown; shown[r.Kind] == words.Shown && rest > 0 {
			parts = append(parts, fmt.Sprintf("and %d more", rest))
		}
	}
	return parts
}

// notes tell what the prediction takes for granted.
func (m *impact) notes(c *cache.Comparison) (notes []string) {
	if n := c.Count(cache.Unreached); n > 0 {
		notes = append(notes, fmt.Sprintf("%s of stages that the target does not need %s not shown.", words.Count(n, "step"), words.For(n, "is", "are")))
	}
	if len(c.Hidden) > 0 {
		notes = append(notes, fmt.Sprintf("A daemon that has built the state before does not notice the change of %s: size, time stamp and mode of a file, or the name of a folder, are all that it looks at. The prediction is for a new one.", words.Some(c.Hidden)))
	}
	if len(c.Unknown) > 0 && c.Count(cache.Rebuilt)+c.Count(cache.Depends) == 0 {
		notes = append(notes, fmt.Sprintf("This takes for granted that %s did not change: a new image behind the same tag reruns the stages on it.", words.Some(shortNames(c.Unknown))))
	}
	return notes
}

func shortNames(images []string) (names []string) {
	for _, image := range images {
		names = append(names, shortName(image))
	}
	return names
}

// shortName is the name of an image without what goes without saying.
func shortName(image string) string {
	return strings.TrimPrefix(strings.TrimPrefix(image, "docker.io/"), "library/")
}

// textWidth is the width of the column of instructions.
func (m *impact) textWidth(effects []cache.Effect) int {
	const most = 50
	width := 0
	for _, e := range effects {
		if e.State == cache.Unreached {
			continue
		}
		width = max(width, displaywidth.String(terminal.Escape(words.OneLine(e.Text))))
	}
	return min(width, most)
}

// seconds is a duration for people.
func seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

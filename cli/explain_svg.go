package cli

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"layerwise/build/cache"
	"layerwise/internal/words"
)

// The measures of the picture, in its own units.
const (
	columnWidth = 300
	columnGap   = 56
	blockHeight = 34
	blockGap    = 16
	headHeight  = 46
	margin      = 24
	titleHeight = 34
	blockText   = 38 // characters of a block's text
	charWidth   = 8  // of the font, at most
)

// The colours of the picture: of what reruns, of what may, of the other layers, and of layers that
// are not in the image.
const (
	rebuiltFill, rebuiltLine = "#ffd8d3", "#c8321f"
	dependsFill, dependsLine = "#fff0c2", "#b77900"
	layerFill, layerLine     = "#dcebff", "#3b6fb6"
	builderFill, builderLine = "#eeeeee", "#8a8a8a"
	ink, faint               = "#1f2328", "#656d76"
)

// block is one layer, or the head of a stage.
type block struct {
	x, y, height int
	fill, line   string
	dashed       bool
}

// drawing is a picture of a Dockerfile's stages.
type drawing struct {
	page    explained
	states  map[int]string // of the lines that the change reaches
	changed int
	blocks  map[int]block  // by line
	last    map[string]int // of each stage: the line of its last block
	right   int            // where the longest text ends
	omitted int            // stages that are not drawn
	out     strings.Builder
}

// picture draws the stages as columns and the layers as blocks, with what a change of a line reaches in
// colour.
func (e *explain) picture(page explained) error {
	d := drawing{page: page, states: map[int]string{}, changed: e.line, blocks: map[int]block{}, last: map[string]int{}}
	if e.line > 0 {
		i := slices.IndexFunc(page.Instructions, func(in explainedInstruction) bool { return in.Line <= e.line && e.line <= in.EndLine })
		if i < 0 {
			return fmt.Errorf("%s has no instruction on line %d", page.Path, e.line)
		}
		d.changed = page.Instructions[i].Line
		for _, c := range page.Instructions[i].Invalidates {
			d.states[c.Line] = c.State
		}
		d.states[d.changed] = cache.Rebuilt.String()
	}
	d.omit()
	d.place()
	width, height := d.size()
	d.title()
	d.arrows()
	d.draw()
	d.legend(height)
	width = max(width, d.right+margin)
	_, err := fmt.Fprintf(e.streams.Out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="12">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="%s"/></marker></defs>
<rect width="100%%" height="100%%" fill="white"/>
%s</svg>
`, width, height, width, height, faint, d.out.String())
	return err
}

// omit leaves out the stages that the build does not need, of which a file for many targets has dozens.
func (d *drawing) omit() {
	all := d.page.Stages
	d.page.Stages = slices.DeleteFunc(slices.Clone(all), func(s explainedStage) bool {
		changed := slices.ContainsFunc(d.page.Instructions, func(in explainedInstruction) bool { return in.Line == d.changed && in.Stage == s.Name })
		return !s.Reached && !changed
	})
	d.omitted = len(all) - len(d.page.Stages)
}

// place gives each block its place.
func (d *drawing) place() {
	for n, stage := range d.page.Stages {
		x, y := margin+n*(columnWidth+columnGap), margin+titleHeight
		head := block{x, y, headHeight, "white", builderLine, !stage.Reached}
		if stage.InImage {
			head.line = layerLine
		}
		d.blocks[stage.Line], d.last[stage.Name] = head, stage.Line
		y += headHeight + blockGap
		for _, in := range d.page.Instructions {
			if in.Stage != stage.Name || in.Line == stage.Line || !in.Layer && in.Line != d.changed {
				continue
			}
			b := block{x, y, blockHeight, builderFill, builderLine, !stage.Reached}
			switch {
			case d.states[in.Line] == cache.Rebuilt.String():
				b.fill, b.line = rebuiltFill, rebuiltLine
			case d.states[in.Line] == cache.Depends.String():
				b.fill, b.line = dependsFill, dependsLine
			case stage.InImage:
				b.fill, b.line = layerFill, layerLine
			}
			d.blocks[in.Line], d.last[stage.Name] = b, in.Line
			y += blockHeight + blockGap
		}
	}
}

func (d *drawing) size() (width, height int) {
	width = 2*margin + max(1, len(d.page.Stages))*(columnWidth+columnGap) - columnGap
	for _, b := range d.blocks {
		height = max(height, b.y+b.height)
	}
	return width, height + 2*margin + titleHeight
}

// title says what the picture shows.
func (d *drawing) title() {
	text := d.page.Path
	if d.changed > 0 {
		sure, maybe := 0, 0
		for line, state := range d.states {
			switch {
			case line == d.changed:
			case state == cache.Depends.String():
				maybe++
			default:
				sure++
			}
		}
		text += fmt.Sprintf(": a change of line %d reruns %s", d.changed, words.Count(sure, "step"))
		if maybe > 0 {
			text += fmt.Sprintf(", and perhaps %d more", maybe)
		}
	} else {
		text += fmt.Sprintf(": %s on top of the base image", words.Count(d.page.Layers, "layer"))
	}
	d.text(margin, margin+12, text, ink, "bold")
}

// arrows draws what each block builds on, and what it takes files from.
func (d *drawing) arrows() {
	for _, t := range d.page.takes {
		d.across(t.from, t.to, !t.base)
	}
	for _, stage := range d.page.Stages {
		if from := slices.IndexFunc(d.page.Stages, func(s explainedStage) bool { return strings.EqualFold(s.Name, stage.Base) && s.Line < stage.Line }); from >= 0 {
			d.across(d.last[d.page.Stages[from].Name], stage.Line, false)
		}
		before := stage.Line
		for _, in := range d.page.Instructions {
			b, ok := d.blocks[in.Line]
			if !ok || in.Stage != stage.Name || in.Line == stage.Line {
				continue
			}
			up := d.blocks[before]
			fmt.Fprintf(&d.out, `<path d="M%d %d V%d" stroke="%s" fill="none" marker-end="url(#arrow)"/>`+"\n", b.x+20, up.y+up.height, b.y-2, faint)
			before = in.Line
			for _, input := range in.Inputs {
				if input.Kind == cache.StageOut {
					var line int
					if _, err := fmt.Sscanf(input.Name, "line %d", &line); err == nil {
						d.across(line, in.Line, true)
					}
				}
			}
		}
	}
}

// across draws an arrow from one column to another.
func (d *drawing) across(from, to int, dashed bool) {
	a, ok := d.blocks[from]
	b, found := d.blocks[to]
	if !ok || !found {
		return
	}
	x1, x2 := a.x+columnWidth, b.x-2
	if b.x < a.x {
		x1, x2 = a.x, b.x+columnWidth+2
	}
	y1, y2 := a.y+a.height/2, b.y+b.height/2
	style := ""
	if dashed {
		style = ` stroke-dasharray="4 3"`
	}
	middle := (x1 + x2) / 2
	if b.x == a.x {
		x1, x2, middle = a.x+columnWidth, b.x+columnWidth+2, a.x+columnWidth+columnGap/2
	}
	fmt.Fprintf(&d.out, `<path d="M%d %d C%d %d %d %d %d %d" stroke="%s" fill="none"%s marker-end="url(#arrow)"/>`+"\n", x1, y1, middle, y1, middle, y2, x2, y2, faint, style)
}

// draw draws the blocks.
func (d *drawing) draw() {
	for _, stage := range d.page.Stages {
		b := d.blocks[stage.Line]
		d.rect(b)
		role := "not in the image"
		switch {
		case stage.InImage:
			role = "in the image"
		case !stage.Reached:
			role = "not needed"
		}
		d.text(b.x+12, b.y+19, words.Shorten(stage.Name, blockText-len(role)), ink, "bold")
		d.textEnd(b.x+columnWidth-12, b.y+19, role)
		d.text(b.x+12, b.y+36, words.Shorten("FROM "+shortName(stage.Base), blockText), faint, "normal")
	}
	for _, in := range d.page.Instructions {
		b, ok := d.blocks[in.Line]
		if !ok || slices.ContainsFunc(d.page.Stages, func(s explainedStage) bool { return s.Line == in.Line }) {
			continue
		}
		d.rect(b)
		weight := "normal"
		if in.Line == d.changed {
			weight = "bold"
		}
		room := blockText - 5
		if in.Seconds != nil {
			time := seconds(time.Duration(*in.Seconds * float64(time.Second)))
			room -= len(time) + 1
			d.textEnd(b.x+columnWidth-12, b.y+22, time)
		}
		d.text(b.x+12, b.y+22, fmt.Sprintf("%3d  %s", in.Line, words.Shorten(words.OneLine(in.Instruction), room)), ink, weight)
	}
}

func (d *drawing) rect(b block) {
	style := ""
	if b.dashed {
		style = ` stroke-dasharray="4 3"`
	}
	fmt.Fprintf(&d.out, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="%s" stroke="%s"%s/>`+"\n", b.x, b.y, columnWidth, b.height, b.fill, b.line, style)
}

func (d *drawing) text(x, y int, text, colour, weight string) {
	d.right = max(d.right, x+charWidth*utf8.RuneCountInString(text))
	fmt.Fprintf(&d.out, `<text x="%d" y="%d" fill="%s" font-weight="%s" xml:space="preserve">%s</text>`+"\n", x, y, colour, weight, html.EscapeString(printable(text)))
}

// textEnd is faint text that ends at x.
func (d *drawing) textEnd(x, y int, text string) {
	fmt.Fprintf(&d.out, `<text x="%d" y="%d" fill="%s" text-anchor="end">%s</text>`+"\n", x, y, faint, text)
}

// legend says what the colours of the picture mean.
func (d *drawing) legend(height int) {
	x, y := margin, height-margin
	for _, key := range [][3]string{
		{rebuiltFill, rebuiltLine, "reruns"}, {dependsFill, dependsLine, "depends"},
		{layerFill, layerLine, "layer of the image"}, {builderFill, builderLine, "not in the image"},
	} {
		used := false
		for _, b := range d.blocks {
			used = used || b.fill == key[0]
		}
		if !used {
			continue
		}
		fmt.Fprintf(&d.out, `<rect x="%d" y="%d" width="14" height="14" rx="3" fill="%s" stroke="%s"/>`+"\n", x, y-11, key[0], key[1])
		d.text(x+20, y, key[2], faint, "normal")
		x += 20 + charWidth*len(key[2]) + 16
	}
	if d.omitted > 0 {
		d.text(x, y, fmt.Sprintf("%s that the build does not need %s not shown", words.Count(d.omitted, "stage"), words.For(d.omitted, "is", "are")), faint, "normal")
	}
}

// printable replaces what XML cannot hold, and what would change the direction of the text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

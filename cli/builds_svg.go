package cli

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"layerwise/internal/words"
)

// maxDrawn bounds the builds of a picture. Nobody looks at more.
const maxDrawn = 200

// svg draws the files that build on the left, the Dockerfiles on the right, and a line for each build between them.
// That of the default build is solid.
func (l *buildList) svg() string {
	drawn := l.Builds
	if len(drawn) > maxDrawn {
		drawn = drawn[:maxDrawn]
	}
	var sources, dockerfiles []string
	for _, e := range drawn {
		if !slices.Contains(sources, e.Source.File) {
			sources = append(sources, e.Source.File)
		}
		if name := e.heading(); !slices.Contains(dockerfiles, name) {
			dockerfiles = append(dockerfiles, name)
		}
	}
	slices.Sort(sources)
	slices.Sort(dockerfiles)
	right := margin + columnWidth + 4*columnGap
	row := func(n int) int { return margin + titleHeight + n*(blockHeight+blockGap) }
	height := row(max(len(sources), len(dockerfiles))) + margin
	var out strings.Builder
	text := func(x, y int, style, s string) {
		fmt.Fprintf(&out, "<text x=\"%d\" y=\"%d\" %s>%s</text>\n", x, y, style, html.EscapeString(printable(s)))
	}
	box := func(x, y int, fill, line, s string) {
		fmt.Fprintf(&out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" stroke=\"%s\"/>\n", x, y, columnWidth, blockHeight, fill, line)
		text(x+10, y+blockHeight/2+4, fmt.Sprintf("fill=%q", ink), words.Shorten(s, blockText))
	}
	title := fmt.Sprintf("%s of %s", words.Count(len(l.Builds), "build"), words.Count(len(dockerfiles), "Dockerfile"))
	if len(drawn) < len(l.Builds) {
		title += fmt.Sprintf("; the first %d are drawn", len(drawn))
	}
	text(margin, margin+12, fmt.Sprintf("font-weight=\"bold\" fill=%q", ink), title)
	for _, e := range drawn {
		from, to := row(slices.Index(sources, e.Source.File))+blockHeight/2, row(slices.Index(dockerfiles, e.heading()))+blockHeight/2
		dash := ` stroke-dasharray="4 3"`
		if e.Default {
			dash = ""
		}
		fmt.Fprintf(&out, "<path d=\"M%d %d C%d %d %d %d %d %d\" fill=\"none\" stroke=%q%s><title>%s</title></path>\n",
			margin+columnWidth, from, margin+columnWidth+2*columnGap, from, right-2*columnGap, to, right, to, faint, dash, html.EscapeString(printable(e.what())))
	}
	for i, s := range sources {
		box(margin, row(i), builderFill, builderLine, s)
	}
	for i, name := range dockerfiles {
		box(right, row(i), layerFill, layerLine, name)
	}
	width := right + columnWidth + margin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="12">
<rect width="100%%" height="100%%" fill="white"/>
%s</svg>
`, width, height, width, height, out.String())
}

package report

import (
	"encoding/xml"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
)

// The types of Checkstyle's report.
type (
	checkstyleFile struct {
		XMLName xml.Name          `xml:"file"`
		Name    string            `xml:"name,attr"`
		Errors  []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr"`
		Column   int    `xml:"column,attr"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"` // family and rule: readers take the part behind the last dot for the name
	}
)

var checkstyleSeverity = [...]string{
	diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "info", diagnostics.Hint: "info",
}

func newCheckstyle(*Run, terminal.Screen) Form {
	return Form{
		head: xml.Header + `<checkstyle version="10.0">` + "\n", part: checkstylePart,
		end: func(totals) string { return "</checkstyle>\n" },
	}
}

func checkstylePart(file *File) []byte {
	if len(file.Findings) == 0 {
		return nil
	}
	out := checkstyleFile{Name: terminal.Escape(file.Name)}
	for _, f := range file.Findings {
		at := file.place(f.Span).Start
		out.Errors = append(out.Errors, checkstyleError{
			at.Line, at.Column, checkstyleSeverity[f.Severity], terminal.Escape(terminal.Shorten(f.Message)), "layerwise." + f.Rule.Family + "." + f.ID(),
		})
	}
	return encodeXML(out)
}

// encodeXML is the XML of a value, whose texts are escaped for XML, but must hold no control characters.
func encodeXML(v any) []byte {
	text, err := xml.MarshalIndent(v, "  ", "  ")
	if err != nil {
		panic(err) // the types of the reports can be encoded
	}
	return append(text, '\n')
}

package check

import (
	"encoding/xml"

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

func newCheckstyle(*runner, terminal) form {
	return form{
		head: xml.Header + `<checkstyle version="10.0">` + "\n", part: checkstylePart,
		end: func(totals) string { return "</checkstyle>\n" },
	}
}

func checkstylePart(res *result) []byte {
	if len(res.found) == 0 {
		return nil
	}
	file := checkstyleFile{Name: Escape(res.name)}
	for _, f := range res.found {
		at := res.place(f.Span).Start
		file.Errors = append(file.Errors, checkstyleError{
			at.Line, at.Column, checkstyleSeverity[f.Severity], Escape(shorten(f.Message)), "layerwise." + f.Rule.Family + "." + f.Rule.Name,
		})
	}
	return encodeXML(file)
}

// encodeXML is the XML of a value, whose texts are escaped for XML, but must hold no control characters.
func encodeXML(v any) []byte {
	text, err := xml.MarshalIndent(v, "  ", "  ")
	if err != nil {
		panic(err) // the types of the reports can be encoded
	}
	return append(text, '\n')
}

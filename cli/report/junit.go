package report

import (
	"encoding/xml"
	"fmt"
	"strings"

	"layerwise/cli/terminal"
)

// The types of the report as tests, in the form that JUnit's readers agree on.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// newJUnit is a suite for each file, with a test for each finding: it fails if the finding makes the
// exit code 1, and passes with the finding as its output otherwise.
func newJUnit(r *Run, _ terminal.Screen) Form {
	return Form{
		head: xml.Header + `<testsuites name="layerwise">` + "\n", part: r.junitFile,
		end: func(totals) string { return "</testsuites>\n" },
	}
}

func (r *Run) junitFile(file *File) []byte {
	name := terminal.Escape(file.Name)
	suite := junitSuite{Name: name}
	for i := range file.Findings {
		f := &file.Findings[i]
		at := file.place(f.Span).Start
		c := junitCase{Name: fmt.Sprintf("%s at %d:%d", f.ID(), at.Line, at.Column), Class: name, File: name, Line: at.Line}
		message := file.account(f)
		text := fmt.Sprintf("%s:%d:%d: %s: %s", name, at.Line, at.Column, f.Severity, strings.Join(message, "\n"))
		if r.Fails(f.Severity) {
			suite.Failures++
			c.Failure = &junitFailure{f.Severity.String(), message[0], text}
		} else {
			c.Out = text
		}
		suite.Cases = append(suite.Cases, c)
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Name: "no findings", Class: name, File: name}}
	}
	suite.Tests = len(suite.Cases)
	return encodeXML(suite)
}

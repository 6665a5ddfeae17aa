package cli

import (
	"fmt"
	"io"
	"strings"

	"layerwise/cli/report"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"

	"github.com/spf13/cobra"
)

// RuleCommand is the command that prints what is known about rules.
func RuleCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:     "rules [NAME]",
		Aliases: []string{"rule"},
		Short:   "Explain a rule, or list them all",
		Long: `Explain a rule: what is wrong, why, how to fix it, and when to ignore it. NAME is the rule's name or code,
or the id that another tool has for the same mistake: BuildKit, hadolint, ShellCheck, tally, Trivy, Checkov, KICS,
Semgrep or Sonar. Without a name, or with that of a family, list the rules.

As json and markdown it lists the rules with their ids in other tools.`,
		Example: "  layerwise rules DL3008\n  layerwise rules --format markdown > rules.md",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, rules := cmd.OutOrStdout(), catalog.Rules()
			if len(args) > 0 {
				if rules = catalog.Named(args[0]); len(rules) == 0 {
					return fmt.Errorf("there is no rule %q%s", args[0], nearest(args[0]))
				}
			}
			var err error
			switch {
			case format == "json":
				_, err = fmt.Fprintf(out, "%s\n", report.JSON(rulesJSON{Rules: known(rules)}))
			case format == "markdown":
				_, err = io.WriteString(out, rulesMarkdown(rules))
			case format != "text":
				return fmt.Errorf("there is no format %q for rules: it is text, json or markdown", format)
			case len(args) > 0 && len(rules) == 1:
				_, err = io.WriteString(out, catalog.Page(rules[0]))
			default:
				err = listRules(out, rules)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "of the list: text, json or markdown")
	return cmd
}

// listRules prints a line for each rule, by family.
func listRules(w io.Writer, rules []*diagnostics.Rule) error {
	width := 0
	for _, rule := range rules {
		width = max(width, len(rule.Name))
	}
	family := ""
	for _, rule := range rules {
		if rule.Family != family {
			family = rule.Family
			if _, err := fmt.Fprintf(w, "%s\n", family); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %-*s %-8s %s\n", width, rule.Name, byDefault(rule), rule.Summary()); err != nil {
			return err
		}
	}
	return nil
}

// byDefault is the severity that a rule has where nothing is configured.
func byDefault(rule *diagnostics.Rule) diagnostics.Severity {
	if rule.Off {
		return diagnostics.Off
	}
	return rule.Severity
}

// rulesJSON is the list of rules in JSON.
type rulesJSON struct {
	Rules []ruleJSON `json:"rules"`
}

type ruleJSON struct {
	Name      string                        `json:"name"`
	Code      string                        `json:"code,omitempty"`
	Family    string                        `json:"family"`
	Severity  string                        `json:"severity"`
	Default   bool                          `json:"default"` // it is on where nothing is configured
	Summary   string                        `json:"summary"`
	Elsewhere map[diagnostics.Tool][]string `json:"elsewhere,omitempty"` // the ids of other tools
}

func known(rules []*diagnostics.Rule) []ruleJSON {
	list := []ruleJSON{}
	for _, r := range rules {
		rule := ruleJSON{
			Name: r.Name, Code: r.Code, Family: r.Family, Severity: r.Severity.String(), Default: !r.Off, Summary: r.Summary(),
			Elsewhere: map[diagnostics.Tool][]string{},
		}
		for _, tool := range diagnostics.Tools() {
			if ids := r.IDs(tool); len(ids) > 0 {
				rule.Elsewhere[tool] = ids
			}
		}
		list = append(list, rule)
	}
	return list
}

// rulesMarkdown is a table of the rules. The ids of KICS are long numbers, which nobody reads: they are in the JSON.
func rulesMarkdown(rules []*diagnostics.Rule) string {
	var b strings.Builder
	b.WriteString("| Rule | Family | Default | What it finds | In other tools |\n|---|---|---|---|---|\n")
	for _, r := range rules {
		var elsewhere []string
		for _, tool := range diagnostics.Tools() {
			if ids := r.IDs(tool); len(ids) > 0 && tool != diagnostics.KICS {
				elsewhere = append(elsewhere, string(tool)+" "+strings.Join(ids, ", "))
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.Name, r.Family, byDefault(r), strings.ReplaceAll(r.Summary(), "|", `\|`), strings.Join(elsewhere, "; "))
	}
	return b.String()
}

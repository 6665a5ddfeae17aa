package cli

import (
	"fmt"
	"io"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"

	"github.com/spf13/cobra"
)

// RuleCommand is the command that prints what is known about rules.
func RuleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rule [NAME]",
		Short: "Explain a rule, or list them all",
		Long: `Explain a rule: what is wrong, why, how to fix it, and when to ignore it. NAME is the rule's name or code,
or the id that BuildKit or hadolint have for the same mistake. Without a name, or with that of a family,
list the rules.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(cmd.OutOrStdout(), catalog.Rules())
			}
			rules := catalog.Named(args[0])
			switch len(rules) {
			case 0:
				return fmt.Errorf("there is no rule %q%s", args[0], nearest(args[0]))
			case 1:
				_, err := io.WriteString(cmd.OutOrStdout(), catalog.Page(rules[0]))
				return err
			}
			return listRules(cmd.OutOrStdout(), rules)
		},
	}
}

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
		if _, err := fmt.Fprintf(w, "  %-*s %-8s %s\n", width, rule.Name, rule.Severity, rule.Summary()); err != nil {
			return err
		}
	}
	return nil
}

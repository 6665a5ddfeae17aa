package check

import (
	"fmt"
	"io"

	"layerwise/diagnostics/catalog"

	"github.com/spf13/cobra"
)

// RuleCommand is the command that prints what is known about rules.
func RuleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rule [NAME]",
		Short: "Explain a rule, or list them all",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(cmd.OutOrStdout())
			}
			rule := catalog.Find(args[0])
			if rule == nil {
				return fmt.Errorf("there is no rule %q%s", args[0], nearest(args[0]))
			}
			_, err := io.WriteString(cmd.OutOrStdout(), rule.Page)
			return err
		},
	}
}

func listRules(w io.Writer) error {
	family := ""
	for _, rule := range catalog.Rules() {
		if rule.Family != family {
			family = rule.Family
			if _, err := fmt.Fprintf(w, "%s\n", family); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %-28s %-8s %s\n", rule.Name, rule.Severity, rule.Summary()); err != nil {
			return err
		}
	}
	return nil
}

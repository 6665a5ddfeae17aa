package shell

import "strings"

// debugVariables are those that switch a framework to debugging, with the values that do, in small letters. Of the
// documentation of each.
var debugVariables = map[string]string{
	"APP_DEBUG":              "1 true on",       // Laravel, Symfony
	"APP_ENV":                "dev development", // Symfony
	"ASPNETCORE_ENVIRONMENT": "development",
	"DJANGO_DEBUG":           "1 true yes on",
	"DOTNET_ENVIRONMENT":     "development",
	"FLASK_DEBUG":            "1 true yes on",
	"FLASK_ENV":              "development",
	"NODE_ENV":               "dev development",
	"RACK_ENV":               "development",
	"RAILS_ENV":              "development",
	"XDEBUG_MODE":            "debug develop debug,develop develop,debug",
}

// DebugVariable reports whether a variable with this value makes programs of the table run as for developers.
func DebugVariable(name, value string) bool {
	values, ok := debugVariables[name]
	return ok && value != "" && listed(values, strings.ToLower(strings.Trim(value, `"'`)))
}

// Debugs is the word by which the command, as what a container starts, runs for developers: it opens a debugger to the
// network, or loads changed sources.
func (c *Command) Debugs() (Word, bool) {
	for n, w := range c.Words {
		name, value, _ := strings.Cut(w.Text, "=")
		found := false
		switch program := c.Program; {
		case n == 0:
		case c.row().name == "node":
			found = name == "--inspect" || name == "--inspect-brk" || name == "--inspect-wait"
		case c.row().name == "java":
			found = strings.HasPrefix(w.Text, "-agentlib:jdwp") && strings.Contains(value, "transport")
		case program == "flask":
			found = name == "--debug" || name == "--debugger"
		case program == "uvicorn", program == "gunicorn":
			found = name == "--reload"
		case c.IsInterpreter():
			found = w.Text == "debugpy" && c.Words[n-1].Text == "-m"
		}
		if found {
			return w, true
		}
	}
	return Word{}, false
}

// AddsDebugger is the word by which the command makes a debugger a part of an interpreter: docker-php-ext-enable xdebug.
func (c *Command) AddsDebugger() (Word, bool) {
	if c.Program != "docker-php-ext-enable" {
		return Word{}, false
	}
	for _, w := range c.Operands() {
		if w.Text == "xdebug" {
			return w, true
		}
	}
	return Word{}, false
}

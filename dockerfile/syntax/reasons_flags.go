package syntax

import regex "layerwise/internal/lazy"

// inFlags are the reasons for what BuildKit says of --mount, --device, --network and --security.
var inFlags = []rephrasing{
	{regex.New(`^unsupported mount type "(.*)"$`), `there is no mount type "$1": type is bind, cache, secret, ssh or tmpfs`},
	{regex.New(`^'from' doesn't support variable expansion, define alias stage instead$`), `from takes no variable: give the image a name by FROM … AS, and mount from that`},
	{regex.New(`^invalid field '' must be a key=value pair$`), `there is nothing before or behind a comma of the mount: remove the comma, or write what is missing`},
	{regex.New(`^invalid field '(.*)' must be a key=value pair$`), `$1 has no value: write $1=value`},
	{regex.New(`^invalid value (.*) for mode$`), `"$1" is not a mode: write it in octal, as in mode=0644`},
	{regex.New(`^invalid value (.*) for ([ug]id)$`), `$2 is a number, as in $2=1000, not "$1"`},
	{regex.New(`^invalid value for size: (.*)$`), `"$1" is not a size: write a number and a unit, as in size=64m`},
	{regex.New(`^invalid value for (\w+): (.*)$`), `$1 is true or false, not "$2"`},
	{regex.New(`^(mode|uid|gid) not allowed for "(\w+)" type mounts$`), `a mount of the type $2 takes no $1: remove it, only cache, secret and ssh have one`},
	{regex.New(`^unexpected key '(size)' for mount type '(\w+)'$`), `a mount of the type $2 takes no $1: remove it, only tmpfs has one`},
	{regex.New(`^unexpected key '(required)' for mount type '(\w+)'$`), `a mount of the type $2 takes no $1: remove it, only secret and ssh do`},
	{regex.New(`^unexpected key '(.*)' in '.*'$`), `there is no setting "$1" here: correct its name, or remove it`},
	{regex.New(`^unsupported sharing value "(.*)"$`), `sharing is shared, private or locked, not "$1"`},
	{regex.New(`^invalid cache sharing set for (\w+) mount$`), `a mount of the type $1 takes no sharing: remove it, only cache has one`},
	{regex.New(`^secret mount should not define sharing$`), `a mount of the type secret takes no sharing: remove it, only cache has one`},
	{regex.New(`^secret mount should not have a from$`), `a mount of the type secret takes no from: remove it, the secret comes with the build`},
	{regex.New(`^invalid secret mount\. one of source, target required$`), `this mount does not say which secret: write id=NAME`},
	{regex.New(`^both source and id can't be set$`), `source and id both name the secret: keep one`},
	{regex.New(`^device name already set to (.*)$`), `--device names two devices: write one for each, the first is $1`},
	{regex.New(`^invalid network mode (".*")$`), `there is no network $1: --network is default, host or none`},
	{regex.New(`^security (".*") is not valid$`), `there is no security $1: --security is sandbox or insecure`},
	{regex.New(`^Interval "([\w-]+)" cannot be less than 1ms$`), `--$1 is too short: write 1ms or more`},
}

// inWords are the reasons for what BuildKit says of quotes and variables in a word.
var inWords = []rephrasing{
	{regex.New(`^unexpected end of statement while looking for matching single-quote$`), `the closing ' is missing`},
	{regex.New(`^unexpected end of statement while looking for matching double-quote$`), `the closing " is missing`},
	{regex.New(`^syntax error: missing '}'$`), `the closing } is missing`},
	{regex.New(`^syntax error: missing '/' in \$\{}$`), `the second / is missing: write $${NAME/old/new}`},
	{regex.New(`^syntax error: bad substitution$`), `there is no name behind the {: write $${NAME}`},
	{regex.New(`^unsupported modifier \((.*)\) in substitution$`), `"$1" behind the name means nothing here: write $${NAME:-value} or $${NAME:+value}`},
	{regex.New(`^invalid pattern \(.*\) in substitution: .*$`), `a \ in its pattern stands before a letter that needs none: remove it`},
	{regex.New(`^(.*): is not allowed to be (unset|empty)$`), `the ? behind $1 asks for a value, and it has none`},
}

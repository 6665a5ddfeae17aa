package grammar

// Instructions are all instructions, sorted by their names.
var Instructions = []*Instruction{
	{
		Name:  "ADD",
		Doc:   "Copies files from the build context, a URL or a git repository into the image, and unpacks local archives.",
		Layer: "Makes a layer. Reruns when a file that it takes has changed; a URL is asked again by each build.",
		Forms: copyForms("a path in the build context, a URL, or a git repository"), Flags: addFlags, Heredocs: true, OnBuild: true,
	},
	{
		Name:  "ARG",
		Doc:   "Declares a variable that a build may set with `--build-arg`.",
		Layer: "Makes no layer. A new value reruns the RUN steps below it, since they see it in their environment.",
		Forms: []Form{{Args: []Arg{{Name: "name[=default]", Kind: Declaration, Repeats: true, Expands: true,
			Doc: "the variable, and its value if the build passes none. Before the first FROM it is for FROM lines, and for stages that declare it again"}}}},
		OnBuild: true,
	},
	{
		Name:  "CMD",
		Doc:   "Says what a container runs by default; with an ENTRYPOINT in JSON form, the arguments for that.",
		Layer: "Makes no layer. Only the last CMD of an image counts.",
		Forms: commandForms(), OnBuild: true,
	},
	{
		Name:  "COPY",
		Doc:   "Copies files from the build context, another stage or an image into the image.",
		Layer: "Makes a layer. Reruns when a file that it takes has changed; all steps below rerun with it.",
		Forms: copyForms("a path in the build context, or in what `--from` names; wildcards may be used"), Flags: copyFlags, Heredocs: true, OnBuild: true,
	},
	{
		Name:  "ENTRYPOINT",
		Doc:   "Says which program a container always starts.",
		Layer: "Makes no layer. It resets a CMD of the base image; only the last ENTRYPOINT counts.",
		Forms: commandForms(), OnBuild: true,
	},
	{
		Name:  "ENV",
		Doc:   "Sets variables for the steps below and for the container.",
		Layer: "Makes no layer. A new value reruns the RUN steps below it.",
		Forms: pairForms("the variable and its value; a value with blanks stands in quotes"), OnBuild: true,
	},
	{
		Name:  "EXPOSE",
		Doc:   "Says on which ports the container listens. It publishes none.",
		Layer: "Makes no layer.",
		Forms: []Form{{Args: []Arg{{Name: "port[-port][/protocol]", Kind: Port, Repeats: true, Expands: true, Doc: "a port or a range, and its protocol: tcp (the default), udp or sctp"}}}}, OnBuild: true,
	},
	{
		Name:  "FROM",
		Doc:   "Begins a stage, from an image or from a stage above.",
		Layer: "The layers of the image come first; a newer image behind the tag reruns the whole stage.",
		Forms: []Form{
			{Args: []Arg{imageArg}},
			{Args: []Arg{imageArg, {Name: "AS", Kind: Word, Doc: "gives the stage a name"}, {Name: "name", Kind: StageName, Doc: "how `FROM`, `COPY --from` and `--target` call the stage: letters in lower case, digits, `-`, `_` and `.`"}}},
		},
		Flags: []Flag{{Name: "platform", Value: Platform, Values: []string{"$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"}, Expands: true,
			Doc: "which variant of the image is taken, such as `linux/amd64`. `$BUILDPLATFORM` runs the stage on the machine that builds, without emulation"}},
	},
	{
		Name:  "HEALTHCHECK",
		Doc:   "Says how it is found out whether the container works.",
		Layer: "Makes no layer. Only the last HEALTHCHECK counts.",
		Forms: []Form{
			{Args: []Arg{{Name: "CMD", Kind: Word, Doc: "the check is a command"}, {Name: "command", Kind: Command, Doc: "runs in the container; 0 means healthy, 1 unhealthy"}}},
			{Args: []Arg{{Name: "CMD", Kind: Word, Doc: "the check is a command"}, {Name: "program", Kind: Program, Doc: "started without a shell; 0 means healthy, 1 unhealthy"}, {Name: "argument", Kind: Program, Optional: true, Repeats: true, Doc: "passed as it is"}}, JSON: true},
			{Args: []Arg{{Name: "NONE", Kind: Word, Doc: "turns off the check that the base image brings"}}},
		},
		Flags: []Flag{
			{Name: "interval", Value: Duration, Values: []string{"30s", "10s", "1m"}, Default: "30s", Doc: "how long to wait between two checks"},
			{Name: "timeout", Value: Duration, Values: []string{"30s", "3s", "10s"}, Default: "30s", Doc: "a check that takes longer has failed"},
			{Name: "start-period", Value: Duration, Values: []string{"0s", "10s", "30s"}, Default: "0s", Doc: "for how long after the start failures do not count"},
			{Name: "start-interval", Value: Duration, Values: []string{"5s", "1s"}, Default: "5s", Doc: "how long to wait between two checks in the start period; Docker 25 and later"},
			{Name: "retries", Value: Number, Values: []string{"3", "5"}, Default: "3", Doc: "how many failures in a row make the container unhealthy"},
		},
		OnBuild: true,
	},
	{
		Name:  "LABEL",
		Doc:   "Adds metadata to the image.",
		Layer: "Makes no layer, and reruns no RUN below it.",
		Forms: pairForms("a label and its value; a value with blanks stands in quotes"), OnBuild: true,
	},
	{
		Name:       "MAINTAINER",
		Doc:        "Names the author of the image.",
		Layer:      "Makes no layer.",
		Forms:      []Form{{Args: []Arg{{Name: "name", Kind: Text, Doc: "the author"}}}},
		Deprecated: "LABEL org.opencontainers.image.authors=",
	},
	{
		Name:  "ONBUILD",
		Doc:   "Keeps an instruction for the builds that are FROM this image: it runs right after their FROM.",
		Layer: "Makes no layer here.",
		Forms: []Form{{Args: []Arg{{Name: "instruction", Kind: OfInstruction, Doc: "any but FROM, MAINTAINER and ONBUILD; its files, stages and variables are those of the other build"}}}},
	},
	{
		Name:  "RUN",
		Doc:   "Runs a command while the image is built.",
		Layer: "Makes a layer of what the command writes. Reruns when its text, a variable or a step above has changed, never because a download would give something newer.",
		Forms: []Form{
			{Args: []Arg{{Name: "command", Kind: Command, Doc: "for the shell; variables are expanded by the shell, not by the builder"}}},
			{Args: []Arg{{Name: "program", Kind: Program, Doc: "started without a shell: nothing is expanded"}, {Name: "argument", Kind: Program, Optional: true, Repeats: true, Doc: "passed as it is"}}, JSON: true},
		},
		Flags: []Flag{
			{Name: "mount", Value: Mount, Repeats: true, Expands: true, Since: "1.2", Doc: "mounts a cache, files, a secret or an SSH agent for this command only; nothing of it gets into the layer"},
			{Name: "network", Value: Choice, Values: []string{"default", "none", "host"}, Since: "1.3", Default: "default", Doc: "which network the command has: the usual one, none, or that of the host"},
			{Name: "security", Value: Choice, Values: []string{"sandbox", "insecure"}, Since: "1.20", Default: "sandbox", Doc: "`insecure` runs the command with all privileges; the builder must allow it"},
			{Name: "device", Value: Device, Repeats: true, Since: "1.27", Doc: "a CDI device for the command, such as `vendor.com/gpu=0`; with `,required` the build fails without it"},
		},
		Heredocs: true, OnBuild: true,
	},
	{
		Name:  "SHELL",
		Doc:   "Says which shell runs the commands of RUN, CMD and ENTRYPOINT that are not JSON.",
		Layer: "Makes no layer. Another shell reruns the RUN steps below it.",
		Forms: []Form{{Args: []Arg{{Name: "program", Kind: Program, Doc: "the shell"}, {Name: "argument", Kind: Program, Optional: true, Repeats: true, Doc: "such as `-c`; the command comes behind"}}, JSON: true}}, OnBuild: true,
	},
	{
		Name:  "STOPSIGNAL",
		Doc:   "Says which signal asks the container to stop.",
		Layer: "Makes no layer.",
		Forms: []Form{{Args: []Arg{{Name: "signal", Kind: Signal, Expands: true, Doc: "a name such as SIGTERM (the default), or its number"}}}}, OnBuild: true,
	},
	{
		Name:  "USER",
		Doc:   "Says which user runs the steps below and the container.",
		Layer: "Makes no layer. Another user reruns the RUN steps below it. COPY and ADD do not follow it: they have `--chown`.",
		Forms: []Form{{Args: []Arg{{Name: "user[:group]", Kind: User, Expands: true, Doc: "names or numbers. The builder does not make the user"}}}}, OnBuild: true,
	},
	{
		Name:  "VOLUME",
		Doc:   "Says which folders of the container are volumes.",
		Layer: "Makes no layer.",
		Forms: []Form{
			{Args: []Arg{{Name: "path", Kind: ImagePath, Repeats: true, Expands: true, Doc: "a folder of the image"}}},
			{Args: []Arg{{Name: "path", Kind: ImagePath, Repeats: true, Expands: true, Doc: "a folder of the image"}}, JSON: true},
		}, OnBuild: true,
	},
	{
		Name:  "WORKDIR",
		Doc:   "Says in which folder the steps below and the container work, and makes it.",
		Layer: "Makes a small layer if the folder is not there yet.",
		Forms: []Form{{Args: []Arg{{Name: "path", Kind: ImagePath, Expands: true, Doc: "a folder; a relative one begins at the WORKDIR before"}}}}, OnBuild: true,
	},
}

var imageArg = Arg{Name: "image[:tag][@digest]", Kind: Image, Expands: true, Doc: "an image, a stage above, or `scratch` for none; only global ARGs are expanded"}

func commandForms() []Form {
	return []Form{
		{Args: []Arg{{Name: "program", Kind: Program, Doc: "started without a shell, so that it gets signals itself"}, {Name: "argument", Kind: Program, Optional: true, Repeats: true, Doc: "passed as it is"}}, JSON: true},
		{Args: []Arg{{Name: "command", Kind: Command, Doc: "for the shell, which then is the container's first process"}}},
	}
}

func copyForms(source string) []Form {
	args := []Arg{
		{Name: "source", Kind: ContextPath, Repeats: true, Expands: true, Doc: source},
		{Name: "destination", Kind: ImagePath, Expands: true, Doc: "a path in the image, relative to WORKDIR; of a folder it ends with `/`"},
	}
	return []Form{{Args: args}, {Args: args, JSON: true, Doc: "for paths with blanks"}}
}

func pairForms(pair string) []Form {
	return []Form{
		{Args: []Arg{{Name: "name=value", Kind: Pair, Repeats: true, Expands: true, Doc: pair}}},
		{Args: []Arg{{Name: "name", Kind: Name, Expands: true, Doc: "one only"}, {Name: "value", Kind: Text, Expands: true, Doc: "the rest of the line"}}, Doc: "the old form"},
	}
}

package grammar

var (
	chown    = Flag{Name: "chown", Value: User, Expands: true, Default: "0:0", Doc: "who owns the files in the image: `user[:group]`, names or numbers. USER makes no difference to it"}
	chmod    = Flag{Name: "chmod", Value: Mode, Values: []string{"755", "644", "+x"}, Expands: true, Since: "1.2", Doc: "the permissions of the files in the image, as a number or, since Dockerfile 1.14, as in `u+x`. A RUN chmod would store the files twice"}
	link     = Flag{Name: "link", Value: Bool, Values: []string{"true", "false"}, Since: "1.4", Doc: "makes the layer by itself, so that it does not rerun when a step above has changed, or the base image. Links in the destination path are not followed"}
	exclude  = Flag{Name: "exclude", Value: Pattern, Repeats: true, Since: "1.19", Doc: "leaves out files that match the pattern; variables are not expanded"}
	addFlags = []Flag{
		chown, chmod, link, exclude,
		{Name: "checksum", Value: Checksum, Expands: true, Since: "1.6", Doc: "fails the build unless the download is this one: `sha256:…`, or for git a commit"},
		{Name: "keep-git-dir", Value: Bool, Values: []string{"true", "false"}, Since: "1.1", Default: "false", Doc: "keeps the `.git` folder of a git repository"},
		{Name: "unpack", Value: Bool, Values: []string{"true", "false"}, Since: "1.17", Doc: "whether an archive is unpacked; without it local ones are, and downloads are not"},
	}
	copyFlags = []Flag{
		{Name: "from", Value: Source, Doc: "takes the files from a stage, a named context or an image instead of the build context; variables are not expanded"},
		chown, chmod, link,
		{Name: "parents", Value: Bool, Values: []string{"true", "false"}, Since: "1.20", Default: "false", Doc: "keeps the folders of the sources: `a/b.txt` becomes `DESTINATION/a/b.txt`"},
		exclude,
	}
)

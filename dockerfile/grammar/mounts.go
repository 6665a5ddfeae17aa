package grammar

import (
	"slices"
	"strings"
)

// MountType is a value of "type" in RUN --mount.
type MountType struct {
	Name string
	Doc  string
}

// MountTypes are all types. A mount without a type is a bind.
var MountTypes = []MountType{
	{"bind", "files of the build context, or of what `from` names, without a layer; what the command writes there is lost"},
	{"cache", "a folder that stays between builds on this builder, for the caches of package managers and compilers"},
	{"tmpfs", "a folder in memory that is empty at the start and gone at the end"},
	{"secret", "a secret that the build passes with `--secret`; it gets into no layer"},
	{"ssh", "the SSH agent that the build passes with `--ssh`; keys get into no layer"},
}

// MountKey is a key of RUN --mount. Its case does not count. One that is of no use for a type, and not in Ignored
// either, makes the build fail.
type MountKey struct {
	Name      string
	Aliases   []string
	Types     []string // for which it is of use
	Ignored   []string // where BuildKit takes it, and it does nothing
	Needed    []string // without it, a mount of the type fails where WORKDIR is /
	Value     Kind
	Values    []string // those of a Choice; for others, some that are common
	Bare      bool     // it may stand without a value
	Expands   bool     // the builder expands variables in the value
	AfterType bool     // it is refused unless type stands before it
	Doc       string
}

// MountKeys are all keys, in the order in which they are of interest.
var MountKeys = []MountKey{
	{Name: "type", Types: []string{"bind", "cache", "tmpfs", "secret", "ssh"}, Value: Choice, Values: []string{"bind", "cache", "tmpfs", "secret", "ssh"}, Expands: true,
		Doc: "what is mounted; without it, `bind`"},
	{Name: "target", Aliases: []string{"dst", "destination"}, Types: []string{"bind", "cache", "tmpfs", "secret", "ssh"}, Needed: []string{"bind", "cache", "tmpfs"}, Value: ImagePath, Expands: true,
		Doc: "where it is mounted, relative to WORKDIR; without it, a secret is at `/run/secrets/ID`"},
	{Name: "id", Types: []string{"cache", "secret", "ssh"}, Ignored: []string{"bind", "tmpfs"}, Value: Name, Expands: true,
		Doc: "its name: of the secret, of the SSH agent (`default`), or of the cache, which mounts of the same id share (without it, the target)"},
	{Name: "source", Aliases: []string{"src"}, Types: []string{"bind", "cache", "secret"}, Ignored: []string{"tmpfs"}, Value: ContextPath, Expands: true,
		Doc: "what is mounted: a path in the build context, or in what `from` names; of a secret it is another word for `id`"},
	{Name: "from", Types: []string{"bind", "cache"}, Ignored: []string{"tmpfs", "ssh"}, Value: Source,
		Doc: "a stage, a named context or an image; no number of a stage, and no variable"},
	{Name: "sharing", Types: []string{"cache"}, Value: Choice, Values: []string{"shared", "private", "locked"}, Expands: true,
		Doc: "what happens when several builds use the cache at once: they share it (the default), each has its own, or they wait for each other, which apt needs"},
	{Name: "env", Types: []string{"secret"}, Ignored: []string{"bind", "cache", "tmpfs", "ssh"}, Value: Name, Expands: true,
		Doc: "the secret is in this variable instead of a file; with `target`, in both"},
	{Name: "required", Types: []string{"secret", "ssh"}, Value: Bool, Values: []string{"true", "false"}, Bare: true, Expands: true, AfterType: true,
		Doc: "the build fails if it does not pass the secret or the agent; without it, the command runs all the same"},
	{Name: "readonly", Aliases: []string{"ro"}, Types: []string{"bind", "cache", "tmpfs"}, Ignored: []string{"secret", "ssh"}, Value: Bool, Values: []string{"true", "false"}, Bare: true, Expands: true,
		Doc: "nothing can be written; the default for a bind"},
	{Name: "readwrite", Aliases: []string{"rw"}, Types: []string{"bind", "cache", "tmpfs"}, Ignored: []string{"secret", "ssh"}, Value: Bool, Values: []string{"true", "false"}, Bare: true, Expands: true,
		Doc: "the command may write; what it writes into a bind is lost"},
	{Name: "mode", Types: []string{"cache", "secret", "ssh"}, Value: Mode, Values: []string{"0755", "0700", "0400"}, Expands: true,
		Doc: "its permissions as an octal number; 0755 for a cache, 0400 for a secret, 0600 for the agent"},
	{Name: "uid", Types: []string{"cache", "secret", "ssh"}, Value: Number, Values: []string{"1000"}, Expands: true, Doc: "the number of the user who owns it; 0 without it"},
	{Name: "gid", Types: []string{"cache", "secret", "ssh"}, Value: Number, Values: []string{"1000"}, Expands: true, Doc: "the number of the group that owns it; 0 without it"},
	{Name: "size", Types: []string{"tmpfs"}, Value: Size, Values: []string{"64m", "1g"}, Expands: true, AfterType: true, Doc: "how much the folder may hold"},
}

// FindMountKey is the key of a name or alias, in any case; nil if there is none.
func FindMountKey(name string) *MountKey {
	name = strings.ToLower(name)
	for i := range MountKeys {
		if k := &MountKeys[i]; k.Name == name || slices.Contains(k.Aliases, name) {
			return k
		}
	}
	return nil
}

// Use says what the key is for a type of mounts.
func (k *MountKey) Use(mountType string) Use {
	switch {
	case slices.Contains(k.Types, mountType):
		return Legal
	case slices.Contains(k.Ignored, mountType):
		return Ignored
	}
	return Refused
}

// Use is whether BuildKit takes a key.
type Use int

const (
	Refused Use = iota // the build fails
	Ignored            // it does nothing
	Legal
)

// DeviceKeys are the keys of RUN --device, behind the name of the device.
var DeviceKeys = []MountKey{
	{Name: "name", Value: Device, Doc: "the device, instead of its name alone"},
	{Name: "required", Value: Bool, Values: []string{"true", "false"}, Bare: true, Doc: "the build fails without the device"},
}

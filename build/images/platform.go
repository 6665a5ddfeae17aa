package images

import (
	"strings"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// architectures are the organisations of Docker Hub that hold the official images for one architecture each. Source:
// github.com/docker-library/official-images, "Architectures other than amd64".
var architectures = map[string]ocispecs.Platform{
	"amd64":    {OS: "linux", Architecture: "amd64"},
	"arm32v5":  {OS: "linux", Architecture: "arm"},
	"arm32v6":  {OS: "linux", Architecture: "arm"},
	"arm32v7":  {OS: "linux", Architecture: "arm"},
	"arm64v8":  {OS: "linux", Architecture: "arm64"},
	"i386":     {OS: "linux", Architecture: "386"},
	"mips64le": {OS: "linux", Architecture: "mips64le"},
	"ppc64le":  {OS: "linux", Architecture: "ppc64le"},
	"riscv64":  {OS: "linux", Architecture: "riscv64"},
	"s390x":    {OS: "linux", Architecture: "s390x"},
}

// PlatformOf is the one platform that an image is for, as far as its name tells; the architecture may be empty. ok is false
// of images for several platforms, and of those of which it is not known.
func PlatformOf(ref string) (p ocispecs.Platform, ok bool) {
	r, err := Parse(ref)
	if err != nil {
		return p, false
	}
	if organisation, _, found := strings.Cut(r.Short, "/"); found {
		if p, ok = architectures[organisation]; ok {
			return p, true
		}
	}
	if strings.HasPrefix(r.Name, "mcr.microsoft.com/windows/") {
		return ocispecs.Platform{OS: "windows"}, true
	}
	return p, false
}

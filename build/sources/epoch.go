package sources

// epoch is the argument with which builds are given the time of the sources, in seconds since 1970, so that their results
// can be compared.
const epoch = "SOURCE_DATE_EPOCH"

// takeEpoch takes in what buildx hands over of its environment, unless the build says it itself. environment is what a
// variable holds there.
//
// Source: commands/build.go and commands/bake.go of buildx.
func (b *Build) takeEpoch(environment func(name string) (string, bool), at Text) {
	value, ok := environment(epoch)
	if _, said := b.Args[epoch]; said || !ok || value == "" {
		return
	}
	if b.Args == nil {
		b.Args = map[string]*string{}
	}
	b.Args[epoch] = argument(value)
	b.At.setArg(epoch, at)
}

// among looks variables up in a map.
func among(env map[string]string) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

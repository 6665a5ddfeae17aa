package diagnostics

import "slices"

// SeeAll makes Pass.See show every step, as if nothing were known of it: rules must find the same.
func SeeAll(on bool) { seeAll = on }

// Rechecked is the number of stages whose findings the later results do not share with the earlier ones.
func Rechecked(earlier, later *Results) (n int) {
	for _, stage := range later.stages {
		if !slices.Contains(earlier.stages, stage) {
			n++
		}
	}
	return n
}

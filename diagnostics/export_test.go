package diagnostics

import (
	"fmt"
	"slices"
)

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

// SeenInMost are the keys by which rules have seen something in more than half of the steps of a stage.
func SeenInMost(r *Results) (keys []string) {
	for _, stage := range r.stages {
		for _, seen := range stage.seen {
			if len(seen.steps) > len(stage.stage.Steps)/2 {
				keys = append(keys, fmt.Sprintf("%T", seen.key))
			}
		}
	}
	return keys
}

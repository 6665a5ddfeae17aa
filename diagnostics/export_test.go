package diagnostics

// SeeAll makes Pass.See show every step, as if nothing were known of it: rules must find the same.
func SeeAll(on bool) { seeAll = on }

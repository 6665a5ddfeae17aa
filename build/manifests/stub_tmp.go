package manifests

func readBundler(r *reader)  { r.plain() }
func readCargo(r *reader)    { r.plain() }
func readComposer(r *reader) { r.plain() }
func readDotnet(r *reader)   { r.plain() }
func readGradle(r *reader)   { r.plain() }
func readMaven(r *reader)    { r.plain() }
func readMix(r *reader)      { r.plain() }

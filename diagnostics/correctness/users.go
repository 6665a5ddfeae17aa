package correctness

import (
	"slices"
	"strconv"

	"layerwise/build/images"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// numberOf is the number of a user: its name is one, or a RUN of the chain gives it, or the image at the root of the
// chain has the user. It is "" if it is not known.
func numberOf(stage *stages.Stage, user string) (number string) {
	if isNumber(user) {
		return user
	}
	for _, st := range stage.Chain() {
		for _, s := range st.Steps {
			if s.Instr.Name != "RUN" {
				continue
			}
			for _, c := range shell.Commands(s.Instr, s.Shell) {
				if name, uid, ok := c.UserNumbered(); ok && name.Text == user && uid.Literal {
					number = uid.Text
				}
			}
		}
	}
	if image, ok := images.Of(stage); ok && number == "" && !image.Recalled {
		for _, users := range []map[string]*int{image.Users, image.SystemUsers} {
			if n := users[user]; n != nil {
				return strconv.Itoa(*n)
			}
		}
	}
	if !isNumber(number) {
		return ""
	}
	return number
}

func isNumber(s string) bool {
	return s != "" && !slices.ContainsFunc([]rune(s), func(r rune) bool { return r < '0' || r > '9' })
}

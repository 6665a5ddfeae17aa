package sources

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"layerwise/internal/lazy"
)

// plainText is what a build gets for a scalar without quotes: compose decodes numbers, dates and truth
// values before it makes texts of them, so that 1.10 becomes 1.1.
func plainText(text string) string {
	if text == "" || !strings.Contains("0123456789+-.tTfF", text[:1]) {
		return text
	}
	switch text {
	case "true", "True", "TRUE":
		return "true"
	case "false", "False", "FALSE":
		return "false"
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return "+Inf"
	case "-.inf", "-.Inf", "-.INF":
		return "-Inf"
	case ".nan", ".NaN", ".NAN":
		return "NaN"
	}
	for _, layout := range []string{"2006-1-2", "2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999"} {
		if t, err := time.Parse(layout, text); err == nil && len(text) > 4 && text[4] == '-' {
			return fmt.Sprint(t)
		}
	}
	number := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(number, 0, 64); err == nil {
		if i == 0 && strings.HasPrefix(number, "-") {
			return "-0"
		}
		return strconv.FormatInt(i, 10)
	}
	if u, err := strconv.ParseUint(number, 0, 64); err == nil {
		return strconv.FormatUint(u, 10)
	}
	if decimal.MatchString(number) {
		if v, err := strconv.ParseFloat(number, 64); err == nil {
			return fmt.Sprint(v)
		}
	}
	return text
}

var decimal = lazy.New(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

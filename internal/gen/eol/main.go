// Command eol makes build/images/eol.txt, the ends of life of base images that the program carries, from the file
// that gathers them:
//
//	go run ./internal/gen/eol PATH/eol.json
//
// It runs in the root of the repository. It takes over what the program reads and leaves out the rest.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"time"
)

// source is the part of the gathered facts that is taken over.
type source struct {
	AsOf     string
	Products []product
	Mapping  struct {
		Images []struct {
			Image, Product string
			Components     []int
		}
	}
	Distroless struct {
		Ends []struct{ Image, Debian, EOL string }
	}
	Retired struct {
		Images []struct {
			Name, Use  string
			LastListed string `json:"last_listed"`
		}
	}
}

type product struct {
	Product, Source, AsOf string
	Cycles                []cycle
}

type cycle struct {
	Cycle, Codename, Released string
	EOL                       any // a date, true if it has ended, false if no end is announced
	Extended                  any `json:"extended_ends"`
}

// free are the products whose extended support everyone gets: that of others is paid for.
var free = []string{"debian"}

// shortest is how long a cycle lives at least for its end to mean something: of products with a release each few
// weeks nobody mends older ones, and nobody minds.
const shortest = 200 * 24 * time.Hour

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./internal/gen/eol PATH/eol.json")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var from source
	if err := json.Unmarshal(text, &from); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("build/images/eol.txt", table(from), 0o644); err != nil {
		log.Fatal(err)
	}
}

// table writes the facts as lines, so that a newer state shows as a readable difference.
func table(from source) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# When base images end. Made by internal/gen/eol; build/images/eol.go says how it is read.\n")
	fmt.Fprintf(&b, "asof\t%s\n", from.AsOf)
	for _, p := range from.Products {
		fmt.Fprintf(&b, "product\t%s\t%s %s\n", p.Product, p.Source, p.AsOf)
		for _, c := range p.ofImages() {
			fmt.Fprintf(&b, "cycle\t%s\t%s\n", c.Cycle, c.end(p))
		}
	}
	for _, im := range from.Mapping.Images {
		fmt.Fprintf(&b, "image\t%s\t%s\n", im.Image, im.Product)
	}
	for _, d := range from.Distroless.Ends {
		fmt.Fprintf(&b, "distroless\t%s-debian%s\t%s\n", d.Image, d.Debian, d.EOL)
	}
	for _, r := range from.Retired.Images {
		fmt.Fprintf(&b, "retired\t%s\t%s\t%s\n", r.Name, r.LastListed, r.Use)
	}
	return b.Bytes()
}

// longTerm are the builds of Windows of which there was a release of a few months and one that is maintained for years.
// Tags by these numbers are those of the second.
var longTerm = map[string]string{"1607": "2016", "1809": "2019"}

// ofImages are the cycles as tags of images have them: Windows Server 2022 is ltsc2022.
func (p product) ofImages() []cycle {
	if p.Product != "windows-nano-server" && p.Product != "windows-server-core" {
		return p.Cycles
	}
	var list []cycle
	for _, c := range p.Cycles {
		if year, ok := longTerm[c.Cycle]; ok {
			if n := slices.IndexFunc(p.Cycles, func(o cycle) bool { return o.Cycle == year }); n >= 0 {
				c.EOL = p.Cycles[n].EOL
			}
		} else if len(c.Cycle) == len("2022") && c.Cycle >= "2016" && c.Cycle < "20a" {
			c.Cycle = "ltsc" + c.Cycle
		}
		list = append(list, c)
	}
	return list
}

// end is the day on which the cycle ends: "ended" if that is all that is known, "-" if none is announced, "brief"
// if it means nothing.
func (c cycle) end(p product) string {
	if day, ok := c.Extended.(string); ok && slices.Contains(free, p.Product) {
		return day
	}
	switch end := c.EOL.(type) {
	case string:
		from, err := time.Parse(time.DateOnly, c.Released)
		to, err2 := time.Parse(time.DateOnly, end)
		if err == nil && err2 == nil && to.Sub(from) < shortest {
			return "brief"
		}
		return end
	case bool:
		if end {
			return "ended"
		}
	}
	return "-"
}

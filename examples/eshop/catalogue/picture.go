package catalogue

import (
	"embed"
	"fmt"
)

//go:embed pictures
var drawings embed.FS

// frame makes a picture of a drawing. The colours follow the theme of whoever
// looks; nothing is loaded from elsewhere.
const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120">
<style>
.a{fill:#6b7c3f}.b{fill:#8d9c63}.c{fill:#c98a2b}.d{fill:#4a443d}.e{fill:#8a8177}.f{fill:#c9c1b5}.g{fill:#efeae2}
.l{fill:none;stroke:#4a443d;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.m{fill:none;stroke:#efeae2;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.sky{fill:#e9e3d9}.sun{fill:#f3d9a6}.far{fill:#d8d0c3}.ground{fill:#c6beb0}
@media (prefers-color-scheme:dark){.sky{fill:#2b2824}.sun{fill:#6a5330}.far{fill:#3a3631}.ground{fill:#4a453e}
.l{stroke:#d9d2c6}.d{fill:#1c1a17}.f{fill:#a49b8e}}
</style>
<rect class="sky" width="160" height="120"/><circle class="sun" cx="122" cy="34" r="17"/>
<path class="far" d="M0 86 34 56l22 18 30-30 40 36 34-16v56H0z"/><rect class="ground" y="98" width="160" height="22"/>
%s
</svg>
`

// Picture is the drawing of that name as an SVG document, and whether there is
// one.
func Picture(name string) (string, bool) {
	b, err := drawings.ReadFile("pictures/" + name + ".svg")
	if err != nil {
		return "", false
	}
	return fmt.Sprintf(frame, b), true
}

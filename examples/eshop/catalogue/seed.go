package catalogue

import "slices"

// Seed is what a new catalogue has. Each call returns a slice of its own.
func Seed() []Product { return slices.Clone(seed) }

var seed = []Product{
	{"tent-scree-2", "Scree 2 tent", "Shelter", "Two people, two doors, one pole too few to get wrong. Stands on gravel without a single peg and weighs 1.6 kg.", 34900, "tent", false},
	{"tarp-lee-3", "Lee tarp, 3 × 3 m", "Shelter", "Nineteen loops and no instructions. Ridge line included; the art of pitching it comes with rain.", 8900, "tarp", false},
	{"bivvy-tor", "Tor bivvy bag", "Shelter", "For nights on summits. Breathes on top, holds water off below, and packs to the size of a loaf.", 15900, "bivvy", false},
	{"pegs-y8", "Y pegs, set of eight", "Shelter", "Hard aluminium, amber loops that you find again in the grass.", 1850, "pegs", false},
	{"bag-cirque", "Cirque sleeping bag", "Sleep", "850 fill down, comfortable at −6 °C. The zip was moved to where a hand is.", 28900, "bag", false},
	{"mat-moraine", "Moraine sleeping mat", "Sleep", "Nine centimetres between you and the moraine. Silent when you turn.", 11900, "mat", false},
	{"pillow-fell", "Fell pillow", "Sleep", "Two breaths to fill it. Brushed cotton on one side, because one night in three is good.", 2900, "pillow", false},
	{"blanket-heath", "Heath blanket", "Sleep", "Undyed wool from sheep that live outdoors as well. Heavier than it needs to be, on purpose.", 7400, "blanket", false},
	{"stove-ember", "Ember stove", "Kitchen", "Boils half a litre in two and a half minutes, and simmers, which most of its kind do not.", 6400, "stove", false},
	{"pot-tarn", "Tarn pot, 1.1 l", "Kitchen", "Anodised, with a lid that is a strainer and marks that one can read by a headlamp.", 4200, "pot", false},
	{"flask-ghyll", "Ghyll flask, 0.75 l", "Kitchen", "Tea in the morning, tea at noon, warm tea at night. Dents become it.", 3400, "flask", false},
	{"filter-beck", "Beck water filter", "Kitchen", "A litre a minute out of any stream. Wash it, and it is as good as new two thousand times.", 5900, "filter", false},
	{"map-highlands", "Map of the northern highlands", "Navigation", "1:25,000 on paper that does not mind rain. Every cairn that we know of is on it.", 1495, "map", false},
	{"compass-true", "True compass", "Navigation", "Sighting mirror, adjustable declination, and a needle that settles before you get impatient.", 4900, "compass", false},
	{"notebook-waymark", "Waymark notebook", "Navigation", "Sixty-four stitched pages for pencils. What is written is not erased; add a line instead.", 950, "notebook", false},
	{"stone-first", "A stone for a cairn", "Navigation", "One stone, flat on two sides. Carry it up, add it to the heap, take none away.", 300, "cairn", false},
	{"pack-drover-45", "Drover 45 pack", "Carry", "Five days if you are careful. The belt carries, the shoulders steer.", 18900, "pack", false},
	{"pack-errand-22", "Errand 22 day pack", "Carry", "One pocket for what is wet, one for what is not. Waxed canvas that gets better.", 9800, "daypack", false},
	{"drybag-13", "Dry bag, 13 l", "Carry", "Roll it three times. Tested at the bottom of a loch by accident.", 2200, "drybag", false},
	{"poles-stride", "Stride poles, pair", "Carry", "Cork above, carbon between, steel below. Fold to 38 cm.", 8400, "poles", false},
	{"lamp-owl", "Owl head lamp", "Light and tools", "Warm white, 300 lumens, red for those who sleep. The button can be found with mittens.", 5400, "lamp", false},
	{"lantern-moth", "Moth lantern", "Light and tools", "Folds flat, glows for forty hours, charges in the sun on your pack.", 3900, "lantern", false},
	{"knife-larch", "Larch knife", "Light and tools", "Carbon steel and larch wood. Rusts if you forget it, forgives if you oil it.", 4600, "knife", false},
	{"aid-lint", "Lint first-aid kit", "Light and tools", "What two people need until help comes, in a bag that opens flat. A list says what was used.", 3650, "aid", false},
}

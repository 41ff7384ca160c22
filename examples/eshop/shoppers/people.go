package shoppers

var given = []string{"Ada", "Bertil", "Catriona", "Duncan", "Eilidh", "Farid", "Gudrun", "Hamish", "Isla", "João",
	"Kirsty", "Lachlan", "Morag", "Niamh", "Oleg", "Priya", "Ruaridh", "Siân", "Tomasz", "Una"}

var family = []string{"Ainslie", "Bruce", "Cameron", "Drummond", "Ekström", "Fraser", "Gunn", "Herrera", "Innes", "Jensen",
	"Kaur", "Lindqvist", "MacLeod", "Nakamura", "O'Neill", "Ross", "Sinclair", "Tanaka", "Urquhart", "Weir"}

// opinions are what people write, by their stars.
var opinions = [5][]string{
	{"Broke on the second day, nine miles from anywhere.", "Not what was in the picture."},
	{"Heavier than it says.", "Does what it should, but not for long."},
	{"All right for the money.", "I have had better and I have had worse.", "Good in summer. It was not summer."},
	{"Stood up to a week of rain.", "A little heavy, otherwise just right.", "My second one. The first I gave to my sister."},
	{"Would carry it over any pass.", "Exactly what I wanted.", "Ten years from now it will still be in my pack.", "Even my partner likes it."},
}

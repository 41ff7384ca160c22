package tour

// farewell says where everything is and what to do with it.
func (g *guide) farewell() {
	g.printf("\n%s\n", g.style("1", "Where it lies, and what to try next"))
	where := "--store " + g.Dir
	if g.Server != "" {
		where = "--server '" + g.Server + "'"
	}
	g.say("Everything is in %s. Run the tour again and it goes on there with new people; delete the "+
		"directory and it begins anew. After \"make build\", try:", g.Dir)
	g.printf("\n")
	for _, try := range [][2]string{
		{"bin/cairn stat", "what the store holds"},
		{"bin/cairn read " + g.ann.number.Stream(), g.ann.name + "'s stream"},
		{"bin/cairn read '$all' --tag transfer:" + g.last.ID.String(), "both legs"},
		{"bin/cairn verify", "reads every byte and checks it"},
		{"bin/bank statement " + g.ann.name, "the same stream, as a customer sees it"},
		{"bin/bank balance " + g.ann.name + " --at 1", "as of a revision"},
	} {
		if try[0] == "bin/cairn verify" && g.Server != "" {
			continue // it wants the store to itself
		}
		g.printf("   %s\n      %s %s\n", g.style("2", "# "+try[1]), try[0], where)
	}
	g.printf("   %s\n      %s\n", g.style("2", "# kills processes at random until a cent is lost, or not"), "bin/bank torture --duration 30s")
}

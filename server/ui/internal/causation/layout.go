package causation

// layOut gives each node its row.
//
// Each category has a lane of rows, in the order in which the nodes come. In a
// column of a lane the nodes stand in their order, so that siblings do, and that
// no two lines from one lane to another cross. A node stands as high as that
// allows, but no higher than its parent in the same lane: a chain of events in
// one category is a straight line.
func (g *Graph) layOut() {
	lanes := g.fillLanes()
	for i := range g.Lanes {
		g.Lanes[i].Row = g.Rows
		g.Rows += g.Lanes[i].Rows
	}
	for i := range g.Nodes {
		g.Nodes[i].Row += g.Lanes[lanes[g.Nodes[i].Category]].Row
	}
}

// A cell is a column of a lane.
type cell struct{ lane, column int }

// fillLanes gives each node its row in its lane, and returns the lanes by
// category.
func (g *Graph) fillLanes() map[string]int {
	lanes := map[string]int{}
	free := map[cell]int{} // the first row that is free
	for i := range g.Nodes {
		n := &g.Nodes[i]
		lane := g.lane(lanes, n.Category)
		c := cell{lane, n.Column}
		n.Row = free[c]
		if n.Parent >= 0 && g.Nodes[n.Parent].Category == n.Category {
			n.Row = max(n.Row, g.Nodes[n.Parent].Row)
		}
		free[c] = n.Row + 1
		g.Lanes[lane].Rows = max(g.Lanes[lane].Rows, n.Row+1)
		g.Columns = max(g.Columns, n.Column+1)
	}
	return lanes
}

// lane finds the lane of a category, or adds one below the others.
func (g *Graph) lane(lanes map[string]int, category string) int {
	lane, ok := lanes[category]
	if !ok {
		lane = len(g.Lanes)
		lanes[category] = lane
		g.Lanes = append(g.Lanes, Lane{Category: category})
	}
	return lane
}

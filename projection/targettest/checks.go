package targettest

// checks are the kit, in the order in which the tests run.
func checks[Tx any]() []check[Tx] {
	var all []check[Tx]
	for _, some := range [][]check[Tx]{ledgerChecks[Tx](), updateChecks[Tx](), rowChecks[Tx](), publishChecks[Tx](), withdrawChecks[Tx](), faultChecks[Tx]()} {
		all = append(all, some...)
	}
	return all
}

func ledgerChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Entries/Empty", run: entriesOfNothing[Tx]},
		{name: "Entries/Change", run: entriesChange[Tx]},
		{name: "Entries/ByPrefix", run: entriesByPrefix[Tx]},
		{name: "Entries/Limits", run: entriesLimits[Tx]},
		{name: "Entries/ToTheByte", run: entriesToTheByte[Tx]},
		{name: "Entries/Many", run: entriesMany[Tx]},
		{name: "Entries/AtOnce", run: entriesAtOnce[Tx]},

		{name: "Expect/One", run: expectations[Tx]},
		{name: "Expect/All", run: expectationsTogether[Tx]},
		{name: "Expect/Only", run: expectationsOnly[Tx]},
		{name: "Expect/BeforeTheFunction", run: movedRunsNothing[Tx]},
		{name: "Expect/Meanwhile", run: movedMeanwhile[Tx]},

		{name: "FirstUse/Makers", run: makers[Tx]},
		{name: "FirstUse/Founders", run: founders[Tx]},
		{name: "FirstUse/Begin", run: beginning[Tx]},
		{name: "Traits", run: traits[Tx]},
	}
}

func updateChecks[Tx any]() []check[Tx] {
	undoes := []need{transactions}
	return []check[Tx]{
		{name: "Races/OneWins", run: races[Tx]},
		{name: "Races/Counting", needs: undoes, run: counting[Tx]},
		{name: "Races/Crossing", needs: undoes, run: crossing[Tx]},

		{name: "Lanes/SideBySide", needs: []need{feature(SideBySide)}, run: lanesSideBySide[Tx]},
		{name: "Lanes/AtOnce", needs: undoes, run: lanesAtOnce[Tx]},
		{name: "Lanes/InTheWay", needs: undoes, run: lanesInTheWay[Tx]},
		{name: "Lanes/PausedOwner", run: pausedOwner[Tx]},

		{name: "Contexts/Ended", run: contextsEnded[Tx]},
		{name: "Contexts/EndUpdates", run: contextsEndUpdates[Tx]},
		{name: "Contexts/ReachHandlers", run: contextsReachHandlers[Tx]},
		{name: "Contexts/EndWaiting", run: contextsEndWaiting[Tx]},
		{name: "Contexts/EndAnywhere", needs: undoes, run: contextsEndAnywhere[Tx]},

		{name: "Undo/Errors", run: errorsUndo[Tx]},
		{name: "Undo/All", needs: undoes, run: errorsUndoAll[Tx]},
		{name: "Undo/Tables", needs: []need{undoesTables}, run: errorsUndoTables[Tx]},
		{name: "Undo/Panics", run: panics[Tx]},
	}
}

func rowChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Rows/Kept", run: rowsAreKept[Tx]},
		{name: "Rows/NUL", needs: []need{feature(NUL)}, run: rowsWithNUL[Tx]},
		{name: "Rows/OfOneUpdate", needs: []need{transactions}, run: rowsOfOneUpdate[Tx]},
		{name: "Rows/Deleted", run: rowsAreDeleted[Tx]},
		{name: "Rows/Many", run: rowsMany[Tx]},
		{name: "Rows/Hidden", needs: []need{transactions}, run: rowsAreHidden[Tx]},
		{name: "Rows/Together", needs: []need{transactions, feature(Moments)}, run: rowsAppearTogether[Tx]},
		{name: "Rows/BehindEntries", run: rowsBehindEntries[Tx]},

		{name: "Positions/Again", needs: []need{positions}, run: positionsAgain[Tx]},
		{name: "Positions/Older", needs: []need{positions}, run: positionsOlder[Tx]},
		{name: "Positions/Deleted", needs: []need{positions}, run: positionsDeleted[Tx]},
		{name: "Positions/Crash", needs: []need{positions}, run: positionsCrash[Tx]},
		{name: "Positions/Story", run: positionsStory[Tx]},
	}
}

func publishChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Publish/Shows", needs: []need{builds}, run: publishing[Tx]},
		{name: "Publish/OtherTables", needs: []need{builds}, run: publishingOthers[Tx]},
		{name: "Publish/Stale", needs: []need{builds}, run: publishingStale[Tx]},
		{name: "Publish/Again", needs: []need{builds}, run: publishingAgain[Tx]},
		{name: "Publish/Races", needs: []need{builds}, run: publishingRaces[Tx]},
		{name: "Publish/Unnoticed", needs: []need{builds}, run: switching[Tx]},
		{name: "Publish/UnderLoad", needs: []need{builds}, run: switchingUnderLoad[Tx]},
		{name: "Publish/OneStep", needs: []need{builds, feature(OneStep)}, run: switchingInOneStep[Tx]},

		{name: "Discard/Removes", needs: []need{builds}, run: discarding[Tx]},
		{name: "Discard/Nothing", needs: []need{builds}, run: discardingNothing[Tx]},
		{name: "Discard/Published", needs: []need{builds}, run: discardingPublished[Tx]},
		{name: "Discard/Stale", needs: []need{builds}, run: discardingStale[Tx]},
		{name: "Discard/Unnoticed", needs: []need{builds}, run: discardingUnseen[Tx]},
	}
}

func withdrawChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Withdraw/Removes", needs: []need{names}, run: withdrawing[Tx]},
		{name: "Withdraw/Nothing", needs: []need{names}, run: withdrawingNothing[Tx]},
		{name: "Withdraw/Stale", needs: []need{names}, run: withdrawingStale[Tx]},
		{name: "Withdraw/Again", needs: []need{names}, run: withdrawingAgain[Tx]},
		{name: "Withdraw/Races", needs: []need{names}, run: withdrawingRaces[Tx]},
		{name: "Withdraw/Unnoticed", needs: []need{names}, run: withdrawingUnseen[Tx]},
		{name: "Withdraw/EntryLast", needs: []need{names}, run: withdrawingFirst[Tx]},
	}
}

func faultChecks[Tx any]() []check[Tx] {
	return []check[Tx]{
		{name: "Faults/Handlers", run: faultsOfHandlers[Tx]},
		{name: "Faults/Constraints", run: faultsOfRows[Tx]},
		{name: "Faults/MissingTables", run: faultsOfSetup[Tx]},
		{name: "Faults/Clashes", run: faultsOfOthers[Tx]},
		{name: "Faults/Connections", run: faultsOfConnections[Tx]},
		{name: "Faults/ConnectionsInUpdates", run: faultsMeanwhile[Tx]},
		{name: "Faults/Down", run: faultsOfDatabases[Tx]},
		{name: "Faults/Rights", run: faultsOfRights[Tx]},
	}
}

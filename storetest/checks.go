package storetest

// checks are the kit, in the order in which the tests run.
func checks() []check {
	return []check{
		{name: "Expectations/Append", run: expectationsOfAppend},
		{name: "Expectations/AppendNothing", run: expectationsOfNothing},
		{name: "Expectations/Batch", run: expectationsInBatch},
		{name: "Expectations/SoftDelete", run: expectationsOfSoftDelete},
		{name: "Expectations/Tombstone", run: expectationsOfTombstone},

		{name: "Ranges/Stream", run: rangesOfStream},
		{name: "Ranges/Log", run: rangesOfLog},
		{name: "Ranges/FarOut", run: rangesFarOut},

		{name: "Iterators/BodyAppends", run: bodyAppends},
		{name: "Iterators/BodyDeletes", run: bodyDeletes},
		{name: "Iterators/ReadAnew", run: iteratorsReadAnew},
		{name: "Iterators/FallBehind", run: readsFallBehind},
		{name: "Iterators/LeavingReleases", run: leavingReleases},

		{name: "Contexts/EndCalls", run: contextsEndCalls},
		{name: "Contexts/EndReads", run: contextsEndReads},
		{name: "Contexts/EndWaiting", run: contextsEndWaiting},

		{name: "Retries/ByRevision", run: retriesByRevision},
		{name: "Retries/ByRecall", needs: []Feature{Recall}, run: retriesByRecall},
		{name: "Retries/AfterReopening", needs: []Feature{Reopening}, run: retriesAfterReopening},
		{name: "Retries/Repeats", run: retriesOfRepeats},
		{name: "Retries/WithoutIDs", run: retriesWithoutIDs},
		{name: "Retries/AfterDeletion", run: retriesAfterDeletion},
		{name: "Retries/Batches", run: retriesOfBatches},
		{name: "Keys/Once", run: keys},
		{name: "Keys/AfterReopening", needs: []Feature{Reopening}, run: keysAfterReopening},
		{name: "Keys/WithoutEvents", run: keysWithoutEvents},

		{name: "Concurrency/OneStream", run: writersOfOneStream},
		{name: "Concurrency/ManyStreams", run: writersOfManyStreams},
		{name: "Concurrency/Followers", run: followersMissNothing},
		{name: "Concurrency/ReadYourWrites", run: readsFollowWrites},
		{name: "Concurrency/Linearizable", run: linear},

		{name: "Followers/CatchUp", run: followersCatchUp},
		{name: "Followers/StartAnywhere", run: followersStartAnywhere},
		{name: "Followers/End", run: followersEnd},
		{name: "Followers/NothingMatched", run: followersLearnThatNothingMatched},
		{name: "Followers/HearNowAndThen", run: followersHearNowAndThen},
		{name: "Followers/CaughtUpIsTrue", run: caughtUpIsTrue},
		{name: "Followers/Progress", run: progressIsTold},
		{name: "Followers/FallBehind", run: followersFallBehind},
		{name: "Followers/CallbacksMayUseTheStore", run: callbacksMayUseTheStore},

		{name: "Filters/Reads", run: filters},
		{name: "Filters/First", run: firstEvents},
		{name: "Filters/Follows", run: followsAreFiltered},
		{name: "Filters/AfterReopening", needs: []Feature{Reopening}, run: filtersAfterReopening},

		{name: "Conditions/Streams", run: conditionsOnStreams},
		{name: "Conditions/WrittenStreams", run: conditionsOnWritten},
		{name: "Conditions/Queries", run: conditionsOnQueries},
		{name: "Conditions/BeyondTheHead", run: conditionsBeyondTheHead},
		{name: "Conditions/Races", run: racesForATag},
		{name: "Conditions/NoFalseConflicts", run: conditionsThatDoNotMeet},

		{name: "Conflicts/InTheWay", run: conflictsNameWhatIsInTheWay},
		{name: "Conflicts/MissingStreams", run: conflictsOfMissingStreams},
		{name: "Conflicts/AllTold", run: conflictsAreAllTold},
		{name: "Conflicts/DeletionsWin", run: deletionsWinOverConflicts},

		{name: "Batches/Order", run: batchesKeepTheirOrder},
		{name: "Batches/Nothing", run: batchesOfNothing},
		{name: "Batches/Deletions", run: batchesMixDeletions},
		{name: "Batches/Fail", run: batchesThatFail},
		{name: "Batches/SeenWhole", run: batchesAreSeenWhole},

		{name: "Metadata/Kept", run: metadataIsKept},
		{name: "Metadata/Conditional", run: metadataIsWrittenConditionally},
		{name: "Metadata/Streams", run: metadataStreams},
		{name: "Metadata/Malformed", run: malformedMetadata},
		{name: "Metadata/Truncation", run: truncation},
		{name: "Metadata/MaxCount", needs: []Feature{Retention}, run: maximalCount},
		{name: "Metadata/MaxAge", needs: []Feature{Retention, Times}, run: maximalAge},
		{name: "Metadata/Followers", needs: []Feature{Retention}, run: followersSeeWhatComes},

		{name: "Deletions/Soft", run: softDeletion},
		{name: "Deletions/SoftByHand", run: softDeletionByHand},
		{name: "Deletions/SoftAgain", run: softDeletionAgain},
		{name: "Deletions/RevivalByMetadata", run: revivalByMetadata},
		{name: "Deletions/RevivalByNothing", run: revivalByNothing},
		{name: "Deletions/Tombstones", run: tombstones},
		{name: "Deletions/Followers", run: deletionsReachFollowers},

		{name: "BadInput/Streams", run: badStreams},
		{name: "BadInput/Events", run: badEvents},
		{name: "BadInput/Sizes", run: badSizes},
		{name: "BadInput/Writes", run: badWrites},
		{name: "BadInput/Conditions", run: badConditions},
		{name: "BadInput/Queries", run: badQueries},
		{name: "BadInput/Options", run: badOptions},

		{name: "Contents/Kept", run: contentsAreKept},
		{name: "Contents/BelongToTheCaller", run: bytesBelongToTheCaller},
		{name: "Contents/Big", needs: []Feature{BigEvents}, run: bigEvents},
		{name: "Contents/Many", run: manyEvents},
		{name: "Times/Rise", run: timesRise},
		{name: "Times/Kept", needs: []Feature{Times}, run: timesAreKept},

		{name: "Closing/EndsFollowers", run: closingEndsFollowers},
		{name: "Closing/Refuses", run: closedStoresRefuse},
		{name: "Closing/InTheBody", run: closingInTheBody},
		{name: "Closing/UnderLoad", run: closingUnderLoad},
		{name: "Closing/Releases", run: closingReleases},
		{name: "Stores/Reopen", needs: []Feature{Reopening}, run: reopeningKeeps},
		{name: "Stores/Distinct", run: storesAreDistinct},

		{name: "Random", run: randomOperations},
	}
}

package storetest

import (
	"math/rand/v2"
	"os"
	"strconv"
)

// random is the source of a check's random choices. Its seed is logged, and
// taken from CAIRN_SEED if that is set.
func random(k *kit) *rand.Rand {
	k.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("CAIRN_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			k.Fatalf("CAIRN_SEED: %v", err)
		}
		seed = n
	}
	k.Logf("to play this again: CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

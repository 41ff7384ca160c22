package disk_test

func writeStore([]string) {}

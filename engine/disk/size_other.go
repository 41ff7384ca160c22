//go:build !unix

package disk

import "os"

// onDisk is how many bytes a file takes on the disk.
func onDisk(info os.FileInfo) int64 { return info.Size() }

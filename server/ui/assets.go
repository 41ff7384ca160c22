package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// digests are those of the assets, by name. A page names an asset with its
// digest, so that a browser may keep it for ever.
var digests = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(assetFiles, "assets", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := assetFiles.ReadFile(path)
		sum := sha256.Sum256(b)
		all[path[len("assets/"):]] = hex.EncodeToString(sum[:6])
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return all
})

func assetPath(name string) string {
	return Prefix + "/assets/" + name + "?" + digests()[name]
}

// assets serves them. They say nothing about the store, so anybody may have them.
func (u *ui) assets() http.Handler {
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err)
	}
	serve := http.StripPrefix(Prefix+"/assets/", http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[len(Prefix+"/assets/"):]
		switch digests()[name] {
		case "":
			http.NotFound(w, r)
			return
		case r.URL.RawQuery:
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		default:
			w.Header().Set("Cache-Control", "no-cache")
		}
		serve.ServeHTTP(w, r)
	})
}

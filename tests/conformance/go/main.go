// Reads a log of ours with Go's checksum-database code, which shares nothing with this project.
//
// usage: foreign FOLDER
//
// FOLDER holds the published log (checkpoint, tile/...), key (the verifier key), skey (the private
// key), leaves (one leaf a line, in base64) and claims (one JSON object a line: proofs by our code).
// All of it is checked with golang.org/x/mod/sumdb/note and tlog; then proofs and a signed note made
// by them are written to standard output as JSON lines, for our code to check. Any doubt: exit 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"../published"
)

// A Claim is one proof: of inclusion where Leaf is given, else that Size begins with Old.
type Claim struct {
	Index   int64    `json:"index"`
	Leaf    string   `json:"leaf,omitempty"`
	Old     int64    `json:"old,omitempty"`
	OldRoot string   `json:"old_root,omitempty"`
	Size    int64    `json:"size"`
	Root    string   `json:"root"`
	Proof   []string `json:"proof"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: foreign FOLDER")
	}
	folder := os.Args[1]
	verifier, err := note.NewVerifier(readLines(folder, "key")[0])
	published.Must(err)
	tree, text := published.Open(published.Read(folder, "checkpoint"), verifier)
	reader := tlog.TileHashReader(tree, published.Tiles{Folder: folder})
	checkTree(tree, reader, readLines(folder, "leaves"))
	for number, line := range readLines(folder, "claims") {
		var claim Claim
		published.Must(json.Unmarshal([]byte(line), &claim))
		if err := check(claim); err != nil {
			log.Fatalf("claim %d: %v", number+1, err)
		}
	}
	prove(tree, reader)
	sign(folder, text)
}

// checkTree recomputes the root from the leaves alone, and finds each leaf's hash in the tiles, which
// the reader checks against the root of the checkpoint as it goes.
func checkTree(tree tlog.Tree, reader tlog.HashReader, leaves []string) {
	if int64(len(leaves)) != tree.N {
		log.Fatalf("%d leaves in a tree of %d", len(leaves), tree.N)
	}
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	var places []int64
	for number, line := range leaves {
		leaf, err := base64.StdEncoding.DecodeString(line)
		published.Must(err)
		more, err := tlog.StoredHashes(int64(number), leaf, memory)
		published.Must(err)
		stored = append(stored, more...)
		places = append(places, tlog.StoredHashIndex(0, int64(number)))
	}
	root, err := tlog.TreeHash(tree.N, memory)
	published.Must(err)
	if root != tree.Hash {
		log.Fatalf("the root of the leaves is %v, that of the checkpoint %v", root, tree.Hash)
	}
	in, err := reader.ReadHashes(places)
	published.Must(err)
	for number, place := range places {
		if in[number] != stored[place] {
			log.Fatalf("leaf %d is not the one in its tile", number)
		}
	}
	root, err = tlog.TreeHash(tree.N, reader)
	published.Must(err)
	if root != tree.Hash {
		log.Fatalf("the root of the tiles is %v, that of the checkpoint %v", root, tree.Hash)
	}
}

func check(claim Claim) error {
	var proof []tlog.Hash
	for _, one := range claim.Proof {
		proof = append(proof, published.Hash(one))
	}
	root := published.Hash(claim.Root)
	if claim.Leaf == "" {
		return tlog.CheckTree(proof, claim.Size, root, claim.Old, published.Hash(claim.OldRoot))
	}
	leaf, err := base64.StdEncoding.DecodeString(claim.Leaf)
	published.Must(err)
	return tlog.CheckRecord(proof, claim.Size, root, claim.Index, tlog.RecordHash(leaf))
}

// prove writes Go's own proofs for the whole tree: every leaf, and growth from every earlier size.
func prove(tree tlog.Tree, reader tlog.HashReader) {
	out := json.NewEncoder(os.Stdout)
	for index := int64(0); index < tree.N; index++ {
		record, err := tlog.ProveRecord(tree.N, index, reader)
		published.Must(err)
		published.Must(out.Encode(Claim{Index: index, Size: tree.N, Root: tree.Hash.String(), Proof: texts(record)}))
		old, err := tlog.TreeHash(index+1, reader)
		published.Must(err)
		growth, err := tlog.ProveTree(tree.N, index+1, reader)
		published.Must(err)
		published.Must(out.Encode(Claim{Old: index + 1, OldRoot: old.String(), Size: tree.N, Root: tree.Hash.String(), Proof: texts(growth)}))
	}
}

// sign writes the checkpoint as Go signs it with the same key.
func sign(folder, text string) {
	signer, err := note.NewSigner(readLines(folder, "skey")[0])
	published.Must(err)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	published.Must(err)
	published.Must(json.NewEncoder(os.Stdout).Encode(map[string][]byte{"note": signed}))
}

func texts(hashes []tlog.Hash) []string {
	found := []string{}
	for _, one := range hashes {
		found = append(found, one.String())
	}
	return found
}

func readLines(folder, name string) []string {
	var found []string
	for _, line := range bytes.Split(published.Read(folder, name), []byte("\n")) {
		if len(line) > 0 {
			found = append(found, string(line))
		}
	}
	return found
}

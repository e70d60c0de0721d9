#!/bin/bash -eu
# Builds the targets with their seeds and dictionaries into $OUT. $SRC holds the repository.
cd "$SRC/jwt-ring"
cargo fuzz build -O
built=${CARGO_TARGET_DIR:-fuzz/target}/x86_64-unknown-linux-gnu/release

for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "$built/$target" "$OUT/"
    zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "fuzz/seeds/$target"
    cp "fuzz/dictionaries/$(fuzz/dictionary "$target").dict" "$OUT/$target.dict"
done

#!/bin/bash -eu
# Copyright 2026 the authors of Downbeat
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.
#
################################################################################

# Builds every target for OSS-Fuzz and ClusterFuzzLite, with its corpus, dictionary and options. Both
# start this script in the root of the checkout. ci/oss-fuzz/check runs it on any machine.

# cargo passes the sources of the workspace to the compiler by relative paths, which the report on
# coverage would not find.
for folder in lsm fuzz; do
  RUSTFLAGS="$RUSTFLAGS --remap-path-prefix $folder=$PWD/$folder"
done
export RUSTFLAGS

# The sanitizer is in RUSTFLAGS. Assertions and overflow checks are as in the builds of `downbeat`: the
# profile sets the latter. Comparisons are not traced, because no operand is a byte of the input.
cargo fuzz build --release --sanitizer none --strip-dead-code --no-trace-compares

for source in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  cp "target/x86_64-unknown-linux-gnu/release/$target" "dictionaries/$target.dict" \
    "ci/oss-fuzz/options/$target.options" "$OUT/"
  zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "corpus/$target"
done

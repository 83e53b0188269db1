#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Planted bugs as patches. patches/<source>.patch changes a copy of <source>; the copies are compiled for the tests that
# plant bugs, and for nothing else.
#
#   patches.sh apply SOURCE COPY       what the build does: writes the patched copy
#   patches.sh renew [SOURCE | BUG]... writes copies to edit, build/mutants/<source>: patched; or, where the patch no
#                                      longer applies, the source merged with the last one that had the bugs
#   patches.sh refresh [SOURCE]...     writes the patches anew from the copies that were edited
#
# SOURCE is a path from the root of the repository. renew without one: all whose patches do not apply.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
patches=tests/mutants/patches
edited=build/mutants
most_revisions=200

say() { printf 'mutants: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The bugs that a patch, or a part of it, speaks of.
bugs_in() { grep -o 'mutated(Mutation::[a-z0-9_]*)' "$@" | sed 's/.*:://; s/)//' | sort -u | paste -sd ' '; }
all_sources() { (cd "$patches" && find . -name '*.patch' | sed 's|^\./||; s|\.patch$||' | LC_ALL=C sort); }

# patched SOURCE COPY REJECTS [FILE]: FILE (default: SOURCE) as SOURCE's patch changes it. With the context as it is:
# no fuzz.
patched() {
  rm -f "$3"
  patch --silent --force --fuzz=0 --no-backup-if-mismatch --reject-file="$3" --output="$2" "${4:-$1}" \
    "$patches/$1.patch" >/dev/null
}

apply() {
  local source=$1 copy=$2 work
  work=$copy.new
  mkdir -p "$(dirname "$copy")"
  if ! patched "$source" "$work" "$copy.rej"; then
    say "error: $patches/$source.patch no longer applies to $source; planted bugs: $(bugs_in "$copy.rej")"
    cat "$copy.rej" >&2
    die "to mend it: ./dev mutants renew $source"
  fi
  {
    printf '// %s with planted bugs; made by tests/mutants/patches.sh, never edited.\n' "$source"
    printf '#include "tests/mutants/mutation.h"\n'
    cat "$work"
  } >"$copy"
  rm -f "$work"
}

# The newest revision of SOURCE that its patch still fits, into FILE.
last_with_bugs() {
  local source=$1 file=$2 revision
  for revision in $(git log --format=%H -n "$most_revisions" -- "$source"); do
    git show "$revision:$source" >"$file" 2>/dev/null || continue
    patched "$source" "$file.mutated" "$file.rej" "$file" && return
  done
  return 1
}

renew_one() {
  local source=$1 copy=$edited/$1 conflicts=0 rejected=0
  [[ -f $source ]] || die "there is no $source; if it has moved, let its patch follow: git mv $patches/$source.patch ..."
  mkdir -p "$(dirname "$copy")"
  if [[ ! -f $patches/$source.patch ]]; then
    cp "$source" "$copy"
    say "$copy: no planted bugs yet"
  elif patched "$source" "$copy" "$copy.rej"; then
    say "$copy: its patch applies"
  elif last_with_bugs "$source" "$copy.base"; then
    git merge-file -p --diff3 -L 'with planted bugs' -L 'source of before' -L 'source of now' \
      "$copy.base.mutated" "$copy.base" "$source" >"$copy" || conflicts=$?
    if ((conflicts)); then
      say "$copy: $conflicts conflicts to be resolved: $(bugs_in "$copy.rej")"
    else
      say "$copy: merged without a conflict; look at: $(bugs_in "$copy.rej")"
    fi
  else
    say "$copy: no former $source fits the patch; what applies is in it: put the rest in by hand, which is in $copy.rej," \
      "and remove that file: $(bugs_in "$copy.rej")"
    rejected=1
  fi
  rm -f "$copy.base" "$copy.base.mutated" "$copy.base.rej"
  ((rejected)) || rm -f "$copy.rej"
}

renew() {
  local sources=() argument source found
  for argument in "$@"; do
    if [[ $argument == */* ]]; then
      sources+=("$argument")
      continue
    fi
    mapfile -t found < <(grep -rlF "mutated(Mutation::$argument)" "$patches" | sed "s|^$patches/||; s|\.patch$||")
    ((${#found[@]})) || die "no patch has the planted bug $argument"
    sources+=("${found[@]}")
  done
  if ((!$#)); then
    mkdir -p "$edited"
    for source in $(all_sources); do
      [[ -f $source ]] && patched "$source" "$edited/.try" "$edited/.rej" || sources+=("$source")
    done
    rm -f "$edited/.try" "$edited/.rej"
    ((${#sources[@]})) || say "all patches apply"
  fi
  for source in ${sources[@]+"${sources[@]}"}; do renew_one "$source"; done
  ((${#sources[@]})) && say "edit what stands there, then: ./dev mutants refresh"
  return 0
}

refresh_one() {
  local source=$1 copy=$edited/$1 patch=$patches/$1.patch before='' after bug status=0
  [[ -f $copy ]] || die "$copy is not there; first: ./dev mutants renew $source"
  [[ ! -f $copy.rej ]] || die "$copy.rej has bugs that are not in the copy yet; put them in and remove it"
  ! grep -nE '^(<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|)' "$copy" >&2 || die "$copy still has conflicts"
  if command -v clang-format-19 >/dev/null; then
    clang-format-19 --style=file --assume-filename="$root/$source" <"$copy" >"$copy.formatted"
    mv "$copy.formatted" "$copy"
  fi
  [[ ! -f $patch ]] || before=$(bugs_in "$patch" || true)
  mkdir -p "$(dirname "$patch")"
  diff -U2 --label "a/$source" --label "b/$source" "$source" "$copy" >"$patch.new" || status=$?
  ((status < 2)) || die "cannot compare $source and $copy"
  after=$(bugs_in "$patch.new" || true)
  for bug in $before; do
    [[ " $after " == *" $bug "* ]] || say "$source: the planted bug $bug is no longer in it"
  done
  if ((status)); then
    mv "$patch.new" "$patch"
    say "$patch: $after"
  else
    rm -f "$patch.new" "$patch"
    say "$source has no planted bugs"
  fi
  rm -f "$copy"
}

refresh() {
  local sources=("$@") source
  if ((!$#)) && [[ -d $edited ]]; then
    mapfile -t sources < <(cd "$edited" && find . -name '*.cpp' -o -name '*.h' | sed 's|^\./||' | LC_ALL=C sort)
  fi
  ((${#sources[@]})) || die "no copy in $edited; first: ./dev mutants renew"
  for source in "${sources[@]}"; do refresh_one "$source"; done
}

command=${1:-}
(($#)) && shift
case $command in
  apply) apply "$@" ;;
  renew) renew "$@" ;;
  refresh) refresh "$@" ;;
  *) die "usage: patches.sh apply SOURCE COPY | renew [SOURCE | BUG]... | refresh [SOURCE]..." ;;
esac

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# conformance.sh TABLE BINARY [JOBS]: for each rule of a conformance table (docs/drm_dep.md), its test passes, and fails
# when its mutation takes the rule away. Prints the rules that are not held; exit code 1 if there are any.
set -uo pipefail

table=$1
binary=$2
jobs=${3:-1}

check() {
  local binary=$1 rule=$2 test=$3 mutation=$4
  # Catch reads commas and stars in names as operators.
  local name=${test//,/\\,}
  if ! timeout 60 "$binary" -w NoTests "$name" >/dev/null 2>&1; then
    printf 'FAILS: %s\n       its test does not pass: %s\n' "$rule" "$test"
    return 1
  fi
  (GPUSIM_TEST_MUTATION=$mutation timeout 60 "$binary" -w NoTests "$name") >/dev/null 2>&1
  case $? in
    0) printf 'NOT HELD: %s\n          with %s its test still passes: %s\n' "$rule" "$mutation" "$test"; return 1 ;;
    250) printf 'UNKNOWN: %s\n         there is no mutation %s\n' "$rule" "$mutation"; return 1 ;;
  esac
  return 0
}
export -f check

# Rows have five cells: rule, source, test, whose, mutation.
rows=$(awk -F' [|] ' '/^\| rule \|/ {on = 1; next} on && /^\|---/ {next} on && !/^\|/ {on = 0}
  on {sub(/^\| /, "", $1); sub(/ \|$/, "", $5); print $1 "\t" $3 "\t" $5}' "$table")
count=$(printf '%s\n' "$rows" | grep -c .)
if ((count < 10)); then
  echo "$table: no table of rules found"
  exit 1
fi
printf '%s\n' "$rows" | tr '\t' '\n' | xargs -d '\n' -P "$jobs" -n 3 bash -c 'check "$0" "$@"' "$binary"
failed=$?
if ((failed == 0)); then
  echo "$count rules: each test passes, and fails without its rule"
fi
exit $((failed != 0))

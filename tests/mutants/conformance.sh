#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# conformance.sh MUTANTS TESTS [JOBS]: for each rule that MUTANTS --rules lists, its case of TESTS passes, and fails when
# the planted bug takes the rule away. Prints the rules that are not held; exit code 1 if there are any.
set -uo pipefail

mutants=$1
tests=$2
jobs=${3:-1}

# As in named_bug.cpp.
check() {
  local tests=$1 rule=$2 test=$3 bug=$4
  # Catch reads commas and stars in names as operators.
  local name=${test//,/\\,}
  if ! timeout 60 "$tests" -w NoTests "$name" >/dev/null 2>&1; then
    printf 'FAILS: %s\n       its test does not pass: %s\n' "$rule" "$test"
    return 1
  fi
  (GPUSIM_TEST_MUTATION=$bug timeout 60 "$tests" -w NoTests "$name") >/dev/null 2>&1
  case $? in
    0) printf 'NOT HELD: %s\n          with %s its test still passes: %s\n' "$rule" "$bug" "$test"; return 1 ;;
    250) printf 'UNKNOWN: %s\n         there is no planted bug %s\n' "$rule" "$bug"; return 1 ;;
    251) printf 'NOT REACHED: %s\n             its test never gets to %s: %s\n' "$rule" "$bug" "$test"; return 1 ;;
  esac
  return 0
}
export -f check

rows=$("$mutants" --rules) || exit 1
count=$(printf '%s\n' "$rows" | grep -c .)
if ((count < 10)); then
  echo "$mutants: no rules found"
  exit 1
fi
printf '%s\n' "$rows" | tr '\t' '\n' | xargs -d '\n' -P "$jobs" -n 3 bash -c 'check "$0" "$@"' "$tests"
failed=$?
if ((failed == 0)); then
  echo "$count rules: each test passes, and fails without its rule"
fi
exit $((failed != 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# out_of_tree.sh SOURCE BUILD COMPILER [SANITIZERS]
#
# Installs BUILD into a folder of its own, builds tests/plug_in/example against it as somebody else would, and holds the
# figures and errors of docs/plug-in.md against what the installed program does. 77: skipped.
set -euo pipefail
source=$1 build=$2 compiler=$3 sanitizers=${4:-}

if [[ -n $sanitizers ]]; then
  echo "SKIPPED: the program has sanitizers ($sanitizers), and a plug-in would need the same"
  exit 77
fi

folder=$build/plug_in_test
rm -rf "$folder"
mkdir -p "$folder"
cp -r "$source/tests/plug_in/example" "$folder/example"
cmake --install "$build" --prefix "$folder/installed" >"$folder/install.log"
example=$folder/example gpusim=$folder/installed/bin/gpusim

[[ -e $folder/installed/include/gpusim/sim/hw/plug_in.h ]] || { echo "FAILED: no header is installed"; exit 1; }
[[ ! -e $folder/installed/include/gpusim/sim/system ]] || { echo "FAILED: headers that are not public"; exit 1; }

# Without optimisation: it takes half the time, and figures do not depend on it.
cmake -S "$example" -B "$example/build" -DCMAKE_PREFIX_PATH="$folder/installed" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_CXX_FLAGS="-Wall -Wextra -O0" >"$folder/build.log"
cmake --build "$example/build" >>"$folder/build.log" || { cat "$folder/build.log"; exit 1; }

cp -r "$source/tests/plug_in/reporting" "$folder/reporting"
cmake -S "$folder/reporting" -B "$folder/reporting/build" -DCMAKE_PREFIX_PATH="$folder/installed" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="-Wall -Wextra -O0" >"$folder/build.log"
cmake --build "$folder/reporting/build" >>"$folder/build.log" || { cat "$folder/build.log"; exit 1; }

failed=0
# expect WHAT WANTED FOUND
expect() {
  [[ $3 == "$2" ]] && return
  printf 'FAILED: %s\n  wanted: %s\n  found:  %s\n' "$1" "$2" "$3"
  failed=1
}
# expect_text WHAT WANTED FOUND: FOUND has WANTED in it.
expect_text() {
  [[ $3 == *"$2"* ]] && return
  printf 'FAILED: %s\n  wanted: ...%s...\n  found:  %s\n' "$1" "$2" "$3"
  failed=1
}
# times TRACE FROM TO: picoseconds from each event FROM to the next event TO.
times() {
  awk -v from="$2:" -v to="$3:" '
    { for (i = 1; i <= NF; ++i) if ($i == from || $i == to) { time = $(i - 1); gsub(/[.:]/, "", time); word = $i } }
    word == from { begin = time } word == to { printf "%d ", time - begin } { word = "" }' "$1"
}
# run NAME ARGUMENTS...: with results in $folder/NAME.
run() {
  local out=$folder/$1
  shift
  "$gpusim" run "$example/scenario.toml" -q --out "$out" --trace text,events "$@"
}

run plain --set 'device.engines.rcs.module=""' --set 'device.memory.module=""'
run engine --set 'device.memory.module=""'
run memory --set 'device.engines.rcs.module=""'
run both

expect "our engine's work" "100000000 100000000 100000000 " "$(times "$folder/plain/trace.txt" job_start job_end)"
expect "slow_engine takes twice the time" "200000000 200000000 200000000 " \
  "$(times "$folder/engine/trace.txt" job_start job_end)"
expect "our fetch" "700000 700000 700000 " "$(times "$folder/plain/trace.txt" fetch_begin job_start)"
expect "slow_memory moves a fetch by 100 ns" "800000 800000 800000 " \
  "$(times "$folder/memory/trace.txt" fetch_begin job_start)"
expect "both: the work" "200000000 200000000 200000000 " "$(times "$folder/both/trace.txt" job_start job_end)"
expect "both: the fetch" "800000 800000 800000 " "$(times "$folder/both/trace.txt" fetch_begin job_start)"

# The results name what they hang on, and find it again from where they lie.
hash_of() { sed -n 's/.*"trace_hash": *"\([0-9a-f]*\)".*/\1/p' "$1/summary.json"; }
expect_text "the header of trace.txt" "plug-in slow_engine 1.0 (slow_engine.so, hash " "$(head -5 "$folder/both/trace.txt")"
expect_text "summary.json" "plug-in slow_memory 1.0 (slow_memory.so, hash " "$(cat "$folder/both/summary.json")"
(cd / && "$gpusim" run "$folder/both/resolved.toml" -q --out "$folder/again")
expect "resolved.toml gives the same run" "$(hash_of "$folder/both")" "$(hash_of "$folder/again")"
expect_text "a plug-in of which nothing is used" "slow_memory.so" \
  "$("$gpusim" run "$example/scenario.toml" --set 'device.memory.module=""' | grep 'has no effect: no module of it')"

# --plug-in begins where the user is, and takes the place of plug_ins.
summary=$(cd "$example/build" && "$gpusim" run ../scenario.toml --plug-in slow_engine.so --plug-in slow_memory.so)
expect_text "--plug-in" "trace $(hash_of "$folder/both")" "$summary"

# refused WHAT WANTED ARGUMENTS...
refused() {
  local what=$1 wanted=$2 code=0 said
  shift 2
  said=$("$gpusim" "$@" 2>&1 >"$folder/refused.out") || code=$?
  expect "$what: the exit code" 2 "$code"
  expect_text "$what" "$wanted" "$said"
}
sed 's/"slow_engine"/"slow_engin"/' "$example/scenario.toml" >"$example/misspelt.toml"
refused "a module that nobody offers" \
  "misspelt.toml:7:10: error: device.engines.rcs.module: no plug-in offers an engine 'slow_engin'; did you mean 'slow_engine'?" \
  run "$example/misspelt.toml"

echo 'int nothing;' | "$compiler" -x c++ -shared -fPIC -o "$folder/nothing.so" -
refused "a shared object that is no plug-in" "'nothing.so' is no plug-in of gpusim: it has no symbol gpusim_plug_in" \
  run "$example/scenario.toml" --plug-in "$folder/nothing.so"

cp "$example/build/slow_memory.so" "$folder/twice.so"
refused "a module that two plug-ins offer" "device.memory.module: a memory 'slow_memory' is offered more than once" \
  run "$example/scenario.toml" --plug-in "$example/build/slow_memory.so" --plug-in "$folder/twice.so" \
  --set 'device.engines.rcs.module=""'

LC_ALL=C sed 's/headers [0-9a-f]\{16\}/headers 0123456789abcdef/' "$example/build/slow_memory.so" >"$folder/other.so"
refused "a plug-in for another program" "plug-in 'other.so' was built for gpusim " \
  run "$example/scenario.toml" --plug-in "$folder/other.so"
refused "a plug-in for another program" "build it again" run "$example/scenario.toml" --plug-in "$folder/other.so"

# What modules report by sc_report goes where all goes that the program says, and an error ends the run.
# reports MODULE CODE STDERR: STDERR without folder and line of the file and the time of gpusim's calls.
reports() {
  local module=$1 wanted_code=$2 wanted=$3 code=0 said
  said=$("$gpusim" run "$example/scenario.toml" --set 'device.engines.rcs.module=""' \
    --plug-in "$folder/reporting/build/reporting.so" --set "device.memory.module=\"$module\"" \
    2>&1 >"$folder/reports.out") || code=$?
  expect "$module: the exit code" "$wanted_code" "$code"
  said=$(sed "s|$folder/reporting/||; s/:[0-9]*\([,)]\)/:N\1/; s/\(pump, at \)[^)]*/\1TIME/" <<<"$said")
  expect "$module: stderr" "$wanted" "$said"
  ! grep -q "/reporting: " "$folder/reports.out" || { echo "FAILED: $module: a report on stdout"; failed=1; }
}
broken='error: a rule of the model is broken: systemc: /reporting:'
in_pump='in process timeline_pump.pump'
reports talkative 0 "warning: SystemC: /reporting: first access (reporting.cpp:N, $in_pump, at TIME)"
reports when_built 3 "$broken not built (reporting.cpp:N)"
reports when_asked 3 "$broken asked (reporting.cpp:N, $in_pump, at TIME)"
reports in_process 3 "$broken in its process (reporting.cpp:N, in process gpu0.memory.run, at 3.000 us)"
reports at_end 0 "error: SystemC: /reporting: destroyed (reporting.cpp:N)"
expect_text "an info, with -v" "info: SystemC: /reporting: built" \
  "$("$gpusim" -v run "$example/scenario.toml" --plug-in "$folder/reporting/build/reporting.so" -q \
    --set 'device.engines.rcs.module=""' --set 'device.memory.module="talkative"' 2>&1)"

# Other commands load scenarios in the same way.
"$gpusim" job "$example/scenario.toml" 1 >"$folder/job.out" || { echo "FAILED: gpusim job"; failed=1; }
"$gpusim" check "$example/scenario.toml" >"$folder/check.out" || { cat "$folder/check.out"; failed=1; }

((failed)) || echo "the plug-ins of docs/plug-in.md do what it says"
exit $failed

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Explores each scenario of configs/explore/ on each device preset with each component. `./dev explore-presets` calls it.
#
#   presets.sh PROGRAM SEEDS JOBS [PRESET]...
#
# Each preset stands in the table twice: as it is, and narrow, which is with two slots, if it has any, and with short
# periods, so that jobs of some microseconds meet the ends of quanta and ticks. A preset that lacks a kind of engine gets
# as many as the default device has; a scenario with slots has none where the preset cannot have any. What is refused is
# told with the reason.
#
# Exit code 0 if no run has failed; 1 if one has, with the command that shows it; 2 for bad arguments.
set -uo pipefail

(($# >= 3)) || { echo "usage: presets.sh PROGRAM SEEDS JOBS [PRESET]..." >&2; exit 2; }
program=$(realpath "$1") seeds=$2 jobs=$3
shift 3
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

components=(drm_dep drm_sched pipeline counter direct)
declare -A component_sets=(
  [drm_dep]='scheduler.component="drm_dep"'
  [drm_sched]='scheduler.component="drm_sched"'
  [pipeline]='scheduler.component="jobqueue" scheduler.jobqueue="pipeline"'
  [counter]='scheduler.component="jobqueue" scheduler.jobqueue="counter" driver.kill_way="terminate"'
  [direct]='scheduler.component="direct"'
)
# pvr has neither quantum nor slots: it gets two of these all the same. The host's tick is no shorter than that.
declare -A narrow_sets=(
  [amd_hws]='device.quantum_us=15 device.firmware.outer_quantum=2'
  [amd_mes]='device.quantum_us=15 device.slots=2'
  [default]='device.quantum_us=15'
  [ivpu_hws]='device.quantum_us=15'
  [mali_csf]='device.slots=2 driver.tick_us=1000 host.timer="exact"'
  [nv_host]='device.quantum_us=15'
  [nv_tegra]='device.quantum_us=15'
  [pvr]='device.slots=2'
  [xe_guc]='device.quantum_us=15'
)
# A scenario with jobs of many of that preset's ticks has a hundred thousand quanta on others.
declare -A only_on=([long/host_tick]=mali_csf)
declare -A engines=([rcs]=1 [bcs]=1 [vcs]=2 [vecs]=1 [ccs]=1)

presets=()
for file in configs/devices/*.toml; do presets+=("$(basename "$file" .toml)"); done
for preset in "${presets[@]}"; do
  [[ -n ${narrow_sets[$preset]:-} ]] || { echo "presets.sh: it does not say how $preset is made narrow" >&2; exit 2; }
done
if (($#)); then
  for preset in "$@"; do
    [[ -f configs/devices/$preset.toml ]] || { echo "presets.sh: there is no preset $preset" >&2; exit 2; }
  done
  presets=("$@")
fi
scenarios=()
for file in configs/explore/*.toml configs/explore/long/*.toml; do
  file=${file#configs/explore/}
  scenarios+=("${file%.toml}")
done

reasons=()   # why something was refused, each once
failures=()  # what failed, with its command
runs=0 given_up=0

# note_reason TEXT: its number, from 1 on, into `number`.
note_reason() {
  local i
  for i in "${!reasons[@]}"; do
    if [[ ${reasons[i]} == "$1" ]]; then number=$((i + 1)); return; fi
  done
  reasons+=("$1")
  number=${#reasons[@]}
}

# explore SCENARIO SET...: what its cell shows, into `cell`.
explore() {
  local scenario=$1 set output status number
  shift
  local command=(explore "configs/explore/$scenario.toml" -q --seeds "$seeds")
  for set in "$@"; do command+=(--set "$set"); done
  while true; do
    output=$("$program" "${command[@]}" -j "$jobs" 2>&1)
    status=$?
    if [[ $output =~ the\ device\ has\ no\ engine\ \'([a-z]+)[0-9]*\' ]]; then
      set="device.engines.${BASH_REMATCH[1]}.count=${engines[${BASH_REMATCH[1]}]}"
    elif [[ $output == *': error: device.slots is a limit that '* ]]; then
      set=device.slots=0
    else
      break
    fi
    [[ " ${command[*]} " != *" $set "* ]] || break
    command+=(--set "$set")
  done
  if ((status == 2)); then
    note_reason "$(sed -n '1s/^.*: error: //p' <<<"$output")"
    cell="($number)"
  elif ((status == 0)) && [[ $output =~ ([0-9]+)\ of\ [0-9]+\ runs\ given\ up ]]; then
    runs=$((runs + seeds)) given_up=$((given_up + BASH_REMATCH[1]))
    cell=$((seeds - BASH_REMATCH[1]))
  elif ((status == 0)); then
    runs=$((runs + seeds))
    cell=$seeds
  else
    failures+=("$(grep -m 1 '^seed ' <<<"$output" || tail -1 <<<"$output"): gpusim ${command[*]@Q}")
    cell=FAILS
  fi
}

printf '%-10s %-7s %-10s' preset '' component
printf ' %12s' "${scenarios[@]##*/}"
echo
for preset in "${presets[@]}"; do
  for way in as_is narrow; do
    for component in "${components[@]}"; do
      read -ra sets <<<"use.device=\"$preset\" ${component_sets[$component]}"
      [[ $way == as_is ]] || read -ra narrow <<<"${narrow_sets[$preset]}"
      [[ $way == as_is ]] || sets+=("${narrow[@]}")
      printf '%-10s %-7s %-10s' "$preset" "${way/as_is/}" "$component"
      for scenario in "${scenarios[@]}"; do
        if [[ ${only_on[$scenario]:-$preset} == "$preset" ]]; then
          explore "$scenario" "${sets[@]}"
        else
          note_reason "$scenario is for ${only_on[$scenario]}"
          cell="($number)"
        fi
        printf ' %12s' "$cell"
      done
      echo
    done
  done
done
echo
echo "$runs runs, the seeds from 0 on; a number is how many survived, and one below $seeds leaves runs that were given up"
for i in "${!reasons[@]}"; do echo "($((i + 1))) not explored: ${reasons[i]}"; done
((given_up == 0)) || echo "$given_up runs were given up: docs/exploration.md, \"The end\""
for failure in "${failures[@]+"${failures[@]}"}"; do echo "FAILS: $failure"; done
((${#failures[@]} == 0))

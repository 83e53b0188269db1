// SPDX-License-Identifier: MIT
// The player of runlist.cpp with the policy of docs/policy.md.
#include "tests/firmware/example/fifo.h"
#define RUNLIST_POLICY Fifo
#include "tests/core/programs/runlist.cpp"

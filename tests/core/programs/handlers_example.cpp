// SPDX-License-Identifier: MIT
// The firmware's loop of handlers.cpp with the policy of docs/policy.md.
#include "tests/firmware/example/fifo.h"
#define HANDLERS_POLICY Fifo
#include "tests/core/programs/handlers.cpp"

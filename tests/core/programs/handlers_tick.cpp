// SPDX-License-Identifier: MIT
// The firmware's loop of handlers.cpp with another policy.
#define HANDLERS_POLICY TickRotation
#include "tests/core/programs/handlers.cpp"

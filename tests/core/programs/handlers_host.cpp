// SPDX-License-Identifier: MIT
// The firmware's loop of handlers.cpp with another policy.
#include "firmware/runlist/host_slots.h"
#define HANDLERS_POLICY HostSlots
#include "tests/core/programs/handlers.cpp"

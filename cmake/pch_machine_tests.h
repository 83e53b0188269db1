// SPDX-License-Identifier: MIT
//
// Precompiled for tests of sim and of whole machines.
#pragma once

#include "cmake/pch_sim.h"
#include "tests/support/catch.h"

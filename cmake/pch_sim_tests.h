// SPDX-License-Identifier: MIT
//
// Precompiled for all test layers that link sim.
#pragma once

#include "cmake/pch_sim.h"
#include "tests/support/catch.h"

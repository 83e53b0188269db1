// SPDX-License-Identifier: MIT
//
// Precompiled for tests of the rooms below sim.
#pragma once

#include "cmake/pch_host.h"
#include "tests/support/catch.h"

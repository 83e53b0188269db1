// SPDX-License-Identifier: MIT
//
// Precompiled for tests/unit, which know neither sim nor SystemC.
#pragma once

#include "cmake/pch_host.h"
#include "tests/support/catch.h"

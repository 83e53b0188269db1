// SPDX-License-Identifier: MIT
//
// Catch2, whether the system has version 2 or version 3. Tests include this file and no other of Catch2's.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

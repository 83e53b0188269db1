// SPDX-License-Identifier: MIT
//
// Precompiled for os, scheduler and host_driver: what most of their files include anyway. A file still includes what it
// uses; `dev lint` builds without this header.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// SPDX-License-Identifier: MIT
// libstdc++ of the host for a bare RV32 core: its configuration without what the host's threads have.
#pragma once

#include_next <bits/c++config.h>

#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_HAVE_LINUX_FUTEX

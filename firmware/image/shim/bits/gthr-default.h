// SPDX-License-Identifier: MIT
// libstdc++ of the host for a bare RV32 core: one thread.
#pragma once

#include <bits/gthr-single.h>

// SPDX-License-Identifier: MIT
// libstdc++ of the host for a bare RV32 core: there is no operating system to describe.
#pragma once

# SPDX-License-Identifier: MIT
#
# Run by each build, as a script: writes TEMPLATE to OUTPUT with the version of SOURCE_DIR, and only if that has changed.
# PROJECT_VERSION, COMPILER and BUILD_TYPE are given, too. Without git, or in a tarball, the version is the project's.
set(VERSION "${PROJECT_VERSION}")
# In a tarball that was unpacked inside of another repository, git would describe that one.
execute_process(COMMAND git -C "${SOURCE_DIR}" rev-parse --show-prefix
                OUTPUT_VARIABLE prefix RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed EQUAL 0 AND prefix STREQUAL "")
  execute_process(COMMAND git -C "${SOURCE_DIR}" describe --always --dirty=.dirty --exclude *
                  OUTPUT_VARIABLE revision RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed EQUAL 0)
    set(VERSION "${PROJECT_VERSION}+g${revision}")
  endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)

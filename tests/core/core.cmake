# SPDX-License-Identifier: MIT
#
# Tests of the RV32 core, on their own because of what no other part needs. Without it those tests are left out.
gpusim_tests(core LINK gpusim::core gpusim::test_support PCH room_tests)

# A second implementation (unicorn_*.cpp asks for its header).
find_library(GPUSIM_UNICORN_LIBRARY unicorn)
mark_as_advanced(GPUSIM_UNICORN_LIBRARY)
if(GPUSIM_UNICORN_LIBRARY)
  target_link_libraries(gpusim_tests_core PRIVATE "${GPUSIM_UNICORN_LIBRARY}")
else()
  message(STATUS "No Unicorn (libunicorn-dev): the RV32 core is not compared with it")
endif()

# Programs: tests find them by this path, and are silent about those that are not there.
add_dependencies(gpusim_tests_core gpusim_rv32_programs)
target_link_libraries(gpusim_tests_core PRIVATE gpusim::firmware_main)
target_compile_definitions(gpusim_tests_core PRIVATE GPUSIM_RV32_PROGRAMS="${GPUSIM_RV32_PROGRAMS}")

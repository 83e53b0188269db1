# SPDX-License-Identifier: MIT
#
# Programs for the RV32 core, by Debian's bare-metal compiler. It comes without a C++ library: the host's headers do, as
# far as they are freestanding, with three of ours in front of them (tests/core/programs/shim).

find_program(GPUSIM_RV32_CXX riscv64-unknown-elf-g++)
mark_as_advanced(GPUSIM_RV32_CXX)
if(NOT GPUSIM_RV32_CXX)
  message(STATUS "No riscv64-unknown-elf-g++: no programs for the RV32 core, and no tests with them")
endif()

set(GPUSIM_RV32_PROGRAMS "${PROJECT_BINARY_DIR}/rv32")
set(GPUSIM_RV32_FLAGS
  -march=rv32imac -mabi=ilp32 -std=c++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -fno-tree-loop-distribute-patterns -msmall-data-limit=0 -nostdinc++ -I "${PROJECT_SOURCE_DIR}"
  -isystem "${PROJECT_SOURCE_DIR}/tests/core/programs/shim")
foreach(folder IN LISTS CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  if(folder MATCHES "c\\+\\+")
    list(APPEND GPUSIM_RV32_FLAGS -isystem "${folder}")
  endif()
endforeach()

# gpusim_rv32_program(<name> <optimisation>): build/.../rv32/<name>.elf of tests/core/programs/<name>.cpp, as a part of the target
# gpusim_rv32_programs.
function(gpusim_rv32_program name optimisation)
  set(folder "${PROJECT_SOURCE_DIR}/tests/core/programs")
  set(objects "")
  foreach(part IN ITEMS ${name} runtime)
    set(object "${GPUSIM_RV32_PROGRAMS}/${name}_${part}.o")
    add_custom_command(OUTPUT "${object}"
      COMMAND "${GPUSIM_RV32_CXX}" ${GPUSIM_RV32_FLAGS} ${optimisation} -MD -MT "${object}" -MF "${object}.d" -c
              "${folder}/${part}.cpp" -o "${object}"
      DEPENDS "${folder}/${part}.cpp" DEPFILE "${object}.d" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  # Code and data have granules of their own in the TCM, so that code cannot be written.
  add_custom_command(OUTPUT "${GPUSIM_RV32_PROGRAMS}/${name}.elf"
    COMMAND "${GPUSIM_RV32_CXX}" -march=rv32imac -mabi=ilp32 -nostdlib ${objects} -lgcc -Wl,-e,halt
            -Wl,-Ttext=0x80001000 -Wl,-z,max-page-size=64 -o "${GPUSIM_RV32_PROGRAMS}/${name}.elf"
    DEPENDS ${objects} VERBATIM)
  add_custom_target(gpusim_rv32_${name} DEPENDS "${GPUSIM_RV32_PROGRAMS}/${name}.elf")
  add_dependencies(gpusim_rv32_programs gpusim_rv32_${name})
endfunction()

file(MAKE_DIRECTORY "${GPUSIM_RV32_PROGRAMS}")
add_custom_target(gpusim_rv32_programs)
if(GPUSIM_RV32_CXX)
  gpusim_rv32_program(small -O2)
  gpusim_rv32_program(runlist -Os)  # firmware has to be small
  gpusim_rv32_program(handlers -Os)
endif()

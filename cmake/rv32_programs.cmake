# SPDX-License-Identifier: MIT
#
# The firmware for the RV32 core, and programs for tests, by Debian's bare-metal compiler. It comes without a C++ library:
# the host's headers do, as far as they are freestanding, with three of ours in front of them (firmware/image/shim).

find_program(GPUSIM_RV32_CXX riscv64-unknown-elf-g++)
find_program(GPUSIM_RV32_STRIP riscv64-unknown-elf-strip)
mark_as_advanced(GPUSIM_RV32_CXX GPUSIM_RV32_STRIP)
if(NOT GPUSIM_RV32_CXX)
  message(STATUS "No riscv64-unknown-elf-g++: the firmware is the image that comes along, tests of the core lack programs")
endif()

set(GPUSIM_RV32_PROGRAMS "${PROJECT_BINARY_DIR}/rv32")
set(GPUSIM_RV32_FLAGS
  -march=rv32imac -mabi=ilp32 -std=c++20 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -fno-tree-loop-distribute-patterns -fno-jump-tables -msmall-data-limit=0
  -nostdinc++ -I "${PROJECT_SOURCE_DIR}"
  -isystem "${PROJECT_SOURCE_DIR}/firmware/image/shim" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
foreach(folder IN LISTS CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  if(folder MATCHES "c\\+\\+")
    list(APPEND GPUSIM_RV32_FLAGS -isystem "${folder}")
  endif()
endforeach()

# gpusim_rv32_link(<name> SOURCES <file>... [COMPILE <flag>...] [LINK <flag>...]): build/.../rv32/<name>.elf
function(gpusim_rv32_link name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;COMPILE;LINK")
  set(objects "")
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(part "${source}" NAME_WE)
    set(object "${GPUSIM_RV32_PROGRAMS}/${name}_${part}.o")
    add_custom_command(OUTPUT "${object}"
      COMMAND "${GPUSIM_RV32_CXX}" ${GPUSIM_RV32_FLAGS} ${arg_COMPILE} -MD -MT "${object}" -MF "${object}.d" -c
              "${source}" -o "${object}"
      DEPENDS "${source}" DEPFILE "${object}.d" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  # Code and data have granules of their own in the TCM, so that code cannot be written.
  add_custom_command(OUTPUT "${GPUSIM_RV32_PROGRAMS}/${name}.elf"
    COMMAND "${GPUSIM_RV32_CXX}" -march=rv32imac -mabi=ilp32 -nostdlib ${objects} -lgcc -Wl,-z,max-page-size=64
            ${arg_LINK} -o "${GPUSIM_RV32_PROGRAMS}/${name}.elf"
    DEPENDS ${objects} VERBATIM)
endfunction()

# gpusim_rv32_program(<name> <optimisation>): tests/core/programs/<name>.cpp, as a part of the target gpusim_rv32_programs.
function(gpusim_rv32_program name optimisation)
  set(folder "${PROJECT_SOURCE_DIR}/tests/core/programs")
  gpusim_rv32_link(${name}
    SOURCES "${folder}/${name}.cpp" "${folder}/runtime.cpp" "${PROJECT_SOURCE_DIR}/firmware/image/memory.cpp"
    COMPILE ${optimisation} LINK -Wl,-e,halt -Wl,-Ttext=0x80001000 -Wl,--no-relax)  # nobody sets gp
  add_custom_target(gpusim_rv32_${name} DEPENDS "${GPUSIM_RV32_PROGRAMS}/${name}.elf")
  add_dependencies(gpusim_rv32_programs gpusim_rv32_${name})
endfunction()

file(MAKE_DIRECTORY "${GPUSIM_RV32_PROGRAMS}")
add_custom_target(gpusim_rv32_programs)

# The firmware, an image for each policy: built, or as it comes along. gpusim::embedded_firmware is their bytes;
# GPUSIM_FIRMWARE_ELF is for debuggers, the one of the policy by default with all that is known of it.
set(GPUSIM_FIRMWARE_ELF "${PROJECT_SOURCE_DIR}/firmware/image/gpusim_firmware.elf")
set(images "")
foreach(policy IN ITEMS RoundRobin TickRotation ListWalk HostSlots)  # by abi::RunPolicy
  set(name gpusim_firmware)
  if(NOT policy STREQUAL "RoundRobin")
    string(APPEND name "_${policy}")
  endif()
  set(firmware "${PROJECT_SOURCE_DIR}/firmware/image/${name}.elf")
  if(GPUSIM_RV32_CXX)
    gpusim_rv32_link(${name}
      SOURCES "${PROJECT_SOURCE_DIR}/firmware/image/entry.cpp" "${PROJECT_SOURCE_DIR}/firmware/image/memory.cpp"
      COMPILE -Os -g -ffunction-sections -DGPUSIM_POLICY=${policy}
      LINK -Wl,-T,${PROJECT_SOURCE_DIR}/firmware/image/image.ld -Wl,--gc-sections)
    set(firmware "${GPUSIM_RV32_PROGRAMS}/${name}_stripped.elf")
    add_custom_command(OUTPUT "${firmware}"
      COMMAND "${GPUSIM_RV32_STRIP}" --strip-debug -o "${firmware}" "${GPUSIM_RV32_PROGRAMS}/${name}.elf"
      DEPENDS "${GPUSIM_RV32_PROGRAMS}/${name}.elf" VERBATIM)
  endif()
  list(APPEND images "${firmware}")
endforeach()
if(GPUSIM_RV32_CXX)
  set(GPUSIM_FIRMWARE_ELF "${GPUSIM_RV32_PROGRAMS}/gpusim_firmware.elf")
endif()
set(embedded "${PROJECT_BINARY_DIR}/firmware_image.cpp")
add_custom_command(OUTPUT "${embedded}"
  COMMAND ${CMAKE_COMMAND} "-DFILES=${images}" "-DOUTPUT=${embedded}" -P "${PROJECT_SOURCE_DIR}/cmake/embed_firmware.cmake"
  DEPENDS ${images} "${PROJECT_SOURCE_DIR}/cmake/embed_firmware.cmake" VERBATIM)
gpusim_library(embedded_firmware SOURCES "${embedded}")
target_link_libraries(gpusim_sim_hw PUBLIC gpusim::embedded_firmware)

if(GPUSIM_RV32_CXX)
  gpusim_rv32_program(small -O2)
  gpusim_rv32_program(runlist -Os)  # firmware has to be small
  gpusim_rv32_program(handlers -Os)
  gpusim_rv32_program(handlers_tick -Os)  # with other policies
  gpusim_rv32_program(handlers_walk -Os)
  gpusim_rv32_program(handlers_host -Os)
  gpusim_rv32_program(runlist_example -Os)  # with that of docs/policy.md
  gpusim_rv32_program(handlers_example -Os)
endif()

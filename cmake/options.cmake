# SPDX-License-Identifier: MIT
#
# What holds for every target: language, build type, reproducible arithmetic, sanitizers, compiler cache.

option(BUILD_TESTING "Build the tests" ON)
option(GPUSIM_UNITY "Compile several files of a room as one" OFF)
option(GPUSIM_BENCH "Build the benchmarks with everything else, without tests, too" OFF)
option(GPUSIM_WERROR "Treat warnings as errors" OFF)
option(GPUSIM_FUZZ "Build the fuzzers of what reads files: clang with libFuzzer" OFF)
set(GPUSIM_SANITIZE "" CACHE STRING "Sanitizers as for -fsanitize=, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Results must be the same bits under every compiler: no fused multiply-add, no instruction set of the build machine.
add_compile_options(-ffp-contract=off)

# A coroutine that resumes another one must not grow the stack, and g++ keeps that promise only with this pass on.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-foptimize-sibling-calls)
endif()

# A file is compiled faster if g++ does not look for garbage before it has used this much memory (kB).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(--param=ggc-min-heapsize=400000)
endif()

if(GPUSIM_SANITIZE)
  add_compile_options(-fsanitize=${GPUSIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GPUSIM_SANITIZE})
  # Clang's guess of an object's size, made after optimisation, is wrong of the end of a reversed array.
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options(-fno-sanitize=object-size)
  endif()
  # The checks' descriptions are millions of pointers: fixed when the program is linked, not whenever a test starts.
  add_compile_options(-fno-pie)
  add_link_options(-no-pie)
endif()

if(GPUSIM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# ccache, when it is there. The sloppiness settings and compiler flags are what it needs to cache precompiled headers. The
# base directory makes paths relative, which lets a second clone of the repository share most of the cache.
find_program(GPUSIM_CCACHE ccache)
mark_as_advanced(GPUSIM_CCACHE)
set(path_to_source "${PROJECT_SOURCE_DIR}")
if(GPUSIM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" "${GPUSIM_CCACHE}")
  file(RELATIVE_PATH path_to_source "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
  string(REGEX REPLACE "/$" "" path_to_source "${path_to_source}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()

# __FILE__ is the path inside the repository, wherever that lies.
add_compile_options("-fmacro-prefix-map=${path_to_source}/=")

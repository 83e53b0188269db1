# SPDX-License-Identifier: MIT
#
# Finds SystemC (headers and library) and defines SystemC::systemc. SYSTEMC_HOME (CMake or environment) may name a prefix.
#
# The library exports a symbol sc_api_version_<version>_cxx<standard>L, and every user asks for the one of its own C++
# standard: a C++20 program does not link with a library built as C++17. SC_CPLUSPLUS says which standard the library was
# built for and keeps the rest of that check alive; it is part of the target, so nobody can forget it.

find_path(SystemC_INCLUDE_DIR systemc HINTS "${SYSTEMC_HOME}" ENV SYSTEMC_HOME PATH_SUFFIXES include)
find_library(SystemC_LIBRARY systemc HINTS "${SYSTEMC_HOME}" ENV SYSTEMC_HOME PATH_SUFFIXES lib lib64 lib-linux64)
mark_as_advanced(SystemC_INCLUDE_DIR SystemC_LIBRARY)

if(SystemC_LIBRARY AND NOT SystemC_CPLUSPLUS)
  set(_systemc_symbols "")
  if(CMAKE_NM)
    execute_process(COMMAND "${CMAKE_NM}" -D --defined-only "${SystemC_LIBRARY}"
                    OUTPUT_VARIABLE _systemc_symbols ERROR_QUIET)
    if(NOT _systemc_symbols)  # a static library has no dynamic symbols
      execute_process(COMMAND "${CMAKE_NM}" --defined-only "${SystemC_LIBRARY}"
                      OUTPUT_VARIABLE _systemc_symbols ERROR_QUIET)
    endif()
  endif()
  if(_systemc_symbols MATCHES "sc_api_version_([0-9]+)_([0-9]+)_([0-9]+)_cxx([0-9]+)L")
    set(_systemc_version "${CMAKE_MATCH_1}.${CMAKE_MATCH_2}.${CMAKE_MATCH_3}")
    set(_systemc_standard "${CMAKE_MATCH_4}L")
  else()
    set(_systemc_version "")
    set(_systemc_standard 201703L)
  endif()
  set(SystemC_VERSION "${_systemc_version}" CACHE INTERNAL "Version of the SystemC library")
  set(SystemC_CPLUSPLUS "${_systemc_standard}" CACHE STRING "C++ standard the SystemC library was built for")
  mark_as_advanced(SystemC_CPLUSPLUS)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SystemC REQUIRED_VARS SystemC_LIBRARY SystemC_INCLUDE_DIR
                                  VERSION_VAR SystemC_VERSION)

if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
  find_package(Threads REQUIRED)
  add_library(SystemC::systemc UNKNOWN IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES IMPORTED_LOCATION "${SystemC_LIBRARY}")
  target_include_directories(SystemC::systemc SYSTEM INTERFACE "${SystemC_INCLUDE_DIR}")
  # The TLM convenience sockets want SC_INCLUDE_DYNAMIC_PROCESSES before the first include of SystemC, wherever that is.
  target_compile_definitions(SystemC::systemc INTERFACE "SC_CPLUSPLUS=${SystemC_CPLUSPLUS}"
                                                        SC_INCLUDE_DYNAMIC_PROCESSES)
  target_link_libraries(SystemC::systemc INTERFACE Threads::Threads)
endif()

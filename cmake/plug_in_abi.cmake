# SPDX-License-Identifier: MIT
#
# Run by each build, as a script: what a plug-in has to match, as OUTPUT.txt and, for the program, OUTPUT.cpp; written
# only if it has changed. SOURCE_DIR, PROJECT_VERSION and SANITIZE are given. The hash of the headers stands for
# their layout: whoever changes one makes another interface.
cmake_policy(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/public_headers.cmake")
gpusim_public_headers(headers "${SOURCE_DIR}")
set(hashes "")
foreach(header IN LISTS headers)
  file(SHA256 "${SOURCE_DIR}/${header}" hash)
  string(APPEND hashes "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING "${hash}" 0 16 hash)
string(REPLACE "," " and " with "${SANITIZE}")
set(abi "gpusim ${PROJECT_VERSION}, headers ${hash}")
if(with)
  string(APPEND abi ", with ${with}")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}.txt" CONTENT "${abi}\n")
file(CONFIGURE OUTPUT "${OUTPUT}.cpp" CONTENT "// Written by cmake/plug_in_abi.cmake.
#include <string_view>

namespace gpusim::hw {

[[nodiscard]] std::string_view plug_in_abi();  // sim/hw/plug_in.h
std::string_view plug_in_abi() { return \"${abi}\"; }

}  // namespace gpusim::hw
")

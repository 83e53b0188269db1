# SPDX-License-Identifier: MIT
#
# One library for each room of cmake/rooms.txt.

# gpusim_pch(<name> [LINK <target>...])
#
# Defines gpusim_pch_<name>, which owns the precompiled header cmake/pch_<name>.h for all targets that say PCH <name>.
# LINK: targets whose compile definitions its users have, too; a compiler refuses a header made with other ones.
function(gpusim_pch name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  set(source "${PROJECT_BINARY_DIR}/pch/${name}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "// Owner of cmake/pch_${name}.h\n")
  add_library(gpusim_pch_${name} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_include_directories(gpusim_pch_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(gpusim_pch_${name} PRIVATE ${arg_LINK})
  # In angle brackets the path of the repository stays out of the header, and clones can share it through ccache.
  target_precompile_headers(gpusim_pch_${name} PRIVATE <cmake/pch_${name}.h>)
endfunction()

# gpusim_unity(<target>)
#
# With the option GPUSIM_UNITY, six files of the target at a time are compiled as one, in half the time that they take
# alone. Names in anonymous namespaces must therefore be unique in the target.
function(gpusim_unity target)
  if(NOT GPUSIM_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes what stands in an included .cpp file for the contents of a header.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# gpusim_library(<name> SOURCES <file>... [DEPENDS <target>...] [OPTIONS <flag>...] [PCH <name>] [UNITY])
#
# Defines gpusim_<name> and gpusim::<name>: a static library, or an interface library where there is no source.
# UNITY: see gpusim_unity().
function(gpusim_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "UNITY" "PCH" "SOURCES;DEPENDS;OPTIONS")
  if(arg_SOURCES)
    add_library(gpusim_${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_compile_options(gpusim_${name} PRIVATE ${arg_OPTIONS})
    if(arg_UNITY)
      gpusim_unity(gpusim_${name})
    endif()
    if(arg_PCH)
      target_precompile_headers(gpusim_${name} REUSE_FROM gpusim_pch_${arg_PCH})
    endif()
  else()
    add_library(gpusim_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(gpusim::${name} ALIAS gpusim_${name})
  target_include_directories(gpusim_${name} ${scope} "${PROJECT_SOURCE_DIR}")
  target_link_libraries(gpusim_${name} ${scope} ${arg_DEPENDS})
endfunction()

# Libraries of others by their names in the table; those without a target here are headers of the system.
set(GPUSIM_LIBRARY_asio gpusim::asio)
set(GPUSIM_LIBRARY_systemc SystemC::systemc)
set(GPUSIM_LIBRARY_toml gpusim::toml)
set(GPUSIM_LIBRARY_json nlohmann_json::nlohmann_json)
set(GPUSIM_LIBRARY_cli CLI11::CLI11)
set(GPUSIM_LIBRARY_fmt fmt::fmt)
set(GPUSIM_LIBRARY_spdlog spdlog::spdlog)
set(GPUSIM_LIBRARY_pugixml pugixml::pugixml)
set(GPUSIM_LIBRARY_posix "")
set(GPUSIM_LIBRARY_elf "")
set(GPUSIM_LIBRARY_freestanding "")

# Rooms of the models are compiled file by file: changed copies of single files must be able to take their place.
set(GPUSIM_SINGLE_FILES os scheduler firmware/abi firmware/runlist firmware/main host_driver sim/fault sim/hw)

# gpusim_rooms()
#
# Defines gpusim_<folder> and gpusim::<folder>, "/" as "_", for each row of cmake/rooms.txt, from all .cpp files below the
# folder that stand in no other room. A new file is found by itself. main.cpp is the program's and in no library.
function(gpusim_rooms)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/rooms.txt")
  file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/rooms.txt" rows REGEX "^[^#]")
  foreach(row IN LISTS rows)
    string(REGEX REPLACE " *\\| *" "|" row "${row}")
    if(NOT row MATCHES "^([^|]+)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|")
      message(FATAL_ERROR "cmake/rooms.txt: not a row of five cells: ${row}")
    endif()
    set(folder "${CMAKE_MATCH_1}")
    separate_arguments(uses UNIX_COMMAND "${CMAKE_MATCH_2}")
    separate_arguments(libraries UNIX_COMMAND "${CMAKE_MATCH_3}")
    set(pch "${CMAKE_MATCH_4}")

    set(depends "")
    foreach(other IN LISTS uses)
      string(REPLACE "/" "_" other "${other}")
      if(NOT TARGET gpusim::${other})
        message(FATAL_ERROR "cmake/rooms.txt: ${folder} uses ${other}, which stands below it or nowhere")
      endif()
      list(APPEND depends gpusim::${other})
    endforeach()
    set(options "")
    foreach(library IN LISTS libraries)
      if(NOT DEFINED GPUSIM_LIBRARY_${library})
        message(FATAL_ERROR "cmake/rooms.txt: ${folder} uses ${library}, which is no library")
      endif()
      list(APPEND depends ${GPUSIM_LIBRARY_${library}})
      if(library STREQUAL "freestanding")
        set(options -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics)
      endif()
    endforeach()

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "/firmware/image/")  # for another machine: rv32_programs.cmake
    string(REPLACE "/" "_" name "${folder}")
    set(unity UNITY)
    if(folder IN_LIST GPUSIM_SINGLE_FILES)
      set(unity "")
    endif()
    gpusim_library(${name} SOURCES ${sources} DEPENDS ${depends} OPTIONS ${options} PCH ${pch} ${unity})
  endforeach()
endfunction()

# SPDX-License-Identifier: MIT

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

# gpusim_room(<name> [FOLDER <folder>] [DEPENDS <target>...] [EXCLUDE <file>...] [OPTIONS <flag>...] [PCH <name>])
#
# Defines gpusim_<name> and gpusim::<name> from all .cpp files below the folder (the room's name if none is given):
# a static library, or an interface library while there is no source.
function(gpusim_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER;PCH" "DEPENDS;EXCLUDE;OPTIONS")
  if(NOT arg_FOLDER)
    set(arg_FOLDER "${name}")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.cpp")
  foreach(file IN LISTS arg_EXCLUDE)
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/${file}")
  endforeach()

  if(sources)
    add_library(gpusim_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_compile_options(gpusim_${name} PRIVATE ${arg_OPTIONS})
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

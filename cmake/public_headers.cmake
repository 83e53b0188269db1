# SPDX-License-Identifier: MIT
#
# The headers that a plug-in sees: sim/hw/plug_in.h, what helps with processes of one's own, and all that they include.
# Included by scripts, too: nothing here needs a project.
set(GPUSIM_PUBLIC_ROOTS sim/hw/plug_in.h sim/hw/kernel_time.h sim/hw/patient_target.h base/invariant.h)
cmake_policy(VERSION 3.25)

# gpusim_public_headers(<variable> <source directory>): their paths below it, sorted.
function(gpusim_public_headers result source_dir)
  set(open ${GPUSIM_PUBLIC_ROOTS})
  set(found "")
  while(open)
    list(POP_FRONT open header)
    list(APPEND found "${header}")
    file(STRINGS "${source_dir}/${header}" lines REGEX "^#include \"")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" other "${line}")
      if(NOT other IN_LIST found AND NOT other IN_LIST open)
        list(APPEND open "${other}")
      endif()
    endforeach()
  endwhile()
  list(SORT found)
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

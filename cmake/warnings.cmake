# SPDX-License-Identifier: MIT
#
# One set of warnings for the whole tree, chosen so that g++ and clang++ ask for the same things.

add_compile_options(
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wextra-semi
  -Wcast-align -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wunused -Wundef -Wdouble-promotion
  # clang++ counts this one to -Wconversion, g++ does not.
  -Wno-sign-conversion
  # A Spec is written with designated initialisers; what is left out has its default in the struct.
  -Wno-missing-field-initializers)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wsuggest-override)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)  # false alarms on std::string concatenation (GCC bug 105651)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wsuggest-override -Wno-missing-designated-field-initializers)
endif()

if(GPUSIM_WERROR)
  add_compile_options(-Werror)
endif()

# SPDX-License-Identifier: MIT
#
# What plug-ins need (docs/plug-in.md): the program exports its symbols, the models' among them whether it uses them or
# not; and cmake --install copies the headers and gpusimConfig.cmake.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Looked up by each build, as the version: another header compiles one small file.
set(gpusim_abi "${PROJECT_BINARY_DIR}/plug_in_abi")
add_custom_target(gpusim_plug_in_abi_text
  COMMAND ${CMAKE_COMMAND} "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${gpusim_abi}"
          "-DPROJECT_VERSION=${PROJECT_VERSION}" "-DSANITIZE=${GPUSIM_SANITIZE}"
          -P "${PROJECT_SOURCE_DIR}/cmake/plug_in_abi.cmake"
  BYPRODUCTS "${gpusim_abi}.cpp" "${gpusim_abi}.txt" COMMENT "Looking up what plug-ins have to match" VERBATIM)
gpusim_library(plug_in_abi SOURCES "${gpusim_abi}.cpp")
add_dependencies(gpusim_plug_in_abi gpusim_plug_in_abi_text)
target_link_libraries(gpusim_sim_scenario PUBLIC gpusim::plug_in_abi)

set_target_properties(gpusim PROPERTIES ENABLE_EXPORTS ON)
set(whole "")
foreach(room IN ITEMS base traces_event core sim_fault sim_hw)  # of the public headers
  list(APPEND whole "$<TARGET_FILE:gpusim_${room}>")
endforeach()
target_link_options(gpusim PRIVATE -Wl,--whole-archive ${whole} -Wl,--no-whole-archive)

set(gpusim_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gpusim")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/gpusimConfig.cmake.in" "${PROJECT_BINARY_DIR}/gpusimConfig.cmake"
                              INSTALL_DESTINATION "${gpusim_cmake_dir}"
                              PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gpusimConfigVersion.cmake" COMPATIBILITY ExactVersion)
install(FILES "${PROJECT_BINARY_DIR}/gpusimConfig.cmake" "${PROJECT_BINARY_DIR}/gpusimConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindSystemC.cmake" "${gpusim_abi}.txt"
        DESTINATION "${gpusim_cmake_dir}")
# As the headers are then: the list is not older than they are.
install(CODE "
  include(\"${PROJECT_SOURCE_DIR}/cmake/public_headers.cmake\")
  gpusim_public_headers(headers \"${PROJECT_SOURCE_DIR}\")
  foreach(header IN LISTS headers)
    get_filename_component(folder \"\${header}\" DIRECTORY)
    file(INSTALL \"${PROJECT_SOURCE_DIR}/\${header}\"
         DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/gpusim/\${folder}\")
  endforeach()")

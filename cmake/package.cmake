# SPDX-License-Identifier: MIT
#
# What `cmake --install` copies, and a Debian package of it. The program finds its presets from where it lies.
include(GNUInstallDirs)

# The program writes its own manual page and completions.
set(generated "${PROJECT_BINARY_DIR}/manual")
file(MAKE_DIRECTORY "${generated}")
set(gpusim_generated "")
foreach(row IN ITEMS "gpusim.1|manual" "gpusim.bash|completion bash" "_gpusim|completion zsh")
  string(REGEX MATCH "^([^|]*)[|](.*)$" row "${row}")
  set(file "${generated}/${CMAKE_MATCH_1}")
  separate_arguments(arguments UNIX_COMMAND "${CMAKE_MATCH_2}")
  add_custom_command(OUTPUT "${file}" COMMAND gpusim ${arguments} > "${file}" DEPENDS gpusim COMMENT "Writing ${CMAKE_MATCH_1}" VERBATIM)
  list(APPEND gpusim_generated "${file}")
endforeach()
add_custom_target(gpusim_manual ALL DEPENDS ${gpusim_generated})

install(TARGETS gpusim RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY configs/ DESTINATION "${CMAKE_INSTALL_DATADIR}/gpusim")
install(FILES "${GPUSIM_FIRMWARE_ELF}" DESTINATION "${CMAKE_INSTALL_DATADIR}/gpusim/firmware")
install(FILES "${generated}/gpusim.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${generated}/gpusim.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME gpusim)
install(FILES "${generated}/_gpusim" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(FILES README.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the gpusim developers <gpusim@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)

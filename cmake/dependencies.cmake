# SPDX-License-Identifier: MIT
#
# The libraries of others, each as one target that carries all its flags.

find_package(Threads REQUIRED)
find_package(Boost 1.74 CONFIG REQUIRED)
find_package(SystemC REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)

# Asio, headers only.
add_library(gpusim_asio INTERFACE)
add_library(gpusim::asio ALIAS gpusim_asio)
target_link_libraries(gpusim_asio INTERFACE Boost::headers Threads::Threads)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND Boost_VERSION VERSION_LESS 1.78)
  # These versions of Boost know the coroutines of g++ only.
  target_compile_definitions(gpusim_asio INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1)
endif()

# toml++, headers only: the package's own target would link its shared library.
find_path(GPUSIM_TOML_INCLUDE_DIR toml++/toml.h REQUIRED)
mark_as_advanced(GPUSIM_TOML_INCLUDE_DIR)
add_library(gpusim_toml INTERFACE)
add_library(gpusim::toml ALIAS gpusim_toml)
target_include_directories(gpusim_toml SYSTEM INTERFACE "${GPUSIM_TOML_INCLUDE_DIR}")
target_compile_definitions(gpusim_toml INTERFACE TOML_HEADER_ONLY=1)

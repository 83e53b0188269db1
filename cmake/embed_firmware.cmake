# SPDX-License-Identifier: MIT
#
# Run by the build, as a script: writes OUTPUT, a source with the bytes of each of FILES, by abi::RunPolicy.
set(arrays "")
set(spans "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "const unsigned char kImage${number}[] = {\n${bytes}};\n")
  string(APPEND spans "std::as_bytes(std::span{kImage${number}}), ")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"sim/hw/firmware_image.h\"

namespace gpusim::hw {

namespace {
${arrays}}  // namespace

std::span<const std::byte> firmware_image(abi::RunPolicy policy) {
  const std::span<const std::byte> images[]{${spans}};
  return images[static_cast<unsigned>(policy)];
}

}  // namespace gpusim::hw
")

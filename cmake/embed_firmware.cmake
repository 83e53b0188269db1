# SPDX-License-Identifier: MIT
#
# Run by the build, as a script: writes OUTPUT, a source with the bytes of FILE.
file(READ "${FILE}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"sim/hw/firmware_image.h\"

namespace gpusim::hw {

namespace {
const unsigned char kImage[] = {
${bytes}};
}  // namespace

std::span<const std::byte> firmware_image() { return std::as_bytes(std::span{kImage}); }

}  // namespace gpusim::hw
")

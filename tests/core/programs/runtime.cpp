// SPDX-License-Identifier: MIT
// Where a function of a test's program returns to.

extern "C" {

void halt();
void halt() {
  for (;;) asm volatile("ebreak");
}

}  // extern "C"

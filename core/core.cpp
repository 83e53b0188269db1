// SPDX-License-Identifier: MIT
#include "core/core.h"

#include <algorithm>
#include <limits>

namespace gpusim::rv32 {

Core::Core(Tcm& tcm, Bus& bus, const CoreSpec& spec)
    : tcm_{tcm}, bus_{bus}, spec_{spec}, cache_{tcm, spec.costs}, csrs_{spec.hart} {}

void Core::reset(std::uint32_t pc) {
  csrs_ = Csrs{spec_.hart};
  x_.fill(0);
  set_pc(pc);
  reservation_.reset();
  access_ = {};
  trap_ = {};
  cache_.forget_all();
}

void Core::set_pc(std::uint32_t pc) {
  pc_ = pc;
  is_waiting_ = false;
  passed_.reset();
  reply_.reset();
}

void Core::set_x(std::uint32_t number, std::uint32_t value) {
  if (number != 0) x_[number] = value;
}

std::optional<std::uint32_t> Core::csr(Csr number) const {
  return csrs_.read(static_cast<std::uint32_t>(number), counts_);
}

bool Core::set_csr(Csr number, std::uint32_t value) {
  return csrs_.write(static_cast<std::uint32_t>(number), value, counts_);
}

void Core::note_write(std::uint32_t address, std::uint32_t size) {
  cache_.forget(address, size);
  // Words in front of the range that reach into it count, too; both sides may wrap.
  if (reservation_ && (*reservation_ - address < size || address - *reservation_ < 4)) reservation_.reset();
}

void Core::complete(BusReply reply) { reply_ = reply; }

Stop Core::run(std::uint64_t cycles) {
  const std::uint64_t limit =
      counts_.cycles + std::min(cycles, std::numeric_limits<std::uint64_t>::max() - counts_.cycles);
  for (;;) {
    if (is_waiting_ && !csrs_.wakes()) return Stop::wfi;
    if (counts_.cycles >= limit) return Stop::budget;
    is_waiting_ = false;
    std::optional<Stop> stop;
    if (reply_) {
      const BusReply reply = *reply_;
      reply_.reset();
      stop = finish_access(accessing_, reply);
    } else if (const std::optional<Line> line = csrs_.due()) {
      enter(kInterrupt | static_cast<std::uint32_t>(*line), 0);
    } else {
      stop = proceed(limit);
    }
    if (stop) return *stop;
  }
}

std::optional<Stop> Core::proceed(std::uint64_t limit) {
  const Instruction* first = cache_.at(pc_);
  const bool is_passed = passed_ == pc_;
  passed_.reset();
  if (first->op == Op::breakpoint && !is_passed) {
    passed_ = pc_;
    return Stop::breakpoint;
  }
  if (is_passed || first->cycles > limit - counts_.cycles) first = cache_.alone(pc_);
  const Instruction* const rest = execute(first, limit);
  if (rest->op == Op::pause || rest->op == Op::breakpoint) return std::nullopt;
  return handle(Instruction{*rest});  // a copy: what it does may change the cache
}

void Core::retire(const Instruction& instruction) {
  pc_ += instruction.halfwords * 2U;
  counts_.cycles += spec_.costs.of(instruction.op);
  ++counts_.instructions;
}

void Core::enter(std::uint32_t cause, std::uint32_t value) {
  reservation_.reset();
  counts_.cycles += spec_.costs.trap;
  pc_ = csrs_.enter(cause, value, pc_);
}

std::optional<Stop> Core::raise(Cause cause, std::uint32_t value) {
  trap_ = {.cause = cause, .value = value, .pc = pc_};
  enter(static_cast<std::uint32_t>(cause), value);
  if ((spec_.reported_traps >> static_cast<unsigned>(cause) & 1) != 0) return Stop::trap;
  return std::nullopt;
}

}  // namespace gpusim::rv32

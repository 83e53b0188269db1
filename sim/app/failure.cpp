// SPDX-License-Identifier: MIT
#include "sim/app/failure.h"

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <new>
#include <system_error>

#include "base/invariant.h"
#include "sim/app/exit_code.h"

namespace gpusim::app {

int exit_code_of_error(int error) {
  const bool is_lack = error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN || error == ENOBUFS;
  return is_lack ? kNoResources : kBadInput;
}

Failure failure_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::bad_alloc&) {
    return {kNoResources, kOutOfMemory};
  } catch (const std::system_error& error) {
    return {exit_code_of_error(error.code().value()), error.what()};
  } catch (const boost::system::system_error& error) {
    return {exit_code_of_error(error.code().value()), error.what()};
  } catch (const InvariantViolation& violation) {
    return {kInvariantBroken, std::string{"a rule of the model is broken: "} + violation.what()};
  } catch (const std::exception& error) {
    return {kInvariantBroken, std::string{"the simulator is broken: "} + error.what()};
  } catch (...) {
    return {kInvariantBroken, "the simulator is broken"};
  }
}

}  // namespace gpusim::app

// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_client.h"

#include "sim/workload/wsim_interpreter.h"

namespace gpusim::workload {

os::Task<ClientEnd> run_wsim(os::Context& ctx, const WsimSpec& spec, const ClientEnvironment& environment) {
  WsimInterpreter interpreter{ctx, spec, environment};
  const ClientEnd end = co_await interpreter.run(ctx);
  co_await interpreter.finish(ctx, end.error != Errno::ok);
  co_return end;
}

}  // namespace gpusim::workload

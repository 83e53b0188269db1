// SPDX-License-Identifier: MIT
#include "os/poll.h"

#include "os/host.h"
#include "os/sync.h"

namespace gpusim::os {

Task<> poll_until(Context& ctx, const PollSpec& spec, BlockedOn reason, const PollCondition& condition) {
  Thread& thread = thread_of(ctx, reason.what);
  Host& host = ctx.host();
  reason.is_killable = true;
  const Host::Poller poller{host, thread, condition};
  for (;;) {
    ctx.charge(spec.look);
    co_await ctx.step();
    if (condition.holds() || thread.is_killed()) co_return;
    if (host.is_left_to_pollers()) {
      co_await thread.blocked(reason);
    } else if (spec.pause.count() != 0) {
      co_await sleep_in_user_mode(ctx, ctx.now() + spec.pause);
    }
  }
}

}  // namespace gpusim::os

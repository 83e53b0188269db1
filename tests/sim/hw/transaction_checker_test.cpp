// SPDX-License-Identifier: MIT
// Each of TLM-2.0's rules that the checker holds initiators and targets to, broken on purpose by one of the two.
#include "sim/hw/transaction_checker.h"

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"
#include "sim/system/kernel.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

using Payload = tlm::tlm_generic_payload;

/// An initiator and a target with a checker between them. What they say is the test's.
struct Pair : sc_core::sc_module, tlm::tlm_mm_interface {
  tlm_utils::simple_initiator_socket<Pair> initiator{"initiator"};
  tlm_utils::simple_target_socket<Pair> target{"target"};
  hw::TransactionChecker checker{"checker"};

  std::array<unsigned char, 8> data{1, 2, 3, 4};
  std::array<unsigned char, 8> other{};
  Payload first{this};
  Payload second{this};

  std::function<void(Payload&, sc_core::sc_time&)> on_b = [](Payload& p, sc_core::sc_time&) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&)> on_forward = [](Payload&, tlm::tlm_phase&) {
    return tlm::TLM_ACCEPTED;
  };
  std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&)> on_backward = [](Payload&, tlm::tlm_phase&) {
    return tlm::TLM_ACCEPTED;
  };
  std::function<bool(tlm::tlm_dmi&)> on_direct = [](tlm::tlm_dmi&) { return false; };
  unsigned seen = 0;  // by a debug access
  std::function<void()> act;
  std::string broken;

  explicit Pair(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    initiator.bind(checker.from_initiator);
    checker.to_target.bind(target);
    target.register_b_transport(this, &Pair::b_transport);
    target.register_nb_transport_fw(this, &Pair::forward);
    target.register_get_direct_mem_ptr(this, &Pair::direct);
    target.register_transport_dbg(this, &Pair::debug);
    initiator.register_nb_transport_bw(this, &Pair::backward);
    initiator.register_invalidate_direct_mem_ptr(this, &Pair::invalidated);
    for (Payload* p : {&first, &second}) {
      p->set_command(tlm::TLM_WRITE_COMMAND);
      p->set_data_ptr(data.data());
      p->set_data_length(4);
      p->set_streaming_width(4);
      p->acquire();
    }
    SC_HAS_PROCESS(Pair);
    SC_METHOD(run);
  }

  void free(Payload*) override {}

  // The initiator's words.
  void send_b(Payload& p, Picoseconds at_delay = ns(5)) {
    sc_core::sc_time delay = hw::to_sc(at_delay);
    initiator->b_transport(p, delay);
  }
  tlm::tlm_sync_enum send(Payload& p, tlm::tlm_phase phase, Picoseconds at_delay = ns(5)) {
    sc_core::sc_time delay = hw::to_sc(at_delay);
    return initiator->nb_transport_fw(p, phase, delay);
  }
  tlm::tlm_sync_enum begin(Payload& p) { return send(p, tlm::BEGIN_REQ); }
  // The target's.
  void answer(Payload& p, tlm::tlm_phase phase, Picoseconds at_delay = ns(5)) {
    sc_core::sc_time delay = hw::to_sc(at_delay);
    (void)target->nb_transport_bw(p, phase, delay);
  }
  void respond(Payload& p) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    answer(p, tlm::BEGIN_RESP);
  }

 private:
  void run() {
    try {
      act();
    } catch (const InvariantViolation& violation) {
      CHECK(violation.oracle() == "tlm");
      broken = violation.what();
    }
    sc_core::sc_stop();
  }
  void b_transport(Payload& p, sc_core::sc_time& delay) { on_b(p, delay); }
  tlm::tlm_sync_enum forward(Payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) { return on_forward(p, phase); }
  tlm::tlm_sync_enum backward(Payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) { return on_backward(p, phase); }
  bool direct(Payload&, tlm::tlm_dmi& dmi) { return on_direct(dmi); }
  void invalidated(sc_dt::uint64, sc_dt::uint64) {}
  unsigned debug(Payload&) { return seen; }
};

/// What the checker says of it; empty: nothing.
std::string broken_rule(const std::function<void(Pair&)>& act) {
  system::Kernel kernel;
  Pair pair{"pair"};
  pair.act = [&] { act(pair); };
  kernel.run();
  return pair.broken;
}

struct Case {
  const char* rule;
  std::function<void(Pair&)> act;
};

/// The target does `change` to a transaction that it gets by b_transport.
std::function<void(Pair&)> target_does(std::function<void(Pair&, Payload&)> change) {
  return [change = std::move(change)](Pair& pair) {
    pair.on_b = [&](Payload& p, sc_core::sc_time&) {
      p.set_response_status(tlm::TLM_OK_RESPONSE);
      change(pair, p);
    };
    pair.send_b(pair.first);
  };
}

/// The initiator sends what `change` has made of it.
std::function<void(Pair&)> initiator_sends(std::function<void(Pair&, Payload&)> change) {
  return [change = std::move(change)](Pair& pair) {
    change(pair, pair.first);
    pair.send_b(pair.first);
  };
}

/// The target grants `dmi`, as changed from a good one of addresses 0 to 7.
std::function<void(Pair&)> target_grants(std::function<void(tlm::tlm_dmi&)> change) {
  return [change = std::move(change)](Pair& pair) {
    pair.on_direct = [&](tlm::tlm_dmi& dmi) {
      dmi.set_dmi_ptr(pair.data.data());
      dmi.set_start_address(0);
      dmi.set_end_address(7);
      dmi.allow_read_write();
      change(dmi);
      return true;
    };
    tlm::tlm_dmi dmi;
    (void)pair.initiator->get_direct_mem_ptr(pair.first, dmi);
  };
}

}  // namespace

TEST_CASE("each rule of a request by b_transport is held", "[tlm]") {
  const std::vector<Case> cases{
      {"the command is none",
       initiator_sends([](Pair&, Payload& p) { p.set_command(static_cast<tlm::tlm_command>(3)); })},
      {"no data pointer", initiator_sends([](Pair&, Payload& p) { p.set_data_ptr(nullptr); })},
      {"data length is 0", initiator_sends([](Pair&, Payload& p) { p.set_data_length(0); })},
      {"byte enables, and their length is 0", initiator_sends([](Pair& pair, Payload& p) {
         p.set_byte_enable_ptr(pair.other.data());
         p.set_byte_enable_length(0);
       })},
      {"streaming width is 0", initiator_sends([](Pair&, Payload& p) { p.set_streaming_width(0); })},
      {"other than incomplete",
       initiator_sends([](Pair&, Payload& p) { p.set_response_status(tlm::TLM_OK_RESPONSE); })},
      {"hint of direct access", initiator_sends([](Pair&, Payload& p) { p.set_dmi_allowed(true); })},
      {"sent again before it is over", target_does([](Pair& pair, Payload& p) {
         p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
         pair.send_b(p);
       })},
  };
  for (const Case& each : cases) {
    INFO(each.rule);
    CHECK(broken_rule(each.act).find(each.rule) != std::string::npos);
  }
}

TEST_CASE("each rule of a target of b_transport is held", "[tlm]") {
  const std::vector<Case> cases{
      {"command was changed", target_does([](Pair&, Payload& p) { p.set_command(tlm::TLM_READ_COMMAND); })},
      {"data pointer was changed", target_does([](Pair& pair, Payload& p) { p.set_data_ptr(pair.other.data()); })},
      {"data length was changed", target_does([](Pair&, Payload& p) { p.set_data_length(2); })},
      {"byte enables were changed",
       target_does([](Pair& pair, Payload& p) { p.set_byte_enable_ptr(pair.other.data()); })},
      {"streaming width was changed", target_does([](Pair&, Payload& p) { p.set_streaming_width(8); })},
      {"option was changed", target_does([](Pair&, Payload& p) { p.set_gp_option(tlm::TLM_FULL_PAYLOAD); })},
      {"still incomplete", target_does([](Pair&, Payload& p) { p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE); })},
      {"changed the data of a write", target_does([](Pair& pair, Payload&) { pair.data[0] = 9; })},
      {"ends before it began",
       [](Pair& pair) {
         pair.on_b = [](Payload& p, sc_core::sc_time& delay) {
           p.set_response_status(tlm::TLM_OK_RESPONSE);
           delay = hw::to_sc(ns(1));
         };
         pair.send_b(pair.first);
       }},
  };
  for (const Case& each : cases) {
    INFO(each.rule);
    CHECK(broken_rule(each.act).find(each.rule) != std::string::npos);
  }
}

TEST_CASE("each rule of the base protocol is held", "[tlm]") {
  const std::vector<Case> cases{
      {"without memory management",
       [](Pair& pair) {
         Payload unmanaged;
         pair.first.set_data_ptr(pair.data.data());
         pair.begin(unmanaged);
       }},
      {"that nobody holds",
       [](Pair& pair) {
         pair.first.release();
         pair.begin(pair.first);
       }},
      {"a phase that is the target's", [](Pair& pair) { pair.send(pair.first, tlm::END_REQ); }},
      {"before the one ahead of it has ended",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.begin(pair.second);
       }},
      {"sent again before it is over",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::END_REQ);
         pair.begin(pair.first);
       }},
      {"a response ends that has not begun",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.send(pair.first, tlm::END_RESP);
       }},
      {"that has not begun, or is over", [](Pair& pair) { pair.respond(pair.first); }},
      {"a request ends twice",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::END_REQ);
         pair.answer(pair.first, tlm::END_REQ);
       }},
      {"a phase that is the initiator's",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::BEGIN_REQ);
       }},
      {"a response begins twice",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.respond(pair.first);
         pair.respond(pair.first);
       }},
      {"a response begins before",
       [](Pair& pair) {
         for (Payload* p : {&pair.first, &pair.second}) {
           pair.begin(*p);
           pair.answer(*p, tlm::END_REQ);
         }
         pair.respond(pair.first);
         pair.respond(pair.second);
       }},
      {"still incomplete",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::BEGIN_RESP);
       }},
      {"earlier than the one before",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::END_REQ, ns(4));
       }},
      {"data length was changed",
       [](Pair& pair) {
         pair.begin(pair.first);
         pair.first.set_data_length(8);
         pair.answer(pair.first, tlm::END_REQ);
       }},
      {"an answer to the end of a response",
       [](Pair& pair) {
         pair.on_forward = [](Payload&, tlm::tlm_phase& phase) {
           return phase == tlm::END_RESP ? tlm::TLM_UPDATED : tlm::TLM_ACCEPTED;
         };
         pair.begin(pair.first);
         pair.respond(pair.first);
         pair.send(pair.first, tlm::END_RESP);
       }},
      {"a phase that is not its turn",
       [](Pair& pair) {
         pair.on_backward = [](Payload&, tlm::tlm_phase&) { return tlm::TLM_UPDATED; };
         pair.begin(pair.first);
         pair.respond(pair.first);
       }},
      {"ends a transaction that has no response",
       [](Pair& pair) {
         pair.on_backward = [](Payload&, tlm::tlm_phase&) { return tlm::TLM_COMPLETED; };
         pair.begin(pair.first);
         pair.answer(pair.first, tlm::END_REQ);
       }},
  };
  for (const Case& each : cases) {
    INFO(each.rule);
    CHECK(broken_rule(each.act).find(each.rule) != std::string::npos);
  }
}

TEST_CASE("each rule of direct and debug access is held", "[tlm]") {
  const std::vector<Case> cases{
      {"ends before it starts", target_grants([](tlm::tlm_dmi& dmi) { dmi.set_start_address(8); })},
      {"without a pointer", target_grants([](tlm::tlm_dmi& dmi) { dmi.set_dmi_ptr(nullptr); })},
      {"granted for nothing", target_grants([](tlm::tlm_dmi& dmi) { dmi.allow_none(); })},
      {"other addresses than asked", target_grants([](tlm::tlm_dmi& dmi) { dmi.set_start_address(4); })},
      {"something else than asked", target_grants([](tlm::tlm_dmi& dmi) { dmi.allow_read(); })},
      {"taken back ends before", [](Pair& pair) { pair.target->invalidate_direct_mem_ptr(8, 7); }},
      {"reached more than there is",
       [](Pair& pair) {
         pair.seen = 5;
         pair.initiator->transport_dbg(pair.first);
       }},
  };
  for (const Case& each : cases) {
    INFO(each.rule);
    CHECK(broken_rule(each.act).find(each.rule) != std::string::npos);
  }
}

TEST_CASE("who keeps the rules hears nothing of the checker, and gets through", "[tlm]") {
  CHECK(broken_rule([](Pair& pair) {
          pair.send_b(pair.first);
          CHECK(pair.first.is_response_ok());
          pair.first.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);

          // Four phases; the second request begins when the first has ended.
          CHECK(pair.begin(pair.first) == tlm::TLM_ACCEPTED);
          pair.answer(pair.first, tlm::END_REQ);
          CHECK(pair.begin(pair.second) == tlm::TLM_ACCEPTED);
          pair.respond(pair.first);
          CHECK(pair.send(pair.first, tlm::END_RESP) == tlm::TLM_ACCEPTED);
          // Two: the response ends the request, and the initiator's answer the response.
          pair.on_backward = [](Payload&, tlm::tlm_phase&) { return tlm::TLM_COMPLETED; };
          pair.respond(pair.second);
          // One.
          pair.on_forward = [](Payload& p, tlm::tlm_phase&) {
            p.set_response_status(tlm::TLM_OK_RESPONSE);
            return tlm::TLM_COMPLETED;
          };
          pair.first.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
          CHECK(pair.begin(pair.first) == tlm::TLM_COMPLETED);

          pair.seen = 4;
          CHECK(pair.initiator->transport_dbg(pair.first) == 4);
          tlm::tlm_dmi dmi;
          CHECK_FALSE(pair.initiator->get_direct_mem_ptr(pair.first, dmi));
        }) == "");
}

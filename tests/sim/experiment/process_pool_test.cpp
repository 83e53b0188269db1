// SPDX-License-Identifier: MIT
// The pool of processes: what it reports depends on the pieces alone, whatever dies, and however many processes.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sim/experiment/process_pool.h"
#include "tests/support/catch.h"

using namespace gpusim::experiment;

namespace {

using Results = std::vector<PieceResult>;

void sleep_ms(int time) { std::this_thread::sleep_for(std::chrono::milliseconds{time}); }

PoolReport run_pieces(std::uint64_t pieces, std::size_t processes, const PieceWork& work, bool first_only = false) {
  PoolReport report = run_in_processes({pieces, processes, first_only, {}}, [&] { return work; });
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // no child is left behind
  CHECK(errno == ECHILD);
  return report;
}

}  // namespace

TEST_CASE("results come by index, whatever their size and whoever is first, from other processes", "[pool]") {
  const std::string large(300'000, 'x');
  int calls = 0;
  const PieceWork work = [&](std::uint64_t i) {
    ++calls;
    if (i == 0) sleep_ms(30);
    return i == 4 ? std::string{} : std::to_string(i) + (i == 2 ? large : "");
  };
  const Results expected{{0, "0", false}, {1, "1", false}, {2, "2" + large, false}, {3, "3", false}, {5, "5", false}};
  for (const std::size_t processes : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{1'000}}) {
    CAPTURE(processes);
    const PoolReport report = run_pieces(6, processes, work);
    CHECK(report.results == expected);
    CHECK(report.done == 6);
    CHECK_FALSE(report.interrupted);
  }
  CHECK(calls == 0);  // here
  CHECK(run_pieces(0, 4, work).results.empty());
}

TEST_CASE("a remark is reported, and is not the first of which one is enough", "[pool]") {
  const PieceWork work = [](std::uint64_t i) { return std::string{i == 2 || i == 9 ? "odd" : i == 5 ? "bad" : ""}; };
  for (const std::size_t processes : {std::size_t{1}, std::size_t{3}}) {
    CAPTURE(processes);
    PoolOptions options{10, processes, true, {}};
    options.remark = "odd";
    CHECK(run_in_processes(options, [&] { return work; }).results == Results{{2, "odd", false}, {5, "bad", false}});
    options.first_only = false;
    CHECK(run_in_processes(options, [&] { return work; }).results ==
          Results{{2, "odd", false}, {5, "bad", false}, {9, "odd", false}});
  }
}

TEST_CASE("a piece that dies is known, and another process does the rest", "[pool]") {
  const PieceWork work = [](std::uint64_t i) -> std::string {
    if (i == 1) _exit(0);
    if (i == 2) std::raise(SIGKILL);
    if (i == 3) throw std::runtime_error{"thrown"};
    return "done";
  };
  const Results expected{{0, "done", false}, {1, "", true},      {2, "", true},
                         {3, "", true},      {4, "done", false}, {5, "done", false}};
  for (const std::size_t processes : {std::size_t{1}, std::size_t{3}}) {
    CAPTURE(processes);
    const PoolReport report = run_pieces(6, processes, work);
    CHECK(report.results == expected);
    CHECK(report.done == 6);
  }
}

TEST_CASE("work that cannot even be made dies with each piece, and the pool ends", "[pool]") {
  const PoolReport report =
      run_in_processes({3, 2, false, {}}, []() -> PieceWork { throw std::runtime_error{"no work"}; });
  CHECK(report.results == Results{{0, "", true}, {1, "", true}, {2, "", true}});
}

TEST_CASE("work is made once in each process", "[pool]") {
  const PoolReport report = run_in_processes({20, 1, false, {}}, [made = 0]() mutable -> PieceWork {
    ++made;
    return [made](std::uint64_t) { return std::to_string(made); };
  });
  REQUIRE(report.results.size() == 20);
  for (const PieceResult& result : report.results) CHECK(result.text == "1");
}

TEST_CASE("if the first is enough, it is the lowest, and the pool ends soon after", "[pool]") {
  constexpr std::uint64_t kForEver = 1'000'000'000'000;
  const PieceWork finds = [](std::uint64_t i) -> std::string {
    if (i == 31) sleep_ms(30);  // some above are through before
    return i == 31 || i > 35 ? "found" : "";
  };
  const PieceWork dies = [](std::uint64_t i) -> std::string {
    if (i == 20) _exit(1);
    return "";
  };
  for (const std::size_t processes : {std::size_t{1}, std::size_t{2}, std::size_t{50}}) {
    CAPTURE(processes);
    CHECK(run_pieces(kForEver, processes, finds, true).results == Results{{31, "found", false}});
    CHECK(run_pieces(kForEver, processes, dies, true).results == Results{{20, "", true}});
  }
}

TEST_CASE("progress goes up to the end", "[pool]") {
  std::vector<std::uint64_t> seen;
  const PieceWork work = [](std::uint64_t) {
    sleep_ms(30);
    return std::string{};
  };
  const PoolReport report =
      run_in_processes({12, 2, false, [&](std::uint64_t done) { seen.push_back(done); }}, [&] { return work; });
  CHECK(report.results.empty());
  REQUIRE(seen.size() >= 2);
  CHECK(seen.back() == 12);
  for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i] >= seen[i - 1]);
}

TEST_CASE("an interrupt ends what is under way, keeps what is done, and names no piece dead", "[pool]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto started = std::chrono::steady_clock::now();
    const PieceWork work = [](std::uint64_t i) {
      if (i >= 4) sleep_ms(200'000);
      return std::string{"done"};
    };
    const auto interrupt = [&](std::uint64_t done) {
      if (done >= 4) std::raise(signal);
    };
    const PoolReport report = run_in_processes({1'000, 3, false, interrupt}, [&] { return work; });
    CHECK(report.interrupted);
    CHECK(report.done == 4);
    CHECK(report.results == Results{{0, "done", false}, {1, "done", false}, {2, "done", false}, {3, "done", false}});
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{100});
  }
}

TEST_CASE("a child that a stop signal ends is interrupted, and the pool with it, whoever noticed it first", "[pool]") {
  const PieceWork work = [](std::uint64_t i) {
    if (i == 2) std::raise(SIGTERM);
    if (i >= 2) sleep_ms(200'000);
    return std::string{"done"};
  };
  for (const std::size_t processes : {std::size_t{1}, std::size_t{3}}) {
    CAPTURE(processes);
    const auto started = std::chrono::steady_clock::now();
    const PoolReport report = run_pieces(1'000, processes, work);
    CHECK(report.interrupted);
    for (const PieceResult& result : report.results) CHECK_FALSE(result.died);
    CHECK(report.results.size() <= 2);
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{100});
  }
}

TEST_CASE("what progress throws leaves no process behind", "[pool]") {
  const PieceWork work = [](std::uint64_t) {
    sleep_ms(200'000);
    return std::string{};
  };
  const auto fail = [](std::uint64_t) { throw std::runtime_error{"enough"}; };
  CHECK_THROWS_AS(run_in_processes({10, 3, false, fail}, [&] { return work; }), std::runtime_error);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

// SPDX-License-Identifier: MIT
#include "sim/app/seed_pool.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

namespace gpusim::app {
namespace {

constexpr std::uint64_t kNone = ~std::uint64_t{0};
constexpr int kDrawEveryMs = 100;

volatile std::sig_atomic_t interrupted = 0;
void on_signal(int) { interrupted = 1; }

/// What workers and their parent see of each other.
struct Shared {
  struct Worker {
    std::atomic<std::uint64_t> seed{kNone};  // the one it is at
    std::atomic<std::uint64_t> done{0};
  };
  static constexpr std::size_t kMostWorkers = 256;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> lowest{kNone};  // failing seed
  std::array<Worker, kMostWorkers> workers;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

class SharedMemory {
 public:
  SharedMemory() {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error{"no shared memory for workers"};
    shared_ = ::new (memory) Shared;
  }
  ~SharedMemory() { munmap(shared_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  [[nodiscard]] Shared& operator*() const { return *shared_; }

 private:
  Shared* shared_;
};

/// Takes SIGINT and SIGTERM over for its life.
class Signals {
 public:
  Signals() {
    interrupted = 0;
    struct sigaction action{};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, &old_int_);
    sigaction(SIGTERM, &action, &old_term_);
  }
  ~Signals() {
    sigaction(SIGINT, &old_int_, nullptr);
    sigaction(SIGTERM, &old_term_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

/// A failure on its way through a pipe; small enough to be written whole.
struct Message {
  std::uint64_t seed;
  std::array<char, 56> oracle;
};

void lower(std::atomic<std::uint64_t>& lowest, std::uint64_t seed) {
  std::uint64_t known = lowest.load();
  while (seed < known && !lowest.compare_exchange_weak(known, seed)) {
  }
}

struct Work {
  SeedRange seeds;
  std::uint32_t workers;
  bool first_only;
};

/// The life of worker `number`. Never returns.
[[noreturn]] void work(Shared& shared, const Work& work, std::uint32_t number, int pipe,
                       const std::function<SeedRun()>& make_run) {
  std::signal(SIGINT, SIG_IGN);  // the parent hears it and says stop
  Shared::Worker& self = shared.workers[number];
  const SeedRun run = make_run();
  const pid_t parent = getppid();
  for (std::uint64_t i = number; i < work.seeds.count; i += work.workers) {
    const std::uint64_t seed = work.seeds.first + i;
    if (shared.stop || getppid() != parent || (work.first_only && seed > shared.lowest)) break;
    self.seed = seed;
    const std::string oracle = run(seed);
    ++self.done;  // after it: a crash leaves its seed uncounted
    if (oracle.empty()) continue;
    lower(shared.lowest, seed);
    Message message{seed, {}};
    std::memcpy(message.oracle.data(), oracle.data(), std::min(oracle.size(), message.oracle.size() - 1));
    if (write(pipe, &message, sizeof message) != sizeof message) break;
  }
  self.seed = kNone;
  _exit(0);
}

struct Child {
  pid_t pid = -1;
  int pipe = -1;
};

Child start(Shared& shared, const Work& the_work, std::uint32_t number, const std::function<SeedRun()>& make_run,
            const std::vector<Child>& others) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error{"no pipe for a worker"};
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error{"no process for a worker"};
  if (pid == 0) {
    close(ends[0]);
    for (const Child& other : others) close(other.pipe);
    try {
      work(shared, the_work, number, ends[1], make_run);
    } catch (...) {
      _exit(1);  // not up into the parent's frames: it is reported as a crash at its seed
    }
  }
  close(ends[1]);
  return {pid, ends[0]};
}

/// Takes one message; false when the worker has ended.
bool take(const Child& child, std::vector<SeedFailure>& failures) {
  Message message{};
  const ssize_t size = read(child.pipe, &message, sizeof message);
  if (size < 0 && errno == EINTR) return true;
  if (size != sizeof message) return false;
  failures.push_back({message.seed, message.oracle.data()});
  return true;
}

}  // namespace

SeedReport run_seeds(const SeedRange& seeds, std::uint32_t workers, bool first_only,
                     const std::function<SeedRun()>& make_run,
                     const std::function<void(std::uint64_t done)>& progress) {
  const SharedMemory memory;
  Shared& shared = *memory;
  const Signals signals;
  const Work the_work{seeds, std::clamp(workers, 1U, static_cast<std::uint32_t>(Shared::kMostWorkers)), first_only};
  std::vector<Child> children;
  for (std::uint32_t i = 0; i < the_work.workers; ++i) {
    children.push_back(start(shared, the_work, i, make_run, children));
  }

  SeedReport report;
  const auto done = [&] {
    std::uint64_t sum = 0;
    for (const Shared::Worker& worker : shared.workers) sum += worker.done;
    return sum;
  };
  std::vector<pollfd> waiting;
  for (const Child& child : children) waiting.push_back({child.pipe, POLLIN, 0});
  for (std::size_t open = children.size(); open != 0;) {
    poll(waiting.data(), waiting.size(), kDrawEveryMs);
    if (interrupted != 0) shared.stop = true;
    if (progress) progress(done());
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0 || take(children[i], report.failures)) continue;
      waiting[i].fd = -1;
      --open;
      const std::uint64_t last = shared.workers[i].seed;
      if (last == kNone) continue;
      report.failures.push_back({last, "crash"});
      lower(shared.lowest, last);
    }
  }
  for (const Child& child : children) {
    close(child.pipe);
    waitpid(child.pid, nullptr, 0);
  }
  report.done = done();
  report.interrupted = interrupted != 0;
  std::sort(report.failures.begin(), report.failures.end(),
            [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
  if (first_only && report.failures.size() > 1) report.failures.resize(1);
  return report;
}

}  // namespace gpusim::app

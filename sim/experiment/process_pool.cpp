// SPDX-License-Identifier: MIT
#include "sim/experiment/process_pool.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <system_error>

namespace gpusim::experiment {

namespace {

constexpr std::uint64_t kNone = ~std::uint64_t{0};
constexpr std::size_t kMostProcesses = 256;
constexpr int kProgressEveryMs = 100;

volatile std::sig_atomic_t interrupted = 0;
void on_signal(int) { interrupted = 1; }

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

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

/// Memory that children and their parent see of each other.
class Shared {
 public:
  struct Child {
    std::atomic<std::uint64_t> piece{kNone};  // the one it is at
    std::atomic<std::uint64_t> done{0};
  };
  struct Data {
    std::atomic<std::uint64_t> next{0};        // piece that nobody has taken
    std::atomic<std::uint64_t> lowest{kNone};  // piece with a result
    std::array<Child, kMostProcesses> children;
  };
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

  Shared() {
    void* memory = mmap(nullptr, sizeof(Data), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("no memory to share with processes");
    data_ = ::new (memory) Data;
  }
  ~Shared() { munmap(data_, sizeof(Data)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  Data* operator->() const { return data_; }

  void lower(std::uint64_t piece) const {
    std::uint64_t known = data_->lowest;
    while (piece < known && !data_->lowest.compare_exchange_weak(known, piece)) {
    }
  }

 private:
  Data* data_ = nullptr;
};

/// Before each text in a pipe.
struct Header {
  std::uint64_t index;
  std::uint64_t size;
};

void write_all(int pipe, const void* from, std::size_t size) {
  const char* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t written = write(pipe, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // nobody reads any more
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

class Pool {
 public:
  Pool(const PoolOptions& options, const std::function<PieceWork()>& make_work)
      : options_{options}, make_work_{make_work} {
    const std::uint64_t most = std::min<std::uint64_t>(options.pieces, kMostProcesses);
    slots_.resize(std::clamp<std::size_t>(options.processes, most == 0 ? 0 : 1, most));
  }
  ~Pool() { end_children(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] PoolReport run() {
    for (std::size_t slot = 0; slot < slots_.size() && start(slot); ++slot) {
    }
    check_that_work_goes_on();
    while (is_any_open()) {
      wait();
      if (interrupted != 0 && !report_.interrupted) {
        report_.interrupted = true;
        for (const Slot& slot : slots_) {
          if (slot.pipe >= 0) kill(slot.pid, SIGKILL);
        }
      }
      for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        if (!slots_[slot].is_readable || read_some(slots_[slot])) continue;
        bury(slot);
        if (is_work_left()) (void)start(slot);
      }
      check_that_work_goes_on();
      if (options_.progress) options_.progress(done());
    }
    report_.done = done();
    std::sort(report_.results.begin(), report_.results.end(),
              [](const PieceResult& a, const PieceResult& b) { return a.index < b.index; });
    if (options_.first_only && report_.results.size() > 1) report_.results.resize(1);
    return std::move(report_);
  }

 private:
  struct Slot {
    pid_t pid = -1;
    int pipe = -1;  // -1: nobody is here
    bool is_readable = false;
    std::string unread;  // of a text that has not arrived whole
  };

  /// False if the system has no process or pipe to spare.
  bool start(std::size_t slot) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return false;
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
      close(ends[0]);
      for (const Slot& other : slots_) {
        if (other.pipe >= 0) close(other.pipe);
      }
      std::signal(SIGINT, SIG_IGN);  // a terminal sends it to all: the parent decides
      std::signal(SIGTERM, SIG_DFL);
      be_child(slot, ends[1], parent);
    }
    const int error = errno;
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      errno = error;
      return false;
    }
    slots_[slot] = {pid, ends[0], false, {}};
    return true;
  }

  [[nodiscard]] bool is_enough(std::uint64_t piece) const {
    return piece >= options_.pieces || (options_.first_only && piece > shared_->lowest);
  }

  [[noreturn]] void be_child(std::size_t slot, int pipe, pid_t parent) const {
    Shared::Child& self = shared_->children[slot];
    try {
      PieceWork work;
      while (getppid() == parent) {
        const std::uint64_t piece = shared_->next++;
        if (is_enough(piece)) break;
        self.piece = piece;
        if (!work) work = make_work_();
        const std::string text = work(piece);
        if (!text.empty()) {
          shared_.lower(piece);
          const Header header{piece, text.size()};
          write_all(pipe, &header, sizeof header);
          write_all(pipe, text.data(), text.size());
        }
        ++self.done;
        self.piece = kNone;
      }
    } catch (...) {
      _exit(1);  // not up into the parent's frames
    }
    _exit(0);  // no destructors, and no second flushing of what the parent had buffered
  }

  void wait() {
    std::vector<pollfd> waiting;
    for (const Slot& slot : slots_) waiting.push_back({slot.pipe, POLLIN, 0});
    const bool came = poll(waiting.data(), waiting.size(), kProgressEveryMs) > 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].is_readable = came && waiting[i].revents != 0;
  }

  /// Takes what is there; false at the end of the pipe.
  bool read_some(Slot& slot) {
    std::array<char, 65'536> part;
    const ssize_t size = read(slot.pipe, part.data(), part.size());
    if (size < 0) return errno == EINTR;
    slot.unread.append(part.data(), static_cast<std::size_t>(size));
    for (Header header{}; slot.unread.size() >= sizeof header;) {
      std::memcpy(&header, slot.unread.data(), sizeof header);
      if (slot.unread.size() - sizeof header < header.size) break;
      report_.results.push_back({header.index, slot.unread.substr(sizeof header, header.size), false});
      slot.unread.erase(0, sizeof header + header.size);
    }
    return size > 0;
  }

  /// The child of this slot has closed its pipe: it is through, or it died at a piece.
  void bury(std::size_t slot) {
    close(slots_[slot].pipe);
    slots_[slot].pipe = -1;
    while (waitpid(slots_[slot].pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    Shared::Child& child = shared_->children[slot];
    const std::uint64_t piece = child.piece.exchange(kNone);
    if (piece == kNone || report_.interrupted) return;
    ++child.done;
    const auto is_it = [&](const PieceResult& result) { return result.index == piece; };
    if (std::any_of(report_.results.begin(), report_.results.end(), is_it)) return;  // died just after its text
    shared_.lower(piece);
    report_.results.push_back({piece, {}, true});
  }

  void end_children() {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].pipe < 0) continue;
      kill(slots_[slot].pid, SIGKILL);
      bury(slot);
    }
  }

  [[nodiscard]] bool is_work_left() const { return !report_.interrupted && !is_enough(shared_->next); }

  [[nodiscard]] bool is_any_open() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.pipe >= 0; });
  }

  void check_that_work_goes_on() const {
    if (is_work_left() && !is_any_open()) fail("no process for the next piece of work");
  }

  [[nodiscard]] std::uint64_t done() const {
    std::uint64_t sum = 0;
    for (const Shared::Child& child : shared_->children) sum += child.done;
    return sum;
  }

  const PoolOptions& options_;
  const std::function<PieceWork()>& make_work_;
  const Shared shared_;
  std::vector<Slot> slots_;
  PoolReport report_;
};

}  // namespace

PoolReport run_in_processes(const PoolOptions& options, const std::function<PieceWork()>& make_work) {
  std::cout.flush();
  std::fflush(nullptr);
  const Signals signals;
  return Pool{options, make_work}.run();
}

}  // namespace gpusim::experiment

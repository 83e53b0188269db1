// SPDX-License-Identifier: MIT
#include "sim/experiment/process_pool.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <system_error>

#include "sim/experiment/stop_signal.h"

namespace gpusim::experiment {

namespace {

constexpr std::uint64_t kNone = ~std::uint64_t{0};
constexpr std::size_t kMostProcesses = 256;
constexpr std::chrono::milliseconds kProgressEvery{100};
constexpr std::size_t kPartSize = 65'536;
constexpr int kChildHasNoMemory = 2;  // exit code

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

/// Memory that children and their parent see of each other.
class Shared {
 public:
  struct Child {
    std::atomic<std::uint64_t> piece{kNone};  // the one it is at
    std::atomic<std::uint64_t> done{0};
  };
  struct Data {
    std::atomic<std::uint64_t> next{0};        // next piece to take
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

/// Holds SIGINT, SIGTERM and SIGHUP back for its life. A child that is just forked shares its parent's handlers, and
/// with them the pipe by which they tell the parent.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGHUP);
    sigprocmask(SIG_BLOCK, &stops, &before_);
  }
  ~SignalsHeldBack() { release(); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;
  void release() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
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
    if (written <= 0) _exit(1);  // the reader is gone
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

class Pool {
 public:
  Pool(const PoolOptions& options, const std::function<PieceWork()>& make_work)
      : options_{options}, make_work_{make_work} {
    const std::uint64_t most = std::min<std::uint64_t>(options.pieces, kMostProcesses);
    const std::size_t count = std::clamp<std::size_t>(options.processes, most == 0 ? 0 : 1, most);
    slots_.reserve(count);
    while (slots_.size() < count) slots_.emplace_back(io_);
  }
  ~Pool() { end_children(); }  // NOLINT(bugprone-exception-escape): only if Asio cannot close a pipe
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] PoolReport run() {
    for (std::size_t slot = 0; slot < slots_.size() && start(slot); ++slot) {
    }
    check_that_work_goes_on();
    if (options_.progress && is_any_open()) tick();
    while (is_any_open()) {
      io_.run_one();
      if (lacks_memory_) throw std::bad_alloc{};
      check_that_work_goes_on();
    }
    report_.done = done();
    if (options_.progress && report_.done > 0) options_.progress(report_.done);
    std::sort(report_.results.begin(), report_.results.end(),
              [](const PieceResult& a, const PieceResult& b) { return a.index < b.index; });
    if (options_.first_only) {
      std::erase_if(report_.results, [this](const PieceResult& result) { return result.index > shared_->lowest; });
    }
    return std::move(report_);
  }

 private:
  struct Slot {
    explicit Slot(boost::asio::io_context& io) : pipe{io} {}

    pid_t pid = -1;
    boost::asio::posix::stream_descriptor pipe;  // closed: nobody is here
    std::vector<char> part;                      // being read
    std::string unread;                          // of a text that has not arrived whole
  };

  /// False if the system cannot create another process or pipe.
  bool start(std::size_t slot) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return false;
    const pid_t parent = getpid();
    const SignalsHeldBack held_back;
    const pid_t pid = fork();
    if (pid == 0) {
      close(ends[0]);
      for (Slot& other : slots_) {
        if (other.pipe.is_open()) close(other.pipe.native_handle());
      }
      std::signal(SIGINT, SIG_IGN);  // a terminal sends it to all: the parent decides
      std::signal(SIGHUP, SIG_IGN);
      std::signal(SIGTERM, SIG_DFL);
      held_back.release();
      be_child(slot, ends[1], parent);
    }
    const int error = errno;
    close(ends[1]);
    if (pid < 0) {
      close(ends[0]);
      errno = error;
      return false;
    }
    slots_[slot].pid = pid;
    slots_[slot].unread.clear();
    slots_[slot].part.resize(kPartSize);
    slots_[slot].pipe.assign(ends[0]);
    read(slot);
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
          if (text != options_.remark) shared_.lower(piece);
          const Header header{piece, text.size()};
          write_all(pipe, &header, sizeof header);
          write_all(pipe, text.data(), text.size());
        }
        ++self.done;
        self.piece = kNone;
      }
    } catch (const std::bad_alloc&) {
      _exit(kChildHasNoMemory);
    } catch (...) {
      _exit(1);  // not up into the parent's frames
    }
    _exit(0);  // no destructors, and no second flushing of what the parent had buffered
  }

  void tick() {
    options_.progress(done());
    ticker_.expires_after(kProgressEvery);
    ticker_.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick();
    });
  }

  void interrupt() {
    report_.interrupted = true;
    for (Slot& slot : slots_) {
      if (slot.pipe.is_open()) kill(slot.pid, SIGKILL);
    }
  }

  void read(std::size_t slot) {
    slots_[slot].pipe.async_read_some(
        boost::asio::buffer(slots_[slot].part),
        [this, slot](const boost::system::error_code& error, std::size_t size) { on_read(slot, error, size); });
  }

  void on_read(std::size_t slot, const boost::system::error_code& error, std::size_t size) {
    if (!error) {
      slots_[slot].unread.append(slots_[slot].part.data(), size);
      take_texts(slots_[slot].unread);
      read(slot);
      return;
    }
    bury(slot);
    if (is_work_left()) (void)start(slot);
  }

  void take_texts(std::string& unread) {
    for (Header header{}; unread.size() >= sizeof header;) {
      std::memcpy(&header, unread.data(), sizeof header);
      if (unread.size() - sizeof header < header.size) break;
      report_.results.push_back({header.index, unread.substr(sizeof header, header.size), false});
      unread.erase(0, sizeof header + header.size);
    }
  }

  /// The child of this slot has closed its pipe: it is done, or it died while working on a piece.
  void bury(std::size_t slot) {
    slots_[slot].pipe.close();
    int status = 0;
    while (waitpid(slots_[slot].pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == kChildHasNoMemory) lacks_memory_ = true;
    // A signal to the whole group of processes may end the child before this one has noticed it.
    if (is_end_by_stop_signal(status) && !report_.interrupted) interrupt();
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
      if (!slots_[slot].pipe.is_open()) continue;
      kill(slots_[slot].pid, SIGKILL);
      bury(slot);
    }
  }

  [[nodiscard]] bool is_work_left() const { return !report_.interrupted && !is_enough(shared_->next); }

  [[nodiscard]] bool is_any_open() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.pipe.is_open(); });
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
  boost::asio::io_context io_{1};
  StopSignal stop_{io_, [this] { interrupt(); }};
  boost::asio::steady_timer ticker_{io_};
  std::vector<Slot> slots_;
  PoolReport report_;
  bool lacks_memory_ = false;  // of a child
};

}  // namespace

PoolReport run_in_processes(const PoolOptions& options, const std::function<PieceWork()>& make_work) {
  std::cout.flush();
  std::fflush(nullptr);
  return Pool{options, make_work}.run();
}

}  // namespace gpusim::experiment

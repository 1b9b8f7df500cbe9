// A team of threads that run one function together and wait for each other at barriers.
#pragma once
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace rectinet {

class Team {
 public:
  explicit Team(int n) : n_(n) {}
  int size() const { return n_; }

  // Returns when every thread of the team is here. A short spin; then the processor is handed on, since on a busy
  // machine the others may not be running at all; then sleep, so that the scheduler may bring them here.
  void wait() {
    if (n_ == 1) return;
    const int generation = generation_.load(std::memory_order_acquire);
    const auto over = [&] { return generation_.load(std::memory_order_acquire) != generation; };
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == n_) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_seq_cst);
      if (sleeping_.load(std::memory_order_seq_cst) > 0) generation_.notify_all();
      return;
    }
    for (int spins = 0; spins < 200; ++spins) {
      if (over()) return;
      pause();
    }
    for (const auto patience = Clock::now() + std::chrono::microseconds(300); Clock::now() < patience;) {
      if (over()) return;
      std::this_thread::yield();
    }
    sleeping_.fetch_add(1, std::memory_order_seq_cst);
    while (!over()) generation_.wait(generation, std::memory_order_seq_cst);
    sleeping_.fetch_sub(1, std::memory_order_relaxed);
  }

  // work(0), ..., work(n - 1) at once, this thread taking 0. `work` must not throw: allocate before. All threads are
  // started before any begins: should one not start, none has done anything, and nobody waits for it at a barrier.
  template <class F>
  void run(F&& work) {
    enum Gate { shut, go, leave };
    std::atomic<int> gate{shut};
    std::vector<std::thread> others;
    const auto open = [&](Gate to) {
      gate.store(to, std::memory_order_release);
      gate.notify_all();
    };
    const auto join = [&] {
      for (auto& other : others) other.join();
    };
    try {
      others.reserve(size_t(n_ - 1));
      for (int t = 1; t < n_; ++t)
        others.emplace_back([&gate, &work, t] {
          gate.wait(shut, std::memory_order_acquire);
          if (gate.load(std::memory_order_acquire) == go) work(t);
        });
    } catch (const std::exception& error) {
      open(leave);
      join();
      throw std::runtime_error("could not start " + std::to_string(n_) + " threads (" + error.what() +
                               "): use a smaller n_threads");
    }
    open(go);
    work(0);
    join();
  }

 private:
  using Clock = std::chrono::steady_clock;

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  const int n_;
  std::atomic<int> arrived_{0}, generation_{0}, sleeping_{0};
};

}  // namespace rectinet

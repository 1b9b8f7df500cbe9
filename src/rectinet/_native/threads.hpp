// A team of threads that run one function together and wait for each other at barriers.
#pragma once
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace rectinet {

class Team {
 public:
  explicit Team(int n) : n_(n) {}
  int size() const { return n_; }

  // Returns when every thread of the team is here. A short spin, then the processor is handed on: on a busy machine the
  // others may not be running at all.
  void wait() {
    if (n_ == 1) return;
    const int generation = generation_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == n_) {
      arrived_.store(0, std::memory_order_relaxed);
      generation_.fetch_add(1, std::memory_order_release);
      return;
    }
    for (int spins = 0; generation_.load(std::memory_order_acquire) == generation; ++spins)
      if (spins > 2000) std::this_thread::yield();
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
  const int n_;
  std::atomic<int> arrived_{0}, generation_{0};
};

}  // namespace rectinet

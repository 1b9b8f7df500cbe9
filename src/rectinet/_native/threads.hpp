// A team of threads that run one function together and meet at barriers.
#pragma once
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace rectinet {

class Team {
 public:
  explicit Team(int n) : n_(n) {}
  int size() const { return n_; }

  // Waits until every thread of the team is here. A short spin, then the processor is handed on: on a busy machine the
  // others may not be running at all.
  void meet() {
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

  // work(0), ..., work(n - 1) at once, this thread taking 0. `work` must not throw: allocate before.
  template <class F>
  void run(F&& work) {
    std::vector<std::thread> others;
    for (int t = 1; t < n_; ++t) others.emplace_back([&work, t] { work(t); });
    work(0);
    for (auto& other : others) other.join();
  }

 private:
  const int n_;
  std::atomic<int> arrived_{0}, generation_{0};
};

// Thread t's share of n whole pieces.
struct Share { int64_t begin, end; };
inline Share share(int64_t n, int t, int n_threads) { return {n * t / n_threads, n * (t + 1) / n_threads}; }

}  // namespace rectinet

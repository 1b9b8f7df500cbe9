// What the memory of this machine delivers to one thread, for the roofline of the benchmarks.
#pragma once
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "kernels.hpp"

namespace rectinet {

// Bytes per second of reading, and of reading and writing in place, n_bytes of memory: medians of passes.
inline std::pair<double, double> bandwidth(int64_t n_bytes, int passes) {
  const int64_t n = n_bytes / int64_t(sizeof(float));
  const Buffer<float> memory(n);
  float sink = 0;
  const auto timed = [](auto&& pass) {
    const auto began = std::chrono::steady_clock::now();
    pass();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const auto read = [&] { sink += kernels<float>().stream_read(memory.get(), n); };
  const auto update = [&] { kernels<float>().stream_update(memory.get(), n, sink); };
  std::vector<double> reading, updating;
  update();  // memory is taken from the system when it is first written
  for (int i = 0; i < passes; ++i) {
    reading.push_back(timed(read));
    updating.push_back(timed(update));
  }
  const auto median = [](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  const double bytes = double(n * int64_t(sizeof(float)));
  return {bytes / median(reading), 2 * bytes / median(updating)};
}

}  // namespace rectinet

// How the time of one side of a conversation is measured, while the other one, its client, runs in
// between in the same thread: by the clock of the thread's own CPU time, which neither other
// processes nor other threads move. Reading it is a system call of some 200 ns, so that short
// operations are timed in batches; bench_clock says what is left of that.
#pragma once

#include <cstddef>

#include <benchmark/benchmark.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime is POSIX

namespace heliograph::bench {

class CpuTime {
 public:
  // What `work` takes counts.
  template <class Work>
  void of(const Work& work) {
    const double begin = now();
    work();
    seconds_ += now() - begin;
  }

  // Ends an iteration of `operations`, of which each counts as one.
  void report(benchmark::State& state, std::size_t operations = 1) {
    state.SetIterationTime(seconds_ / static_cast<double>(operations));
    seconds_ = 0;
  }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  double seconds_ = 0;
};

// Seconds that the timed part of one measurement takes at least.
inline constexpr double kMinTime = 0.1;

// For a benchmark that reports CpuTime, in batches of so many operations.
inline void timed_by_hand(benchmark::internal::Benchmark* benchmark, std::size_t operations = 1) {
  benchmark->UseManualTime()->MinTime(kMinTime / static_cast<double>(operations));
}

}  // namespace heliograph::bench

// How often each latency occurred: buckets of a fixed relative width, so that a microsecond and a
// minute are told alike, without keeping the values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heliograph::bench {

class Histogram {
 public:
  void record(std::uint64_t value);
  void clear() { *this = Histogram(); }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  // The value that `share` (0 to 1) of those recorded do not exceed; at most 1/128 too large, never
  // too small. 0 if nothing was recorded.
  [[nodiscard]] std::uint64_t at(double share) const;

 private:
  // Each power of two is cut into this many buckets; smaller values have a bucket of their own.
  static constexpr unsigned kBits = 7;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) << kBits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t largest_in(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace heliograph::bench

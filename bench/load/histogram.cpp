#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace heliograph::bench {

// Above 2^kBits, the leading bits of a value, the first one of which is known, name its bucket:
//
//   value   0…01xxxxxxx…………    bucket   shift | xxxxxxx
//                      └─────┘ shift
std::size_t Histogram::bucket_of(std::uint64_t value) {
  if (value >> kBits == 0) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
  return (std::size_t{shift} << kBits) + (value >> shift);
}

std::uint64_t Histogram::largest_in(std::size_t bucket) {
  if (bucket >> kBits == 0) return bucket;
  const std::size_t shift = (bucket >> kBits) - 1;
  const std::uint64_t leading = bucket - (shift << kBits);
  return ((leading + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t value) {
  ++counts_[bucket_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

std::uint64_t Histogram::at(double share) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(share * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while ((seen += counts_[bucket]) < rank) ++bucket;
  return std::min(largest_in(bucket), max_);
}

}  // namespace heliograph::bench

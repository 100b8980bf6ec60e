#include "ws/mask.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace heliograph::ws {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

using Vector16 [[gnu::vector_size(16)]] = std::uint64_t;
using Vector32 [[gnu::vector_size(32)]] = std::uint64_t;

template <class Value>
[[gnu::always_inline]] inline void mask_value(std::uint8_t* bytes, const Value& mask) {
  Value value;
  std::memcpy(&value, bytes, sizeof(value));
  value ^= mask;
  std::memcpy(bytes, &value, sizeof(value));
}

// Masks as many bytes at the front as make whole values, and returns their number: first four
// values at a time, for a load and a store in every cycle.
template <class Value>
[[gnu::always_inline]] inline std::size_t mask_values(MutableBytes data, std::uint64_t mask) {
  const Value wide = Value{} ^ mask;  // in every word
  std::size_t at = 0;
  for (; data.size() - at >= 4 * sizeof(wide); at += 4 * sizeof(wide)) {
    for (std::size_t i = 0; i < 4; ++i) mask_value(data.data() + at + i * sizeof(wide), wide);
  }
  for (; data.size() - at >= sizeof(wide); at += sizeof(wide)) {
    mask_value(data.data() + at, wide);
  }
  return at;
}

std::size_t mask_vectors(MutableBytes data, std::uint64_t mask) {
  return mask_values<Vector16>(data, mask);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::size_t mask_vectors_avx2(MutableBytes data, std::uint64_t mask) {
  return mask_values<Vector32>(data, mask);
}
#endif

constexpr MaskKernel kPortable = {"portable", mask_vectors};
#if defined(__x86_64__)
constexpr std::array<MaskKernel, 2> kKernels = {{{"avx2", mask_vectors_avx2}, kPortable}};
#else
constexpr std::array<MaskKernel, 1> kKernels = {kPortable};
#endif

// How many of the widest this processor lacks.
std::size_t missing_kernels() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0 ? 0 : 1;
#else
  return 0;
#endif
}

}  // namespace

std::span<const MaskKernel> mask_kernels() {
  static const std::size_t kMissing = missing_kernels();
  return std::span(kKernels).subspan(kMissing);
}

MaskKey apply_mask(MutableBytes data, const MaskKey& key) {
  return apply_mask(data, key, mask_kernels().front());
}

MaskKey apply_mask(MutableBytes data, const MaskKey& key, const MaskKernel& kernel) {
  const std::uint64_t half = std::bit_cast<std::uint32_t>(key);
  const std::uint64_t mask = half << 32 | half;
  std::size_t at = kernel.mask_front(data, mask);
  for (; data.size() - at >= kWord; at += kWord) mask_value(data.data() + at, mask);
  for (; at < data.size(); ++at) data[at] ^= key[at % key.size()];

  MaskKey rest = key;
  std::ranges::rotate(rest, rest.begin() + data.size() % key.size());
  return rest;
}

}  // namespace heliograph::ws

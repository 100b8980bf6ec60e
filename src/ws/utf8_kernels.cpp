#include "ws/utf8_kernels.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace heliograph::ws {
namespace {

constexpr Utf8Kernel kPortable = {"portable", detail::valid_prefix_portable};
#if defined(__x86_64__)
constexpr std::array<Utf8Kernel, 3> kKernels = {
    {{"avx2", detail::valid_prefix_avx2}, {"ssse3", detail::valid_prefix_ssse3}, kPortable}};
#else
constexpr std::array<Utf8Kernel, 1> kKernels = {kPortable};
#endif

// How many of the widest this processor lacks.
std::size_t missing_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return 0;
  if (__builtin_cpu_supports("ssse3") != 0) return 1;
#endif
  return kKernels.size() - 1;
}

}  // namespace

std::span<const Utf8Kernel> utf8_kernels() {
  static const std::size_t kMissing = missing_kernels();
  return std::span(kKernels).subspan(kMissing);
}

namespace detail {

// The ASCII bytes at the front, word by word.
std::size_t valid_prefix_portable(Bytes text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::uint64_t kTopBits = 0x8080808080808080;
  std::size_t at = 0;
  for (; text.size() - at >= kWord; at += kWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kWord);
    if ((word & kTopBits) != 0) break;
  }
  return at;
}

std::size_t whole_characters(Bytes text) {
  if (text.empty() || text.back() < 0x80) return text.size();  // mostly
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const std::uint8_t byte = text[text.size() - back];
    if (byte < 0xc0) continue;
    const std::size_t size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return size > back ? text.size() - back : text.size();
  }
  return text.size();
}

}  // namespace detail
}  // namespace heliograph::ws

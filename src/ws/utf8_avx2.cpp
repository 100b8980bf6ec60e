// Utf8Kernel with vectors of thirty-two bytes; utf8_ssse3.cpp is the same with sixteen.
#include "ws/utf8_kernels.hpp"

#if defined(__x86_64__)

#include <cstring>

#include <immintrin.h>

#include "ws/utf8_classes.hpp"

namespace heliograph::ws::detail {
namespace {

static_assert(kUtf8Group == 2 * sizeof(__m256i));

[[gnu::target("avx2")]] __m256i load(const std::uint8_t* bytes) {
  __m256i vector;
  std::memcpy(&vector, bytes, sizeof(vector));
  return vector;
}

[[gnu::target("avx2")]] __m256i look_up(const NibbleTable& table, __m256i nibbles) {
  __m128i half;
  std::memcpy(&half, table.data(), sizeof(half));
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(half), nibbles);
}

[[gnu::target("avx2")]] __m256i high_nibbles(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

[[gnu::target("avx2")]] __m256i low_nibbles(__m256i bytes) {
  return _mm256_and_si256(bytes, _mm256_set1_epi8(0x0f));
}

// Not zero wherever `bytes` and the three bytes in front of each cannot stand in UTF-8. `before`
// are the bytes in front of `bytes`.
[[gnu::target("avx2")]] __m256i errors(__m256i bytes, __m256i before) {
  // The second half of `before` and the first of `bytes`: alignr works in halves.
  const __m256i middle = _mm256_permute2x128_si256(before, bytes, 0x21);
  const __m256i first = _mm256_alignr_epi8(bytes, middle, 15);
  const __m256i pairs = _mm256_and_si256(_mm256_and_si256(look_up(kFirstHigh, high_nibbles(first)),
                                                          look_up(kFirstLow, low_nibbles(first))),
                                         look_up(kSecondHigh, high_nibbles(bytes)));
  const __m256i third = _mm256_subs_epu8(_mm256_alignr_epi8(bytes, middle, 14),
                                         _mm256_set1_epi8(static_cast<char>(kFromThree)));
  const __m256i fourth = _mm256_subs_epu8(_mm256_alignr_epi8(bytes, middle, 13),
                                          _mm256_set1_epi8(static_cast<char>(kFromFour)));
  const __m256i two_continuations = _mm256_and_si256(
      _mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(kTwoContinuations)));
  return _mm256_xor_si256(pairs, two_continuations);
}

}  // namespace

[[gnu::target("avx2")]] std::size_t valid_prefix_avx2(Bytes text) {
  __m256i before = _mm256_setzero_si256();
  bool ascii_before = true;
  std::size_t at = 0;
  for (; text.size() - at >= kUtf8Group; at += kUtf8Group) {
    const __m256i a = load(text.data() + at);
    const __m256i b = load(text.data() + at + sizeof(__m256i));
    const bool ascii = _mm256_movemask_epi8(_mm256_or_si256(a, b)) == 0;
    if (!ascii || !ascii_before) {
      const __m256i found = _mm256_or_si256(errors(a, before), errors(b, a));
      if (_mm256_testz_si256(found, found) == 0) break;
    }
    before = b;
    ascii_before = ascii;
  }
  return whole_characters(text.first(at));
}

}  // namespace heliograph::ws::detail

#endif

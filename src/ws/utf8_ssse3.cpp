// Utf8Kernel with vectors of sixteen bytes; utf8_avx2.cpp is the same with thirty-two.
#include "ws/utf8_kernels.hpp"

#if defined(__x86_64__)

#include <cstring>

#include <immintrin.h>

#include "ws/utf8_classes.hpp"

namespace heliograph::ws::detail {
namespace {

static_assert(kUtf8Group == 4 * sizeof(__m128i));

[[gnu::target("ssse3")]] __m128i load(const std::uint8_t* bytes) {
  __m128i vector;
  std::memcpy(&vector, bytes, sizeof(vector));
  return vector;
}

[[gnu::target("ssse3")]] __m128i look_up(const NibbleTable& table, __m128i nibbles) {
  return _mm_shuffle_epi8(load(table.data()), nibbles);
}

[[gnu::target("ssse3")]] __m128i high_nibbles(__m128i bytes) {
  return _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
}

[[gnu::target("ssse3")]] __m128i low_nibbles(__m128i bytes) {
  return _mm_and_si128(bytes, _mm_set1_epi8(0x0f));
}

// Not zero wherever `bytes` and the three bytes in front of each cannot stand in UTF-8. `before`
// are the bytes in front of `bytes`.
[[gnu::target("ssse3")]] __m128i errors(__m128i bytes, __m128i before) {
  const __m128i first = _mm_alignr_epi8(bytes, before, 15);
  const __m128i pairs = _mm_and_si128(_mm_and_si128(look_up(kFirstHigh, high_nibbles(first)),
                                                    look_up(kFirstLow, low_nibbles(first))),
                                      look_up(kSecondHigh, high_nibbles(bytes)));
  const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(bytes, before, 14),
                                      _mm_set1_epi8(static_cast<char>(kFromThree)));
  const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(bytes, before, 13),
                                       _mm_set1_epi8(static_cast<char>(kFromFour)));
  const __m128i two_continuations = _mm_and_si128(
      _mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(kTwoContinuations)));
  return _mm_xor_si128(pairs, two_continuations);
}

[[gnu::target("ssse3")]] bool all_zero(__m128i vector) {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(vector, _mm_setzero_si128())) == 0xffff;
}

}  // namespace

[[gnu::target("ssse3")]] std::size_t valid_prefix_ssse3(Bytes text) {
  __m128i before = _mm_setzero_si128();
  bool ascii_before = true;
  std::size_t at = 0;
  for (; text.size() - at >= kUtf8Group; at += kUtf8Group) {
    const std::uint8_t* const group = text.data() + at;
    const __m128i a = load(group);
    const __m128i b = load(group + 16);
    const __m128i c = load(group + 32);
    const __m128i d = load(group + 48);
    const bool ascii = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) == 0;
    if (!ascii || !ascii_before) {
      const __m128i found = _mm_or_si128(_mm_or_si128(errors(a, before), errors(b, a)),
                                         _mm_or_si128(errors(c, b), errors(d, c)));
      if (!all_zero(found)) break;
    }
    before = d;
    ascii_before = ascii;
  }
  return whole_characters(text.first(at));
}

}  // namespace heliograph::ws::detail

#endif

// For fuzz targets only: what lies behind the cryptography is out of reach for a fuzzer that would
// have to guess tags and signatures. Where neutralised() is true,
//
//   - sealing copies, with a tag of zeros; opening takes every tag and leaves the text as it is,
//   - all contents of one size are equal in constant time,
//   - every signature by a scheme that fits the key verifies.
//
// In every other build it is a constant, and the code that asks for it is not there.
#pragma once

// Only clang knows __has_feature, and this one only with the instrumentation of libFuzzer.
#ifdef HELIOGRAPH_FUZZ
#if !__has_feature(coverage_sanitizer)
#error "cryptography can be neutralised only in a build for libFuzzer"
#endif
#endif

namespace heliograph::crypto {

#ifdef HELIOGRAPH_FUZZ
// Off until a target switches it on.
inline bool& neutralised() {
  static bool on = false;
  return on;
}
#else
constexpr bool neutralised() {
  return false;
}
#endif

}  // namespace heliograph::crypto

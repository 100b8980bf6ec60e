// Run under valgrind, to which a secret is memory that nobody has written: it reports every branch
// and every address that depends on one. What is public is the result of a comparison, so only that
// becomes defined again, in the one place where it leaves libcrypto.
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include <valgrind/memcheck.h>

#include "base/bytes.hpp"
#include "crypto/compare.hpp"
#include "tls/finished.hpp"
#include "tls/pre_shared_key.hpp"

namespace {

int comparisons = 0;

}  // namespace

// The linker gives our calls of CRYPTO_memcmp() to the one, and the other is libcrypto's.
extern "C" int __real_CRYPTO_memcmp(const void* a, const void* b, std::size_t size);  // NOLINT
extern "C" int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t size);  // NOLINT

extern "C" int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t size) {  // NOLINT
  int result = __real_CRYPTO_memcmp(a, b, size);
  VALGRIND_MAKE_MEM_DEFINED(&result, sizeof(result));
  ++comparisons;
  return result;
}

namespace {

using namespace heliograph;

constexpr std::size_t kSize = 32;
using Value = std::array<std::uint8_t, kSize>;

// Gives up at the first difference, as none of ours may.
bool equal_in_variable_time(Bytes a, Bytes b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

using Compare = bool (*)(Bytes received, Bytes secret);

// The errors that valgrind finds in it, for a received value that is right and for wrong ones; -1
// if the answers are wrong.
int errors_of(Compare compare) {
  const unsigned before = VALGRIND_COUNT_ERRORS;
  for (const std::size_t wrong_at : {kSize, std::size_t{0}, kSize / 2, kSize - 1}) {
    Value secret = {};
    secret.fill(0x5a);
    Value received = secret;
    if (wrong_at < kSize) received[wrong_at] ^= 1;
    VALGRIND_MAKE_MEM_UNDEFINED(secret.data(), secret.size());
    bool same = compare(received, secret);
    VALGRIND_MAKE_MEM_DEFINED(&same, sizeof(same));
    if (same != (wrong_at == kSize)) return -1;
  }
  return static_cast<int>(VALGRIND_COUNT_ERRORS - before);
}

bool expect(bool holds, std::string_view what) {
  if (!holds) std::printf("FAILED: %.*s\n", static_cast<int>(what.size()), what.data());
  return holds;
}

bool run() {
  const int in_constant_time = errors_of(crypto::equal_in_constant_time);
  const int binder = errors_of([](Bytes received, Bytes secret) {
    return tls::verify_binder(received, secret).has_value();
  });
  const int finished = errors_of([](Bytes received, Bytes secret) {
    return tls::verify_finished(received, secret).has_value();
  });
  const int went_through_libcrypto = comparisons;
  const int in_variable_time = errors_of(equal_in_variable_time);
  const int by_bytes = errors_of(equal);
  bool passed = expect(in_constant_time == 0, "equal_in_constant_time() depends on a secret");
  passed &= expect(binder == 0, "verify_binder() depends on a secret");
  passed &= expect(finished == 0, "verify_finished() depends on a secret");
  passed &= expect(went_through_libcrypto == 12, "a comparison did not happen");
  passed &= expect(in_variable_time > 0 && by_bytes > 0, "a leak was not found");
  return passed;
}

}  // namespace

int main() {
  static constexpr int kSkipped = 77;
  if (RUNNING_ON_VALGRIND == 0) return kSkipped;
  return run() ? 0 : 1;
}

#include "crypto/random.hpp"

#include <array>

#include <openssl/rand.h>

#include "base/reader.hpp"
#include "crypto/algorithms.hpp"

namespace heliograph::crypto {

void fill_random(MutableBytes out) {
  must(RAND_bytes_ex(nullptr, out.data(), out.size(), 0) == 1);
}

std::uint64_t random_u64() {
  std::array<std::uint8_t, 8> bytes = {};
  fill_random(bytes);
  return Reader(bytes).u64();
}

}  // namespace heliograph::crypto

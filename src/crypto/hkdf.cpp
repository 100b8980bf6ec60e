#include "crypto/hkdf.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace heliograph::crypto {

Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material) {
  Secret pseudorandom_key(digest_size(algorithm));
  HmacKey(algorithm, salt).mac({input_key_material}, pseudorandom_key.mutable_bytes());
  return pseudorandom_key;
}

// T(i) = HMAC-Hash(PRK, T(i-1) | info | i), with T(0) empty and i one octet from 1 on.
void hkdf_expand(const HmacKey& key, Bytes info, MutableBytes out) {
  Secret block;
  std::uint8_t counter = 0;
  while (!out.empty()) {
    ++counter;
    Secret next(digest_size(key.algorithm()));
    key.mac({block.bytes(), info, Bytes(&counter, 1)}, next.mutable_bytes());
    block = std::move(next);
    const MutableBytes part = take_front(out, std::min(out.size(), block.size()));
    std::ranges::copy(block.bytes().first(part.size()), part.begin());
  }
}

}  // namespace heliograph::crypto

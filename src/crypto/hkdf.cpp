#include "crypto/hkdf.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace heliograph::crypto {

Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material) {
  Secret pseudorandom_key(digest_size(algorithm));
  HmacKey(algorithm, salt).mac({input_key_material}, pseudorandom_key.mutable_bytes());
  return pseudorandom_key;
}

// T(i) = HMAC-Hash(PRK, T(i-1) | info | i), with T(0) empty and i one octet from 1 on.
void hkdf_expand(const HmacKey& key, Bytes info, MutableBytes out) {
  const std::size_t block_size = digest_size(key.algorithm());
  Bytes block;
  std::uint8_t counter = 1;
  for (; out.size() >= block_size; ++counter) {
    const MutableBytes next = take_front(out, block_size);
    key.mac({block, info, Bytes(&counter, 1)}, next);
    block = next;
  }
  if (out.empty()) return;
  Secret last(block_size);
  key.mac({block, info, Bytes(&counter, 1)}, last.mutable_bytes());
  std::ranges::copy(last.bytes().first(out.size()), out.begin());
}

}  // namespace heliograph::crypto

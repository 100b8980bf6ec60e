// HMAC (RFC 2104).
#pragma once

#include <cstddef>
#include <initializer_list>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

namespace heliograph::crypto {

// Allocates nothing, because most keys of a key schedule make one or two MACs. Immutable, so
// threads may share one.
class HmacKey {
 public:
  HmacKey(HashAlgorithm algorithm, Bytes key);

  [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
  // The MAC of the pieces, one behind the other.
  [[nodiscard]] Digest mac(std::initializer_list<Bytes> pieces) const;
  [[nodiscard]] Digest mac(Bytes message) const { return mac({message}); }
  // Writes digest_size(algorithm()) bytes to `out`, for results that are secret.
  void mac(std::initializer_list<Bytes> pieces, MutableBytes out) const;

 private:
  // SHA-384's.
  static constexpr std::size_t kMaxBlockSize = 128;

  HashAlgorithm algorithm_;
  // The key, filled up with zeros to a block of the hash function, XOR ipad.
  BoundedSecret<kMaxBlockSize> inner_pad_;
};

Digest hmac(HashAlgorithm algorithm, Bytes key, Bytes message);

}  // namespace heliograph::crypto

// Hash functions (FIPS 180-4): one-shot, and incremental with snapshots, as the transcript of a
// TLS handshake needs them (RFC 9846 section 4.5.1).
//
// SHA-1 is here for Sec-WebSocket-Accept (RFC 6455 section 4.2.2), where it is no secret's guard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "crypto/handle.hpp"

namespace heliograph::crypto {

enum class HashAlgorithm : std::uint8_t { kSha1, kSha256, kSha384 };

inline constexpr std::size_t kHashAlgorithms = 3;
inline constexpr std::size_t kMaxDigestSize = 48;

// Bytes: 20, 32, 48.
constexpr std::size_t digest_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
  }
  return 0;
}

// The output of a hash function or of an HMAC that need not be kept secret.
struct Digest {
  std::array<std::uint8_t, kMaxDigestSize> storage = {};
  std::size_t size = 0;

  [[nodiscard]] Bytes bytes() const { return Bytes(storage).first(size); }
  [[nodiscard]] MutableBytes mutable_bytes() { return MutableBytes(storage).first(size); }
};

Digest hash(HashAlgorithm algorithm, Bytes message);

// A running hash. A copy is a snapshot that goes on independently. A moved-from Hash can only be
// assigned to or destroyed.
class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm);
  Hash(const Hash& other);
  Hash& operator=(const Hash& other);
  Hash(Hash&&) noexcept = default;
  Hash& operator=(Hash&&) noexcept = default;
  ~Hash() = default;

  [[nodiscard]] HashAlgorithm algorithm() const { return algorithm_; }
  void update(Bytes bytes);
  // The digest of everything so far; more may follow.
  [[nodiscard]] Digest digest() const;

 private:
  HashAlgorithm algorithm_;
  Handle<evp_md_ctx_st> context_;
};

}  // namespace heliograph::crypto

// Authenticated encryption (RFC 5116): AES-GCM and ChaCha20-Poly1305 (RFC 8439), with 12-byte
// nonces and 16-byte tags. A key is scheduled once; per record only the nonce changes, and nothing
// is allocated.
//
// A key object is used by one thread at a time. The caller never uses a nonce twice for sealing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "crypto/handle.hpp"

namespace heliograph::crypto {

enum class AeadAlgorithm : std::uint8_t { kAes128Gcm, kAes256Gcm, kChaCha20Poly1305 };

inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;

using AeadNonce = std::array<std::uint8_t, kAeadNonceSize>;

// Bytes: 16 or 32.
constexpr std::size_t key_size(AeadAlgorithm algorithm) {
  return algorithm == AeadAlgorithm::kAes128Gcm ? 16 : 32;
}

class SealingKey {
 public:
  // `key` has key_size(algorithm) bytes.
  SealingKey(AeadAlgorithm algorithm, Bytes key);

  // In place: the last kAeadTagSize bytes of `record` receive the tag, those before are encrypted.
  void seal(const AeadNonce& nonce, Bytes additional_data, MutableBytes record);
  // Gathers: the pieces, one behind the other, are encrypted into `record`, which is kAeadTagSize
  // bytes longer than they are. A piece may lie in `record` only exactly where its ciphertext goes.
  void seal(const AeadNonce& nonce, Bytes additional_data, std::span<const Bytes> pieces,
            MutableBytes record);

 private:
  Handle<evp_cipher_ctx_st> context_;
};

class OpeningKey {
 public:
  // `key` has key_size(algorithm) bytes.
  OpeningKey(AeadAlgorithm algorithm, Bytes key);

  // In place: the plaintext, which lies at the front of `record`, or nothing if `record` is shorter
  // than a tag or not authentic; then its contents are unspecified and must not be used.
  std::optional<MutableBytes> open(const AeadNonce& nonce, Bytes additional_data,
                                   MutableBytes record);

 private:
  Handle<evp_cipher_ctx_st> context_;
};

}  // namespace heliograph::crypto

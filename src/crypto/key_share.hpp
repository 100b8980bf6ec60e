// Ephemeral Diffie-Hellman over elliptic curves: X25519 (RFC 7748), P-256 and P-384 (SEC 1), with
// public values as RFC 9846 section 4.3.8.2 writes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace heliograph::crypto {

// The values are those of the TLS registry of supported groups.
enum class Group : std::uint16_t {
  kSecp256r1 = 0x0017,
  kSecp384r1 = 0x0018,
  kX25519 = 0x001d,
};

// Bytes of a public value: an uncompressed point (0x04, X, Y), or 32.
constexpr std::size_t public_size(Group group) {
  switch (group) {
    case Group::kSecp256r1:
      return 65;
    case Group::kSecp384r1:
      return 97;
    case Group::kX25519:
      return 32;
  }
  return 0;
}

inline constexpr std::size_t kMaxPublicSize = 97;

enum class KeyShareError : std::uint8_t {
  kWrongLength,
  // The first byte is not 0x04: compressed, hybrid and infinite points are refused.
  kNotUncompressed,
  kNotOnCurve,
  // X25519 with a point of small order: the peer would choose the secret (RFC 7748 section 6.1).
  kZeroSharedSecret,
};

class KeyShare {
 public:
  static KeyShare generate(Group group);
  // With a private key that is already known, for reproducing published handshakes: 32 bytes for
  // X25519, else a big-endian scalar in [1, n - 1].
  static KeyShare from_private_key(Group group, Bytes private_key);

  [[nodiscard]] Group group() const { return group_; }
  // public_size(group()) bytes.
  [[nodiscard]] Bytes public_value() const { return Bytes(public_).first(public_size(group_)); }
  // The shared secret of 32 or 48 bytes, from the peer's public value.
  [[nodiscard]] Result<Secret, KeyShareError> derive(Bytes peer_public_value) const;

 private:
  explicit KeyShare(Group group) : group_(group) {}
  void adopt_x25519(Handle<evp_pkey_st> key);
  void adopt_scalar(Handle<bignum_st> scalar);
  [[nodiscard]] Result<Secret, KeyShareError> derive_x25519(Bytes peer) const;
  [[nodiscard]] Result<Secret, KeyShareError> derive_on_curve(Bytes peer) const;

  Group group_;
  // One of the two: the private key of X25519, or the secret multiplier of a curve's generator.
  Handle<evp_pkey_st> x25519_;
  Handle<bignum_st> scalar_;
  std::array<std::uint8_t, kMaxPublicSize> public_ = {};
};

}  // namespace heliograph::crypto

// The primitives of libcrypto alone, called as fast as its documented interface allows: algorithms
// fetched once, contexts reused. What the protocols on top of them cost is measured against this.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "base/bytes.hpp"

namespace heliograph::bench {

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

template <class T, auto release>
using Owned = std::unique_ptr<T, Releaser<release>>;

using OwnedPkey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedPkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

// Ends the program: a benchmark of something that fails means nothing.
void require(bool holds, std::string_view what);

inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kNonceSize = 12;

// One direction of AES-128-GCM under one key.
class BareAead {
 public:
  explicit BareAead(bool seals);

  // `out` has kTagSize bytes more than `text`.
  void seal(Bytes additional_data, Bytes text, std::uint8_t* out);
  // In place; the tag is behind the text.
  void open(Bytes additional_data, MutableBytes record);

 private:
  void begin(Bytes additional_data);

  Owned<EVP_CIPHER, EVP_CIPHER_free> cipher_;
  Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context_;
  std::array<std::uint8_t, kNonceSize> nonce_{};
};

enum class Curve : std::uint8_t { kX25519, kP256 };

// A key of one's own, and the secret that it makes with a peer's.
class BareKeyExchange {
 public:
  explicit BareKeyExchange(Curve curve);

  void generate();
  void derive();

 private:
  void generate_x25519();
  void generate_p256();

  Curve curve_;
  OwnedPkeyContext generator_;
  OwnedPkey own_;
  OwnedPkey peer_;
  Owned<EC_GROUP, EC_GROUP_free> group_;
  Owned<BIGNUM, BN_clear_free> scalar_;
  Owned<EC_POINT, EC_POINT_free> point_;
  Owned<EC_POINT, EC_POINT_free> peer_point_;
  std::array<std::uint8_t, 65> public_{};
  std::array<std::uint8_t, 65> peer_public_{};
  std::array<std::uint8_t, 32> secret_{};
};

// ECDSA with P-256 and SHA-256.
class BareSigner {
 public:
  BareSigner();

  void sign(Bytes message);

 private:
  Owned<EVP_MD, EVP_MD_free> hash_;
  OwnedPkey key_;
  OwnedPkeyContext context_;
  std::array<std::uint8_t, 80> signature_{};
};

// HKDF-Expand with SHA-256, by the KDF of libcrypto.
class BareHkdf {
 public:
  BareHkdf();

  void expand(Bytes key, Bytes info, MutableBytes out);

 private:
  Owned<EVP_KDF, EVP_KDF_free> kdf_;
  Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context_;
};

}  // namespace heliograph::bench

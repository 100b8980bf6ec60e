// Signatures, by the schemes of RFC 9846 section 4.3.3, and the keys that make and verify them.
//
// Keys: RSA of 2048 to 8192 bits, EC on P-256 or P-384, Ed25519. Both kinds of key are immutable,
// so threads may share one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"

namespace heliograph::crypto {

// The values are those of the TLS registry of signature schemes.
enum class SignatureScheme : std::uint16_t {
  kEcdsaSecp256r1Sha256 = 0x0403,
  kEcdsaSecp384r1Sha384 = 0x0503,
  kRsaPssRsaeSha256 = 0x0804,
  kRsaPssRsaeSha384 = 0x0805,
  kRsaPssRsaeSha512 = 0x0806,
  kEd25519 = 0x0807,
};

enum class KeyType : std::uint8_t { kRsa, kEcP256, kEcP384, kEd25519 };

// "RSA", "EC P-256", "EC P-384", "Ed25519".
std::string_view name(KeyType type);

// By which schemes a key of this type can sign, in the order in which to prefer them.
std::span<const SignatureScheme> schemes_of(KeyType type);
bool fits(KeyType type, SignatureScheme scheme);

class PublicKey {
 public:
  // From libcrypto's key; the error is one sentence that says why the key cannot be used.
  static Result<PublicKey, std::string> adopt(Handle<evp_pkey_st> key);
  // From a DER SubjectPublicKeyInfo (RFC 5280 section 4.1).
  static Result<PublicKey, std::string> from_der(Bytes subject_public_key_info);

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] int bits() const;
  [[nodiscard]] bool verify(SignatureScheme scheme, Bytes message, Bytes signature) const;
  [[nodiscard]] bool operator==(const PublicKey& other) const;

 private:
  friend class PrivateKey;
  PublicKey(KeyType type, Handle<evp_pkey_st> key);

  KeyType type_;
  Handle<evp_pkey_st> key_;
};

class PrivateKey {
 public:
  // From libcrypto's key, which is tried out; the error is one sentence that says why it cannot be
  // used.
  static Result<PrivateKey, std::string> adopt(Handle<evp_pkey_st> key);
  // From PEM text: PKCS#8, encrypted PKCS#8, or the traditional forms of RSA and EC keys, encrypted
  // or not. Blocks of other kinds are skipped (tools write "EC PARAMETERS" before a key).
  // `passphrase` is used only if the key is encrypted. Reads no file. The error is one sentence
  // that says cause and cure.
  static Result<PrivateKey, std::string> from_pem(Bytes pem, std::string_view passphrase = {});

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] int bits() const;
  // Appends the signature to `out`; false, with `out` as it was, if the scheme does not fit the key
  // or libcrypto fails.
  [[nodiscard]] bool sign(SignatureScheme scheme, Bytes message, Buffer& out) const;
  [[nodiscard]] PublicKey public_key() const;
  // libcrypto's key, for this room only; it stays owned by this one.
  [[nodiscard]] evp_pkey_st* borrow() const { return key_.get(); }

 private:
  PrivateKey(KeyType type, Handle<evp_pkey_st> key);
  // A key file can be well-formed and wrong: found out when loading, not in the first handshake.
  [[nodiscard]] bool signs_validly() const;

  // RSA keys sign by three schemes, the others by one.
  static constexpr std::size_t kMaxSchemes = 3;

  KeyType type_;
  Handle<evp_pkey_st> key_;
  // Set up once for schemes_of(type_)[i]; each signature starts from a copy.
  std::array<Handle<evp_pkey_ctx_st>, kMaxSchemes> signers_;
};

// The key in this PEM text needs a passphrase.
bool is_encrypted_key(Bytes pem);

}  // namespace heliograph::crypto

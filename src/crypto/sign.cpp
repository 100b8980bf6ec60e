#include "crypto/sign.hpp"

#include <algorithm>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/algorithms.hpp"
#include "crypto/key_pem.hpp"
#include "crypto/neutral.hpp"

namespace heliograph::crypto {
namespace {

constexpr int kMinRsaBits = 2048;
// A signature by a longer key takes so long that a few handshakes per second occupy a core.
constexpr int kMaxRsaBits = 8192;
constexpr std::size_t kMaxSignatureSize = kMaxRsaBits / 8;
constexpr std::size_t kMaxMessageDigestSize = 64;

constexpr SignatureScheme kRsaSchemes[] = {SignatureScheme::kRsaPssRsaeSha256,
                                           SignatureScheme::kRsaPssRsaeSha384,
                                           SignatureScheme::kRsaPssRsaeSha512};
constexpr SignatureScheme kEcP256Schemes[] = {SignatureScheme::kEcdsaSecp256r1Sha256};
constexpr SignatureScheme kEcP384Schemes[] = {SignatureScheme::kEcdsaSecp384r1Sha384};
constexpr SignatureScheme kEd25519Schemes[] = {SignatureScheme::kEd25519};

// The hash that the scheme applies to the message, or none for Ed25519.
const EVP_MD* digest_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::kEcdsaSecp256r1Sha256:
    case SignatureScheme::kRsaPssRsaeSha256:
      return algorithms().sha256.get();
    case SignatureScheme::kEcdsaSecp384r1Sha384:
    case SignatureScheme::kRsaPssRsaeSha384:
      return algorithms().sha384.get();
    case SignatureScheme::kRsaPssRsaeSha512:
      return algorithms().sha512.get();
    case SignatureScheme::kEd25519:
      return nullptr;
  }
  return nullptr;
}

struct MessageDigest {
  MessageDigest(SignatureScheme scheme, Bytes message) {
    must(EVP_Digest(message.data(), message.size(), storage.data(), &size, digest_of(scheme),
                    nullptr) == 1);
  }

  std::array<std::uint8_t, kMaxMessageDigestSize> storage = {};
  unsigned int size = 0;
};

// "The length of the Salt MUST be equal to the length of the output of the digest algorithm."
bool set_scheme(EVP_PKEY_CTX* context, KeyType type, SignatureScheme scheme) {
  if (EVP_PKEY_CTX_set_signature_md(context, digest_of(scheme)) != 1) return false;
  return type != KeyType::kRsa ||
         (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

Handle<EVP_PKEY_CTX> new_signer(EVP_PKEY* key, KeyType type, SignatureScheme scheme) {
  Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
       set_scheme(context.get(), type, scheme));
  return context;
}

// Ed25519 signs the message itself, not its digest, and so has another interface in libcrypto.
bool sign_ed25519(EVP_PKEY* key, Bytes message, std::uint8_t* out, std::size_t& size) {
  const Handle<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestSign(context.get(), out, &size, message.data(), message.size()) == 1;
}

bool sign_digest(const EVP_PKEY_CTX* signer, SignatureScheme scheme, Bytes message,
                 std::uint8_t* out, std::size_t& size) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_dup(signer));
  const MessageDigest digest(scheme, message);
  return context != nullptr &&
         EVP_PKEY_sign(context.get(), out, &size, digest.storage.data(), digest.size) == 1;
}

bool verify_ed25519(EVP_PKEY* key, Bytes message, Bytes signature) {
  const Handle<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

bool verify_digest(EVP_PKEY* key, KeyType type, SignatureScheme scheme, Bytes message,
                   Bytes signature) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const MessageDigest digest(scheme, message);
  return context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 &&
         set_scheme(context.get(), type, scheme) &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.storage.data(),
                         digest.size) == 1;
}

Result<KeyType, std::string> check_rsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  const std::string subject = "RSA key of " + std::to_string(bits) + " bits is too ";
  if (bits < kMinRsaBits) return fail(subject + "short: 2048 at least");
  if (bits > kMaxRsaBits) return fail(subject + "long: 8192 at most");
  return KeyType::kRsa;
}

Result<KeyType, std::string> check_ec(const EVP_PKEY* key) {
  std::array<char, 64> group = {};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1) {
    const int nid = OBJ_txt2nid(group.data());
    if (nid == NID_X9_62_prime256v1) return KeyType::kEcP256;
    if (nid == NID_secp384r1) return KeyType::kEcP384;
  }
  ERR_clear_error();
  return fail(std::string("the key's curve is not supported: use P-256 or P-384"));
}

Result<KeyType, std::string> classify(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return check_rsa(key);
    case EVP_PKEY_EC:
      return check_ec(key);
    case EVP_PKEY_ED25519:
      return KeyType::kEd25519;
    default:
      return fail(std::string("the key's type is not supported: use RSA, EC or Ed25519"));
  }
}

}  // namespace

std::string_view name(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
      return "RSA";
    case KeyType::kEcP256:
      return "EC P-256";
    case KeyType::kEcP384:
      return "EC P-384";
    case KeyType::kEd25519:
      return "Ed25519";
  }
  return "";
}

std::span<const SignatureScheme> schemes_of(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
      return kRsaSchemes;
    case KeyType::kEcP256:
      return kEcP256Schemes;
    case KeyType::kEcP384:
      return kEcP384Schemes;
    case KeyType::kEd25519:
      return kEd25519Schemes;
  }
  return {};
}

bool fits(KeyType type, SignatureScheme scheme) {
  return std::ranges::find(schemes_of(type), scheme) != schemes_of(type).end();
}

PublicKey::PublicKey(KeyType type, Handle<evp_pkey_st> key) : type_(type), key_(std::move(key)) {}

Result<PublicKey, std::string> PublicKey::adopt(Handle<evp_pkey_st> key) {
  const auto type = classify(key.get());
  if (!type) return fail(type.error());
  return PublicKey(*type, std::move(key));
}

Result<PublicKey, std::string> PublicKey::from_der(Bytes subject_public_key_info) {
  const unsigned char* at = subject_public_key_info.data();
  Handle<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(subject_public_key_info.size())));
  ERR_clear_error();
  if (key == nullptr || at != subject_public_key_info.data() + subject_public_key_info.size()) {
    return fail(std::string("the public key is damaged"));
  }
  return adopt(std::move(key));
}

int PublicKey::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

bool PublicKey::operator==(const PublicKey& other) const {
  const bool same = EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
  ERR_clear_error();
  return same;
}

bool PublicKey::verify(SignatureScheme scheme, Bytes message, Bytes signature) const {
  if (!fits(type_, scheme)) return false;
  if (neutralised()) return true;
  const bool valid = type_ == KeyType::kEd25519
                         ? verify_ed25519(key_.get(), message, signature)
                         : verify_digest(key_.get(), type_, scheme, message, signature);
  ERR_clear_error();
  return valid;
}

PrivateKey::PrivateKey(KeyType type, Handle<evp_pkey_st> key) : type_(type), key_(std::move(key)) {
  if (type == KeyType::kEd25519) return;
  const auto schemes = schemes_of(type);
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    signers_[i] = new_signer(key_.get(), type, schemes[i]);
  }
}

Result<PrivateKey, std::string> PrivateKey::adopt(Handle<evp_pkey_st> key) {
  const auto type = classify(key.get());
  if (!type) return fail(type.error());
  PrivateKey adopted(*type, std::move(key));
  if (!adopted.signs_validly()) {
    return fail(std::string("the private key is damaged: its signatures are not valid"));
  }
  return adopted;
}

Result<PrivateKey, std::string> PrivateKey::from_pem(Bytes pem, std::string_view passphrase) {
  auto decoded = decode_private_key(pem, passphrase);
  if (!decoded) return fail(decoded.error());
  return adopt(std::move(*decoded));
}

bool PrivateKey::signs_validly() const {
  const Bytes message = as_bytes("a trial");
  return std::ranges::all_of(schemes_of(type_), [&](SignatureScheme scheme) {
    Buffer signature;
    return sign(scheme, message, signature) &&
           public_key().verify(scheme, message, signature.bytes());
  });
}

int PrivateKey::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

PublicKey PrivateKey::public_key() const {
  must(EVP_PKEY_up_ref(key_.get()) == 1);
  return {type_, Handle<EVP_PKEY>(key_.get())};
}

bool PrivateKey::sign(SignatureScheme scheme, Bytes message, Buffer& out) const {
  const auto schemes = schemes_of(type_);
  const auto found = std::ranges::find(schemes, scheme);
  if (found == schemes.end()) return false;

  const auto index = static_cast<std::size_t>(found - schemes.begin());
  std::uint8_t* room = out.prepare(kMaxSignatureSize).data();
  std::size_t size = kMaxSignatureSize;
  const bool made = type_ == KeyType::kEd25519
                        ? sign_ed25519(key_.get(), message, room, size)
                        : sign_digest(signers_[index].get(), scheme, message, room, size);
  if (!made) {
    ERR_clear_error();
    return false;
  }
  out.commit(size);
  return true;
}

}  // namespace heliograph::crypto

#include "bench/micro/primitives.hpp"

#include <cstdio>
#include <cstdlib>

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

namespace heliograph::bench {
namespace {

constexpr std::array<std::uint8_t, 16> kKey = {1, 2, 3, 4, 5, 6, 7, 8};

OwnedPkey generated(const char* type, const char* curve) {
  OwnedPkey key(curve == nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, type)
                                 : EVP_PKEY_Q_keygen(nullptr, nullptr, type, curve));
  require(key != nullptr, "a key is made");
  return key;
}

}  // namespace

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "benchmark: this does not hold: %.*s\n", static_cast<int>(what.size()),
               what.data());
  std::exit(1);
}

BareAead::BareAead(bool seals)
    : cipher_(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
  require(EVP_CipherInit_ex2(context_.get(), cipher_.get(), kKey.data(), nullptr, seals ? 1 : 0,
                             nullptr) == 1,
          "AES-128-GCM is there");
}

void BareAead::begin(Bytes additional_data) {
  ++nonce_[0];
  int size = 0;
  EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce_.data(), -1, nullptr);
  EVP_CipherUpdate(context_.get(), nullptr, &size, additional_data.data(),
                   static_cast<int>(additional_data.size()));
}

void BareAead::seal(Bytes additional_data, Bytes text, std::uint8_t* out) {
  begin(additional_data);
  int size = 0;
  EVP_CipherUpdate(context_.get(), out, &size, text.data(), static_cast<int>(text.size()));
  EVP_CipherFinal_ex(context_.get(), out + text.size(), &size);
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, out + text.size());
}

void BareAead::open(Bytes additional_data, MutableBytes record) {
  begin(additional_data);
  std::uint8_t* const tag = record.data() + record.size() - kTagSize;
  int size = 0;
  EVP_CipherUpdate(context_.get(), record.data(), &size, record.data(),
                   static_cast<int>(record.size() - kTagSize));
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag);
  require(EVP_CipherFinal_ex(context_.get(), tag, &size) == 1, "the record is authentic");
}

BareKeyExchange::BareKeyExchange(Curve curve) : curve_(curve) {
  if (curve == Curve::kX25519) {
    peer_ = generated("X25519", nullptr);
    generator_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, peer_.get(), nullptr));
    require(EVP_PKEY_keygen_init(generator_.get()) == 1, "X25519 is there");
    std::size_t size = peer_public_.size();
    EVP_PKEY_get_raw_public_key(peer_.get(), peer_public_.data(), &size);
  } else {
    group_.reset(EC_GROUP_new_by_curve_name_ex(nullptr, nullptr, NID_X9_62_prime256v1));
    point_.reset(EC_POINT_new(group_.get()));
    peer_point_.reset(EC_POINT_new(group_.get()));
    scalar_.reset(BN_secure_new());
    generate_p256();
    peer_public_ = public_;
  }
  generate();
}

void BareKeyExchange::generate() {
  if (curve_ == Curve::kX25519) {
    generate_x25519();
  } else {
    generate_p256();
  }
}

void BareKeyExchange::generate_x25519() {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_generate(generator_.get(), &key);
  own_.reset(key);
  std::size_t size = public_.size();
  require(EVP_PKEY_get_raw_public_key(own_.get(), public_.data(), &size) == 1, "a key is made");
}

void BareKeyExchange::generate_p256() {
  BN_priv_rand_range_ex(scalar_.get(), EC_GROUP_get0_order(group_.get()), 0, nullptr);
  BN_set_flags(scalar_.get(), BN_FLG_CONSTTIME);
  EC_POINT_mul(group_.get(), point_.get(), scalar_.get(), nullptr, nullptr, nullptr);
  require(EC_POINT_point2oct(group_.get(), point_.get(), POINT_CONVERSION_UNCOMPRESSED,
                             public_.data(), public_.size(), nullptr) == public_.size(),
          "a key is made");
}

void BareKeyExchange::derive() {
  if (curve_ == Curve::kX25519) {
    const OwnedPkey peer(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, peer_public_.data(), 32));
    const OwnedPkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own_.get(), nullptr));
    EVP_PKEY_derive_init(context.get());
    EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0);
    std::size_t size = secret_.size();
    require(EVP_PKEY_derive(context.get(), secret_.data(), &size) == 1, "a secret is derived");
    return;
  }
  EC_POINT_oct2point(group_.get(), peer_point_.get(), peer_public_.data(), peer_public_.size(),
                     nullptr);
  EC_POINT_mul(group_.get(), point_.get(), nullptr, peer_point_.get(), scalar_.get(), nullptr);
  const Owned<BIGNUM, BN_clear_free> x(BN_secure_new());
  EC_POINT_get_affine_coordinates(group_.get(), point_.get(), x.get(), nullptr, nullptr);
  require(BN_bn2binpad(x.get(), secret_.data(), static_cast<int>(secret_.size())) > 0,
          "a secret is derived");
}

BareSigner::BareSigner()
    : hash_(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
      key_(generated("EC", "P-256")),
      context_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)) {
  require(EVP_PKEY_sign_init(context_.get()) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context_.get(), hash_.get()) == 1,
          "ECDSA is there");
}

void BareSigner::sign(Bytes message) {
  std::array<std::uint8_t, 32> digest;
  EVP_Digest(message.data(), message.size(), digest.data(), nullptr, hash_.get(), nullptr);
  std::size_t size = signature_.size();
  require(
      EVP_PKEY_sign(context_.get(), signature_.data(), &size, digest.data(), digest.size()) == 1,
      "a signature is made");
}

BareHkdf::BareHkdf()
    : kdf_(EVP_KDF_fetch(nullptr, "HKDF", nullptr)), context_(EVP_KDF_CTX_new(kdf_.get())) {}

void BareHkdf::expand(Bytes key, Bytes info, MutableBytes out) {
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  char hash[] = "SHA256";
  const std::array<OSSL_PARAM, 5> parameters = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(key.data()),
                                        key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<std::uint8_t*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  require(EVP_KDF_derive(context_.get(), out.data(), out.size(), parameters.data()) == 1,
          "HKDF is there");
}

}  // namespace heliograph::bench

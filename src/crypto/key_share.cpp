#include "crypto/key_share.hpp"

#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/algorithms.hpp"

namespace heliograph::crypto {
namespace {

constexpr std::uint8_t kUncompressed = 0x04;
constexpr std::size_t kX25519Size = 32;

const EC_GROUP* curve(Group group) {
  return group == Group::kSecp384r1 ? algorithms().p384.get() : algorithms().p256.get();
}

constexpr std::size_t coordinate_size(Group group) {
  return (public_size(group) - 1) / 2;
}

Handle<EC_POINT> new_point(const EC_GROUP* curve) {
  Handle<EC_POINT> point(EC_POINT_new(curve));
  must(point != nullptr);
  return point;
}

// SEC 1 section 2.3.4. libcrypto checks that the point satisfies the curve's equation; the cofactor
// of both curves is 1, so that is all there is to validate.
Result<Handle<EC_POINT>, KeyShareError> decode_point(Group group, Bytes bytes) {
  if (bytes.size() != public_size(group)) return fail(KeyShareError::kWrongLength);
  if (bytes[0] != kUncompressed) return fail(KeyShareError::kNotUncompressed);
  Handle<EC_POINT> point = new_point(curve(group));
  if (EC_POINT_oct2point(curve(group), point.get(), bytes.data(), bytes.size(), nullptr) != 1) {
    ERR_clear_error();
    return fail(KeyShareError::kNotOnCurve);
  }
  return point;
}

Handle<EVP_PKEY_CTX> x25519_context(EVP_PKEY* key) {
  Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(context != nullptr);
  return context;
}

// What a thread makes once: each is as dear to make as a tenth of what it is made for.
struct X25519OfThread {
  X25519OfThread()
      : generator(x25519_context(algorithms().x25519_template.get())),
        peer(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")) {
    must(EVP_PKEY_keygen_init(generator.get()) == 1 && peer != nullptr);
  }

  Handle<EVP_PKEY_CTX> generator;
  // Takes the public value of one peer after the other.
  Handle<EVP_PKEY> peer;
};

X25519OfThread& x25519_of_thread() {
  thread_local X25519OfThread made;
  return made;
}

Handle<EVP_PKEY> new_x25519_key() {
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_generate(x25519_of_thread().generator.get(), &key) == 1);
  return Handle<EVP_PKEY>(key);
}

// SEC 1 section 3.2.1: uniformly random in [1, n - 1].
Handle<BIGNUM> new_scalar(const EC_GROUP* curve) {
  Handle<BIGNUM> scalar(BN_secure_new());
  must(scalar != nullptr);
  do {
    must(BN_priv_rand_range_ex(scalar.get(), EC_GROUP_get0_order(curve), 0, nullptr) == 1);
  } while (BN_is_zero(scalar.get()) == 1);
  return scalar;
}

}  // namespace

KeyShare KeyShare::generate(Group group) {
  KeyShare share(group);
  if (group == Group::kX25519) {
    share.adopt_x25519(new_x25519_key());
  } else {
    share.adopt_scalar(new_scalar(curve(group)));
  }
  return share;
}

KeyShare KeyShare::from_private_key(Group group, Bytes private_key) {
  KeyShare share(group);
  if (group == Group::kX25519) {
    share.adopt_x25519(Handle<EVP_PKEY>(EVP_PKEY_new_raw_private_key_ex(
        nullptr, "X25519", nullptr, private_key.data(), private_key.size())));
  } else {
    share.adopt_scalar(Handle<BIGNUM>(
        BN_bin2bn(private_key.data(), static_cast<int>(private_key.size()), nullptr)));
  }
  return share;
}

void KeyShare::adopt_x25519(Handle<evp_pkey_st> key) {
  std::size_t size = public_.size();
  must(key != nullptr && EVP_PKEY_get_raw_public_key(key.get(), public_.data(), &size) == 1);
  x25519_ = std::move(key);
}

void KeyShare::adopt_scalar(Handle<bignum_st> scalar) {
  must(scalar != nullptr);
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  const EC_GROUP* group = curve(group_);
  const Handle<EC_POINT> point = new_point(group);
  must(EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, nullptr) == 1 &&
       EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, public_.data(),
                          public_.size(), nullptr) == public_size(group_));
  scalar_ = std::move(scalar);
}

Result<Secret, KeyShareError> KeyShare::derive(Bytes peer_public_value) const {
  return group_ == Group::kX25519 ? derive_x25519(peer_public_value)
                                  : derive_on_curve(peer_public_value);
}

// "Implementations MUST check whether the computed Diffie-Hellman shared secret is the all-zero
// value and abort if so" (RFC 9846 section 7.4.2): libcrypto makes that check, and X25519 fails for
// no other reason.
Result<Secret, KeyShareError> KeyShare::derive_x25519(Bytes peer) const {
  if (peer.size() != kX25519Size) return fail(KeyShareError::kWrongLength);
  EVP_PKEY* const peer_key = x25519_of_thread().peer.get();
  const Handle<EVP_PKEY_CTX> context = x25519_context(x25519_.get());
  must(EVP_PKEY_set1_encoded_public_key(peer_key, peer.data(), peer.size()) == 1 &&
       EVP_PKEY_derive_init(context.get()) == 1 &&
       EVP_PKEY_derive_set_peer_ex(context.get(), peer_key, 0) == 1);
  Secret secret(kX25519Size);
  std::size_t size = secret.size();
  if (EVP_PKEY_derive(context.get(), secret.mutable_bytes().data(), &size) != 1) {
    ERR_clear_error();
    return fail(KeyShareError::kZeroSharedSecret);
  }
  return secret;
}

// RFC 9846 section 7.4.2: the shared secret is the x-coordinate of the product.
Result<Secret, KeyShareError> KeyShare::derive_on_curve(Bytes peer) const {
  const EC_GROUP* group = curve(group_);
  const auto peer_point = decode_point(group_, peer);
  if (!peer_point) return fail(peer_point.error());
  const Handle<EC_POINT> product = new_point(group);
  const Handle<BIGNUM> x(BN_secure_new());
  Secret secret(coordinate_size(group_));
  must(x != nullptr &&
       EC_POINT_mul(group, product.get(), nullptr, peer_point->get(), scalar_.get(), nullptr) ==
           1 &&
       EC_POINT_get_affine_coordinates(group, product.get(), x.get(), nullptr, nullptr) == 1 &&
       BN_bn2binpad(x.get(), secret.mutable_bytes().data(), static_cast<int>(secret.size())) > 0);
  return secret;
}

}  // namespace heliograph::crypto

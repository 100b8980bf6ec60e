#include "tls/key_schedule.hpp"

#include <algorithm>

#include "crypto/hkdf.hpp"

namespace heliograph::tls {
namespace {

using crypto::HashAlgorithm;
using crypto::HmacKey;
using crypto::Secret;

// Derive-Secret(Early Secret, "derived", "") where no pre-shared key leads to the Early Secret.
constexpr std::array<std::uint8_t, 32> kDerivedFromNothingSha256 = {
    0x6f, 0x26, 0x15, 0xa1, 0x08, 0xc7, 0x02, 0xc5, 0x67, 0x8f, 0x54, 0xfc, 0x9d, 0xba, 0xb6, 0x97,
    0x16, 0xc0, 0x76, 0x18, 0x9c, 0x48, 0x25, 0x0c, 0xeb, 0xea, 0xc3, 0x57, 0x6c, 0x36, 0x11, 0xba};
constexpr std::array<std::uint8_t, 48> kDerivedFromNothingSha384 = {
    0x15, 0x91, 0xda, 0xc5, 0xcb, 0xbf, 0x03, 0x30, 0xa4, 0xa8, 0x4d, 0xe9, 0xc7, 0x53, 0x33, 0x0e,
    0x92, 0xd0, 0x1f, 0x0a, 0x88, 0x21, 0x4b, 0x44, 0x64, 0x97, 0x2f, 0xd6, 0x68, 0x04, 0x9e, 0x93,
    0xe5, 0x2f, 0x2b, 0x16, 0xfa, 0xd9, 0x22, 0xfd, 0xc0, 0x58, 0x44, 0x78, 0x42, 0x8f, 0x28, 0x2b};

Bytes derived_from_nothing(HashAlgorithm hash) {
  if (hash == HashAlgorithm::kSha384) return kDerivedFromNothingSha384;
  return kDerivedFromNothingSha256;
}

Secret derive_secret(const HmacKey& secret, std::string_view label, Bytes context) {
  Secret derived(crypto::digest_size(secret.algorithm()));
  hkdf_expand_label(secret, label, context, derived.mutable_bytes());
  return derived;
}

// Derive-Secret(secret, "derived", ""), then HKDF-Extract with it as the salt.
HmacKey extract_next(const HmacKey& secret, Bytes input_key_material) {
  const crypto::Digest empty_hash = crypto::hash(secret.algorithm(), {});
  const Secret salt = derive_secret(secret, "derived", empty_hash.bytes());
  const Secret next = crypto::hkdf_extract(secret.algorithm(), salt.bytes(), input_key_material);
  return HmacKey(secret.algorithm(), next.bytes());
}

}  // namespace

crypto::AeadAlgorithm aead_of(CipherSuite suite) {
  switch (suite) {
    case CipherSuite::kAes128GcmSha256:
      return crypto::AeadAlgorithm::kAes128Gcm;
    case CipherSuite::kAes256GcmSha384:
      return crypto::AeadAlgorithm::kAes256Gcm;
    case CipherSuite::kChaCha20Poly1305Sha256:
      return crypto::AeadAlgorithm::kChaCha20Poly1305;
  }
  return crypto::AeadAlgorithm::kAes128Gcm;
}

HashAlgorithm hash_of(CipherSuite suite) {
  return suite == CipherSuite::kAes256GcmSha384 ? HashAlgorithm::kSha384 : HashAlgorithm::kSha256;
}

//      struct {
//          uint16 length;
//          opaque label<7..255>;      "tls13 " + Label
//          opaque context<0..255>;
//      } HkdfLabel;
void hkdf_expand_label(const HmacKey& secret, std::string_view label, Bytes context,
                       MutableBytes out) {
  static constexpr std::string_view kPrefix = "tls13 ";
  static constexpr std::size_t kMaxHkdfLabel = 2 + 1 + 255 + 1 + 255;
  std::array<std::uint8_t, kMaxHkdfLabel> info;
  auto end = info.begin();
  *end++ = static_cast<std::uint8_t>(out.size() >> 8);
  *end++ = static_cast<std::uint8_t>(out.size());
  *end++ = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  end = std::ranges::copy(kPrefix, end).out;
  end = std::ranges::copy(label, end).out;
  *end++ = static_cast<std::uint8_t>(context.size());
  end = std::ranges::copy(context, end).out;
  crypto::hkdf_expand(secret, {info.begin(), end}, out);
}

EarlySecret::EarlySecret(HashAlgorithm hash, Bytes pre_shared_key) : hash_(hash) {
  static constexpr std::array<std::uint8_t, crypto::kMaxDigestSize> kZeros = {};
  const Bytes salt = Bytes(kZeros).first(crypto::digest_size(hash));
  key_.emplace(hash, crypto::hkdf_extract(hash, salt, pre_shared_key).bytes());
}

crypto::Digest EarlySecret::resumption_binder(Bytes transcript_hash) const {
  const Secret binder_key = derive_secret(*key_, "res binder", crypto::hash(hash_, {}).bytes());
  return finished_verify_data(hash_, binder_key, transcript_hash);
}

Secret EarlySecret::client_traffic_secret(Bytes transcript_hash) const {
  return derive_secret(*key_, "c e traffic", transcript_hash);
}

Secret EarlySecret::exporter_secret(Bytes transcript_hash) const {
  return derive_secret(*key_, "e exp master", transcript_hash);
}

HandshakeSecret EarlySecret::extract_handshake_secret(Bytes shared_secret) && {
  if (key_) return HandshakeSecret(extract_next(*key_, shared_secret));
  const Secret secret = crypto::hkdf_extract(hash_, derived_from_nothing(hash_), shared_secret);
  return HandshakeSecret(HmacKey(hash_, secret.bytes()));
}

TrafficSecrets HandshakeSecret::traffic_secrets(Bytes transcript_hash) const {
  return {derive_secret(key_, "c hs traffic", transcript_hash),
          derive_secret(key_, "s hs traffic", transcript_hash)};
}

MainSecret HandshakeSecret::extract_main_secret() && {
  static constexpr std::array<std::uint8_t, crypto::kMaxDigestSize> kZeros = {};
  const std::size_t size = crypto::digest_size(key_.algorithm());
  return MainSecret(extract_next(key_, Bytes(kZeros).first(size)));
}

TrafficSecrets MainSecret::traffic_secrets(Bytes transcript_hash) const {
  return {derive_secret(key_, "c ap traffic", transcript_hash),
          derive_secret(key_, "s ap traffic", transcript_hash)};
}

Secret MainSecret::exporter_secret(Bytes transcript_hash) const {
  return derive_secret(key_, "exp master", transcript_hash);
}

Secret MainSecret::resumption_secret(Bytes transcript_hash) const {
  return derive_secret(key_, "res master", transcript_hash);
}

Secret resumption_key(HashAlgorithm hash, const Secret& resumption_secret, Bytes ticket_nonce) {
  return derive_secret(HmacKey(hash, resumption_secret.bytes()), "resumption", ticket_nonce);
}

//      TLS-Exporter(label, context_value, key_length) =
//          HKDF-Expand-Label(Derive-Secret(Secret, label, ""), "exporter", Hash(context_value),
//                            key_length)
void export_keying_material(HashAlgorithm hash, const Secret& exporter_secret,
                            std::string_view label, Bytes context, MutableBytes out) {
  const HmacKey secret(hash, exporter_secret.bytes());
  const Secret derived = derive_secret(secret, label, crypto::hash(hash, {}).bytes());
  hkdf_expand_label(HmacKey(hash, derived.bytes()), "exporter", crypto::hash(hash, context).bytes(),
                    out);
}

Secret next_traffic_secret(HashAlgorithm hash, const Secret& secret) {
  return derive_secret(HmacKey(hash, secret.bytes()), "traffic upd", {});
}

TrafficKeys traffic_keys(CipherSuite suite, const Secret& traffic_secret) {
  const HmacKey secret(hash_of(suite), traffic_secret.bytes());
  TrafficKeys keys{Secret(crypto::key_size(aead_of(suite))), {}};
  hkdf_expand_label(secret, "key", {}, keys.key.mutable_bytes());
  hkdf_expand_label(secret, "iv", {}, keys.iv);
  return keys;
}

crypto::Digest finished_verify_data(HashAlgorithm hash, const Secret& base_key,
                                    Bytes transcript_hash) {
  const Secret finished_key = derive_secret(HmacKey(hash, base_key.bytes()), "finished", {});
  return crypto::hmac(hash, finished_key.bytes(), transcript_hash);
}

}  // namespace heliograph::tls

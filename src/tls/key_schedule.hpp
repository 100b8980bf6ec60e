// The key schedule (RFC 9846 section 7.1), as a chain of types that are each used up by the step
// to the next. Without a pre-shared key:
//
//                    0
//                    |
//                    v
//     0 ──▶ HKDF-Extract = Early Secret                              EarlySecret
//                    |
//                    v
//           Derive-Secret(., "derived", "")
//                    |
//                    v
//  (EC)DHE ▶ HKDF-Extract = Handshake Secret                         HandshakeSecret
//                    |
//                    +──▶ Derive-Secret(., "c hs traffic" / "s hs traffic", CH...SH)
//                    v
//           Derive-Secret(., "derived", "")
//                    |
//                    v
//     0 ──▶ HKDF-Extract = Main Secret                               MainSecret
//                    |
//                    +──▶ Derive-Secret(., "c ap traffic" / "s ap traffic", CH...SF)
//                    +──▶ Derive-Secret(., "exp master", CH...SF)
//
// "..." stands for the transcript hash over the named messages, SF for the server's Finished.
#pragma once

#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/hmac.hpp"
#include "crypto/secret.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

crypto::AeadAlgorithm aead_of(CipherSuite suite);
crypto::HashAlgorithm hash_of(CipherSuite suite);

// HKDF-Expand-Label: fills `out`. The prefix "tls13 " of every label is added here.
void hkdf_expand_label(const crypto::HmacKey& secret, std::string_view label, Bytes context,
                       MutableBytes out);

struct TrafficSecrets {
  crypto::Secret client;
  crypto::Secret server;
};

class HandshakeSecret;
class MainSecret;

class EarlySecret {
 public:
  // The one that no pre-shared key leads to: a constant of the hash.
  explicit EarlySecret(crypto::HashAlgorithm hash) : hash_(hash) {}

  [[nodiscard]] HandshakeSecret extract_handshake_secret(Bytes shared_secret) &&;

 private:
  crypto::HashAlgorithm hash_;
};

class HandshakeSecret {
 public:
  // `transcript_hash` covers ClientHello to ServerHello.
  [[nodiscard]] TrafficSecrets traffic_secrets(Bytes transcript_hash) const;
  [[nodiscard]] MainSecret extract_main_secret() &&;

 private:
  friend class EarlySecret;
  explicit HandshakeSecret(crypto::HmacKey key) : key_(std::move(key)) {}

  crypto::HmacKey key_;
};

class MainSecret {
 public:
  // `transcript_hash` covers ClientHello to the server's Finished.
  [[nodiscard]] TrafficSecrets traffic_secrets(Bytes transcript_hash) const;
  [[nodiscard]] crypto::Secret exporter_secret(Bytes transcript_hash) const;

 private:
  friend class HandshakeSecret;
  explicit MainSecret(crypto::HmacKey key) : key_(std::move(key)) {}

  crypto::HmacKey key_;
};

// application_traffic_secret_N+1 (section 7.2).
crypto::Secret next_traffic_secret(crypto::HashAlgorithm hash, const crypto::Secret& secret);

// What a record is protected with (section 7.3).
struct TrafficKeys {
  crypto::Secret key;
  crypto::AeadNonce iv;
};
TrafficKeys traffic_keys(CipherSuite suite, const crypto::Secret& traffic_secret);

// The whole Finished.verify_data (section 4.5.3) under a handshake traffic secret.
crypto::Digest finished_verify_data(crypto::HashAlgorithm hash, const crypto::Secret& base_key,
                                    Bytes transcript_hash);

}  // namespace heliograph::tls

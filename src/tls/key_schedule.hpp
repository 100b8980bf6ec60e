// The key schedule (RFC 9846 section 7.1), as a chain of types that are each used up by the step
// to the next:
//
//                    0
//                    |
//                    v
//   PSK ──▶ HKDF-Extract = Early Secret                              EarlySecret
//                    |
//                    +──▶ Derive-Secret(., "res binder", "")
//                    +──▶ Derive-Secret(., "c e traffic" / "e exp master", CH)
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
//                    +──▶ Derive-Secret(., "res master", CH...CF)
//
// "..." stands for the transcript hash over the named messages, SF and CF for the server's and the
// client's Finished. Without a pre-shared key, PSK is a string of zeros.
#pragma once

#include <optional>
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
  EarlySecret(crypto::HashAlgorithm hash, Bytes pre_shared_key);

  // These three only with a pre-shared key. `transcript_hash` of a binder covers the messages up to
  // the ClientHello without its binders (section 4.3.11.2), that of the others all of it.
  [[nodiscard]] crypto::Digest resumption_binder(Bytes transcript_hash) const;
  [[nodiscard]] crypto::Secret client_traffic_secret(Bytes transcript_hash) const;
  [[nodiscard]] crypto::Secret exporter_secret(Bytes transcript_hash) const;

  [[nodiscard]] HandshakeSecret extract_handshake_secret(Bytes shared_secret) &&;

 private:
  crypto::HashAlgorithm hash_;
  std::optional<crypto::HmacKey> key_;
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
  // `transcript_hash` covers ClientHello to the client's Finished.
  [[nodiscard]] crypto::Secret resumption_secret(Bytes transcript_hash) const;

 private:
  friend class HandshakeSecret;
  explicit MainSecret(crypto::HmacKey key) : key_(std::move(key)) {}

  crypto::HmacKey key_;
};

// application_traffic_secret_N+1 (section 7.2).
crypto::Secret next_traffic_secret(crypto::HashAlgorithm hash, const crypto::Secret& secret);

// The pre-shared key of the ticket with this nonce (section 4.7.1).
crypto::Secret resumption_key(crypto::HashAlgorithm hash, const crypto::Secret& resumption_secret,
                              Bytes ticket_nonce);

// TLS-Exporter (section 7.5): fills `out`, at most 2^16 - 1 bytes.
void export_keying_material(crypto::HashAlgorithm hash, const crypto::Secret& exporter_secret,
                            std::string_view label, Bytes context, MutableBytes out);

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

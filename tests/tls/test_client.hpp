// A TLS 1.3 client for the tests of the server: obedient by itself, and made of parts that a test
// can replace to break any rule.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "crypto/key_share.hpp"
#include "crypto/sign.hpp"
#include "tls/encrypted_extensions.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/record_protection.hpp"
#include "tls/server_hello.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls::test {

using Octets = std::vector<std::uint8_t>;

inline Octets octets(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}
inline Octets octets(std::string_view text) {
  return octets(as_bytes(text));
}
Octets joined(std::initializer_list<Octets> parts);
Octets from_hex(std::string_view hex);

// The data of extensions.
Octets code_points(std::initializer_list<std::uint16_t> values, std::size_t length_width = 2);
Octets key_share_entry(std::uint16_t group, Bytes key_exchange);
Octets client_shares(std::initializer_list<Octets> entries);
Octets server_name_list(std::string_view host);
Octets protocol_list(std::initializer_list<std::string_view> names);
// `count` identities and as many binders, all zeros.
Octets offered_psks(std::size_t identities, std::size_t binders);

// A ClientHello, field by field.
struct Hello {
  std::uint16_t legacy_version = kVersionTls12;
  Octets random = Octets(32, 0x5a);
  Octets session_id = Octets(32, 0xa5);
  std::vector<std::uint16_t> cipher_suites = {0x1301, 0x1302, 0x1303};
  Octets compression_methods = {0};
  std::vector<std::pair<ExtensionType, Octets>> extensions;

  // The data of the extension; added at the end if it is not there.
  Octets& operator[](ExtensionType type);
  void remove(ExtensionType type);
  // The handshake message.
  [[nodiscard]] Octets encode() const;
};

// One record, without protection.
Octets plain_record(ContentType type, Bytes content);
// A handshake message with its header.
Octets handshake_message(HandshakeType type, Bytes body);

struct ReceivedMessage {
  HandshakeType type;
  Octets encoded;
};

class TestClient {
 public:
  explicit TestClient(NamedGroup group = NamedGroup::kX25519);

  // What client_hello() will say.
  Hello hello;

  // The record with the ClientHello; starts the transcript.
  Octets client_hello();
  // The record with the answer to a HelloRetryRequest: a share for the group asked for.
  Octets second_client_hello();
  // Reads what the server has sent. False, with `problem` set, if it does not make sense.
  bool receive(Bytes from_server);
  // The record with Finished; from then on the application keys protect.
  Octets finished();
  // A record with Finished for other keys than the negotiated ones.
  Octets wrong_finished();
  [[nodiscard]] Octets finished_message() const;
  void install_application_keys();

  // A protected record under the current keys, of any type, with any padding.
  Octets seal(std::uint8_t type, Bytes content, std::size_t padding = 0);
  Octets seal(ContentType type, Bytes content, std::size_t padding = 0) {
    return seal(static_cast<std::uint8_t>(type), content, padding);
  }
  Octets data(std::string_view text) { return seal(ContentType::kApplicationData, as_bytes(text)); }
  // KeyUpdate; the keys change behind it.
  Octets key_update(std::uint8_t request = 0);

  [[nodiscard]] bool has_started() const { return !first_hello_.empty(); }
  [[nodiscard]] bool has_keys() const { return sealing_key_.has_value(); }
  [[nodiscard]] bool has_server_finished() const { return hash_until_server_finished_.size > 0; }
  // The signature of the server verifies under this key.
  [[nodiscard]] bool verify_signature(const crypto::PublicKey& key) const;

  std::string problem;
  std::vector<ReceivedMessage> messages;
  std::vector<AlertDescription> alerts;
  std::string received;
  std::size_t change_cipher_specs = 0;
  std::size_t key_updates = 0;
  bool got_retry_request = false;
  std::optional<CipherSuite> suite;
  std::optional<NamedGroup> group;
  std::string application_protocol;
  // Of the server's last alert or data: it was protected.
  bool last_was_protected = false;

 private:
  bool receive_record(const Record& record);
  bool receive_content(ContentType type, MutableBytes content);
  bool receive_message(const HandshakeMessage& message);
  bool receive_server_hello(const HandshakeMessage& message);
  bool receive_finished(const HandshakeMessage& message);
  void install_write_keys(const crypto::Secret& secret);
  bool give_up(std::string_view why);

  std::vector<crypto::KeyShare> shares_;
  std::optional<Transcript> transcript_;
  Octets first_hello_;
  std::optional<HandshakeSecret> handshake_secret_;
  TrafficSecrets handshake_secrets_;
  TrafficSecrets application_secrets_;
  crypto::Digest hash_until_certificate_;
  crypto::Digest hash_until_server_finished_;

  RecordReader records_;
  HandshakeReader handshake_;
  std::optional<RecordOpener> opener_;

  crypto::Secret write_secret_;
  std::optional<crypto::SealingKey> sealing_key_;
  std::optional<Nonce> write_nonce_;
};

}  // namespace heliograph::tls::test

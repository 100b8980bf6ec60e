// A TLS 1.3 server for the tests of the client: obedient by itself, and made of parts that a test
// can replace to break any rule.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/key_share.hpp"
#include "crypto/sign.hpp"
#include "tests/tls/fixtures.hpp"
#include "tests/tls/pair.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/certificate_verify.hpp"
#include "tls/client_hello.hpp"
#include "tls/extensions.hpp"
#include "tls/handshake_message.hpp"
#include "tls/key_schedule.hpp"
#include "tls/record_protection.hpp"
#include "tls/transcript.hpp"

namespace heliograph::tls::test {

using Extension = std::pair<ExtensionType, Octets>;

// Extensions behind their length.
Octets extension_block(std::span<const Extension> extensions);

// A ServerHello or HelloRetryRequest, field by field.
struct HelloAnswer {
  std::uint16_t legacy_version = kVersionTls12;
  Octets random = Octets(32, 0x33);
  Octets session_id;
  std::uint16_t cipher_suite = 0x1301;
  std::uint8_t compression_method = 0;
  std::vector<Extension> extensions;

  // The data of the extension; added at the end if it is not there.
  Octets& operator[](ExtensionType type);
  void remove(ExtensionType type);
  // The handshake message.
  [[nodiscard]] Octets encode() const;
};

class TestServer {
 public:
  explicit TestServer(std::string_view certificate = kP256Certificate,
                      std::string_view key = kP256Key);

  // Reads what the client has sent. False, with `problem` set, if it does not make sense.
  bool receive(Bytes from_client);
  // The last ClientHello.
  [[nodiscard]] ClientHello hello() const;

  // An obedient ServerHello, with a new share of this group; with `pre_shared_key`, it selects the
  // first identity.
  HelloAnswer server_hello(NamedGroup group = NamedGroup::kX25519);
  // An obedient HelloRetryRequest; nothing: with a cookie only.
  [[nodiscard]] HelloAnswer retry_request(std::optional<NamedGroup> group) const;

  // Messages; each enters the transcript. The keys follow the answer, if the client can.
  Octets say(const HelloAnswer& answer);
  Octets add(HandshakeType type, Bytes body);
  Octets encrypted_extensions(std::span<const Extension> extensions = {});
  Octets certificate();
  Octets certificate_verify(Role role = Role::kServer);
  Octets certificate_verify(SignatureScheme scheme, Bytes signature);
  Octets finished();
  // From EncryptedExtensions to Finished.
  Octets flight(std::span<const Extension> extensions = {});

  [[nodiscard]] bool has_keys() const { return sealer_.has_value(); }
  // A protected record under the current keys; what is sent behind Finished goes under those of
  // the application.
  Octets seal(ContentType type, Bytes content, std::size_t padding = 0);
  Octets data(std::string_view text) { return seal(ContentType::kApplicationData, as_bytes(text)); }
  void install_application_keys();
  // KeyUpdate; the keys change behind it.
  Octets key_update(std::uint8_t request = 0);

  // Of the session that the client offers.
  crypto::Secret pre_shared_key;
  std::string problem;
  std::vector<ReceivedMessage> messages;
  std::vector<AlertDescription> alerts;
  std::string received;
  std::size_t change_cipher_specs = 0;
  bool got_finished = false;

 private:
  bool receive_record(const Record& record);
  bool receive_content(ContentType type, MutableBytes content);
  bool receive_message(const HandshakeMessage& message);
  void start_transcript(std::uint16_t suite);
  bool give_up(std::string_view why);

  std::vector<Octets> chain_;
  crypto::PrivateKey key_;
  SignatureScheme scheme_;
  std::optional<crypto::KeyShare> share_;
  Octets hello_;
  CipherSuite suite_{};
  std::optional<Transcript> transcript_;
  std::optional<HandshakeSecret> handshake_secret_;
  TrafficSecrets handshake_secrets_;
  TrafficSecrets application_secrets_;

  RecordReader records_;
  HandshakeReader handshake_;
  std::optional<RecordOpener> opener_;
  std::optional<RecordSealer> sealer_;
};

// A client connection that the test server talks to.
class Client {
 public:
  explicit Client(ClientConfig config = default_client_config(),
                  std::shared_ptr<const ClientSession> session = nullptr,
                  const ServerName& name = server_test());

  // Feeds the input in pieces; what is to be sent is collected in `output`.
  Report receive(Bytes input, std::size_t piece = 1U << 20);
  // What was collected, once.
  Octets take_output();

  ClientConnection connection;
  Buffer output;
};

// The server has the client's hello, and nothing has been answered. False if it finds fault.
bool start(Client& client, TestServer& server);
// Up to an obedient ServerHello.
bool exchange_hellos(Client& client, TestServer& server);
// Runs the whole handshake.
bool complete_handshake(Client& client, TestServer& server);
// Gives the server what the client wants to send, and returns the alert that it ends with.
std::optional<AlertDescription> last_alert(Client& client, TestServer& server);

}  // namespace heliograph::tls::test

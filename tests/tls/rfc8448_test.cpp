// The example handshakes of RFC 8448, from both sides: from the private keys to every record, and
// through the machines as far as their bytes can be those of the examples.
//
// The examples show RSA keys of 1024 bits, which are refused here: those signatures are read and
// written, but only the one by a key on P-256 is verified.
#include "tests/tls/rfc8448.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/rfc8448_client_authentication.hpp"
#include "tests/tls/rfc8448_resumed.hpp"
#include "tests/tls/server_fixture.hpp"
#include "tests/tls/test_server.hpp"
#include "tls/certificate.hpp"
#include "tls/certificate_request.hpp"
#include "tls/early_data.hpp"
#include "tls/entropy.hpp"
#include "tls/finished.hpp"
#include "tls/new_session_ticket.hpp"
#include "tls/ticket.hpp"

namespace heliograph::tls {
namespace {

using test::from_hex;
using test::octets;
using test::Octets;
using test::Report;
using Kind = Event::Kind;

constexpr auto kSuite = CipherSuite::kAes128GcmSha256;
constexpr auto kHash = crypto::HashAlgorithm::kSha256;

// Everything in hexadecimal. Records, but for the keys and the messages; empty where there is none.
struct Trace {
  NamedGroup group = NamedGroup::kX25519;
  std::string_view client_private_key;
  std::string_view server_private_key;
  std::string_view client_hello;
  std::string_view hello_retry_request;
  std::string_view second_client_hello;
  std::string_view server_hello;
  std::vector<std::string_view> server_messages;
  std::string_view server_flight;
  std::string_view client_flight;
};

Trace simple_trace() {
  using namespace test::simple;
  return {
      .client_private_key = kClientPrivateKey,
      .server_private_key = kServerPrivateKey,
      .client_hello = kClientHelloRecord,
      .hello_retry_request = {},
      .second_client_hello = {},
      .server_hello = kServerHelloRecord,
      .server_messages = {kEncryptedExtensions, kCertificate, kCertificateVerify, kServerFinished},
      .server_flight = kServerFlightRecord,
      .client_flight = kClientFinishedRecord};
}

Trace resumed_trace() {
  using namespace test::resumed;
  return {.client_private_key = kClientPrivateKey,
          .server_private_key = kServerPrivateKey,
          .client_hello = kClientHelloRecord,
          .hello_retry_request = {},
          .second_client_hello = {},
          .server_hello = kServerHelloRecord,
          .server_messages = {kEncryptedExtensions, kServerFinished},
          .server_flight = kServerFlightRecords,
          .client_flight = kClientFlightRecords};
}

Trace retry_trace() {
  using namespace test::retry;
  return {
      .group = NamedGroup::kSecp256r1,
      .client_private_key = kSecondClientPrivateKey,
      .server_private_key = kServerPrivateKey,
      .client_hello = kClientHelloRecord,
      .hello_retry_request = kHelloRetryRequestRecord,
      .second_client_hello = kSecondClientHelloRecord,
      .server_hello = kServerHelloRecord,
      .server_messages = {kEncryptedExtensions, kCertificate, kCertificateVerify, kServerFinished},
      .server_flight = kServerFlightRecords,
      .client_flight = kClientFlightRecords};
}

Trace client_authentication_trace() {
  using namespace test::client_authentication;
  return {.client_private_key = kClientPrivateKey,
          .server_private_key = kServerPrivateKey,
          .client_hello = kClientHelloRecord,
          .hello_retry_request = {},
          .second_client_hello = {},
          .server_hello = kServerHelloRecord,
          .server_messages = {kEncryptedExtensions, kCertificateRequest, kCertificate,
                              kCertificateVerify, kServerFinished},
          .server_flight = kServerFlightRecords,
          .client_flight = kClientFlightRecords};
}

Trace compatibility_trace() {
  using namespace test::compatibility;
  return {
      .client_private_key = kClientPrivateKey,
      .server_private_key = kServerPrivateKey,
      .client_hello = kClientHelloRecord,
      .hello_retry_request = {},
      .second_client_hello = {},
      .server_hello = kServerHelloRecord,
      .server_messages = {kEncryptedExtensions, kCertificate, kCertificateVerify, kServerFinished},
      .server_flight = kServerFlightRecords,
      .client_flight = kClientFlightRecords};
}

// Each record by itself, without those of change_cipher_spec.
std::vector<Octets> split_records(std::string_view hex) {
  std::vector<Octets> all;
  Octets wire = from_hex(hex);
  RecordReader reader;
  for (MutableBytes rest = wire;;) {
    const auto record = reader.next(rest, kMaxCiphertext);
    if (!record || !*record) break;
    if ((*record)->type == ContentType::kChangeCipherSpec) continue;
    all.push_back(test::joined({octets((*record)->header), octets((*record)->payload)}));
  }
  return all;
}

Octets message_of(std::string_view plain_record) {
  return octets(Bytes(from_hex(plain_record)).subspan(kRecordHeaderSize));
}

std::vector<Octets> split_messages(Bytes content) {
  std::vector<Octets> all;
  for (Reader rest(content); !rest.empty();) {
    const Octets header = octets(rest.bytes(kHandshakeHeaderSize));
    if (!rest.ok()) break;
    const Bytes body = rest.bytes(std::size_t{header[2]} << 8 | header[3]);
    all.push_back(test::joined({header, octets(body)}));
  }
  return all;
}

Bytes body_of(Bytes message) {
  return message.subspan(kHandshakeHeaderSize);
}

// One direction of one epoch: opens a record of the trace, and seals its content again.
class KeyEpoch {
 public:
  explicit KeyEpoch(const crypto::Secret& traffic_secret)
      : opener_(kSuite, traffic_secret), sealer_(kSuite, traffic_secret) {}

  Octets open(const Octets& record, ContentType type) {
    Octets wire = record;
    MutableBytes rest = wire;
    RecordReader reader;
    const auto cut = reader.next(rest, kMaxCiphertext);
    const auto opened = opener_.open(**cut);
    if (!opened) {
      ADD_FAILURE() << describe(opened.error());
      return {};
    }
    EXPECT_EQ(opened->type, std::to_underlying(type));
    const Bytes content = opened->content;
    Buffer again;
    sealer_.seal(type, {&content, 1}, 0, again);
    EXPECT_EQ(octets(again.bytes()), record);
    return octets(content);
  }
  Octets open(std::string_view record, ContentType type) { return open(from_hex(record), type); }

 private:
  RecordOpener opener_;
  RecordSealer sealer_;
};

// Goes through a trace, and keeps what the application then uses.
class Replay {
 public:
  explicit Replay(const Trace& trace, Bytes pre_shared_key = {}) : trace_(trace) {
    EarlySecret early =
        pre_shared_key.empty() ? EarlySecret(kHash) : EarlySecret(kHash, pre_shared_key);
    if (!pre_shared_key.empty()) check_early_data(early);
    exchange_hellos(std::move(early));
    check_server_flight();
    check_client_flight();
  }

  [[nodiscard]] KeyEpoch client() const { return KeyEpoch(application_.client); }
  [[nodiscard]] KeyEpoch server() const { return KeyEpoch(application_.server); }
  [[nodiscard]] const crypto::Secret& resumption_secret() const { return resumption_; }
  // Sent by server and client, as far as there was a key to verify them with.
  int signatures = 0;

 private:
  void check_early_data(const EarlySecret& early) {
    const Octets message = message_of(trace_.client_hello);
    const auto hello = parse_client_hello(body_of(message));
    ASSERT_TRUE(hello && hello->pre_shared_keys);
    OfferedPsks::Cursor cursor(*hello->pre_shared_keys);
    const Octets ticket = octets(cursor.identity().identity);
    EXPECT_EQ(ticket, from_hex(test::resumed::kTicket));
    Octets binder = octets(cursor.binder());
    const Bytes covered =
        Bytes(message).first(message.size() - hello->pre_shared_keys->binders_size());
    const auto expected = early.resumption_binder(crypto::hash(kHash, covered).bytes());
    EXPECT_TRUE(verify_binder(binder, expected.bytes()));
    binder.back() ^= 1;
    EXPECT_FALSE(verify_binder(binder, expected.bytes()));

    early_.emplace(early.client_traffic_secret(crypto::hash(kHash, message).bytes()));
    EXPECT_EQ(early_->open(test::resumed::kEarlyDataRecord, ContentType::kApplicationData),
              from_hex(test::resumed::kEarlyData));
  }

  void exchange_hellos(EarlySecret early) {
    Octets hello = message_of(trace_.client_hello);
    transcript_.add(hello);
    if (!trace_.hello_retry_request.empty()) {
      const Octets request = message_of(trace_.hello_retry_request);
      expect_same_when_written_again(request);
      transcript_.replace_by_message_hash();
      transcript_.add(request);
      hello = message_of(trace_.second_client_hello);
      transcript_.add(hello);
    }
    const Octets answer = message_of(trace_.server_hello);
    expect_same_when_written_again(answer);
    transcript_.add(answer);

    const auto ours =
        crypto::KeyShare::from_private_key(trace_.group, from_hex(trace_.client_private_key));
    const auto theirs =
        crypto::KeyShare::from_private_key(trace_.group, from_hex(trace_.server_private_key));
    const auto parsed_hello = parse_client_hello(body_of(hello));
    const auto parsed_answer = parse_server_hello(body_of(answer));
    ASSERT_TRUE(parsed_hello && parsed_answer);
    EXPECT_EQ(octets(ours.public_value()), octets(*parsed_hello->key_shares.find(trace_.group)));
    EXPECT_EQ(octets(theirs.public_value()), octets(parsed_answer->key_exchange));
    const auto shared = ours.derive(theirs.public_value());
    ASSERT_TRUE(shared);
    EXPECT_EQ(octets(shared->bytes()), octets(theirs.derive(ours.public_value())->bytes()));

    handshake_secret_ = std::move(early).extract_handshake_secret(shared->bytes());
    handshake_ = handshake_secret_->traffic_secrets(transcript_.hash().bytes());
  }

  static void expect_same_when_written_again(const Octets& message) {
    const auto hello = parse_server_hello(body_of(message));
    ASSERT_TRUE(hello) << describe(hello.error());
    Buffer again;
    write_server_hello(*hello, again);
    EXPECT_EQ(octets(again.bytes()), message);
  }

  void check_server_flight() {
    KeyEpoch server(handshake_.server);
    Octets content;
    for (const Octets& record : split_records(trace_.server_flight)) {
      content = test::joined({content, server.open(record, ContentType::kHandshake)});
    }
    Octets wanted;
    for (const std::string_view message : trace_.server_messages) {
      wanted = test::joined({wanted, from_hex(message)});
    }
    EXPECT_EQ(content, wanted);
    check_messages(content, Role::kServer);

    MainSecret main_secret = std::move(*handshake_secret_).extract_main_secret();
    application_ = main_secret.traffic_secrets(transcript_.hash().bytes());
    main_secret_ = std::move(main_secret);
  }

  void check_client_flight() {
    auto records = split_records(trace_.client_flight);
    if (early_) {
      const Octets end = early_->open(records.front(), ContentType::kHandshake);
      EXPECT_EQ(end, test::handshake_message(HandshakeType::kEndOfEarlyData, {}));
      transcript_.add(end);
      records.erase(records.begin());
    }
    KeyEpoch client(handshake_.client);
    for (const Octets& record : records) {
      check_messages(client.open(record, ContentType::kHandshake), Role::kClient);
    }
    resumption_ = main_secret_->resumption_secret(transcript_.hash().bytes());
  }

  // Reads each message, writes it again, and verifies what can be.
  void check_messages(const Octets& content, Role sender) {
    bool finished = false;
    for (const Octets& message : split_messages(content)) {
      const Bytes body = body_of(message);
      Buffer again;
      switch (static_cast<HandshakeType>(message[0])) {
        case HandshakeType::kEncryptedExtensions:
          EXPECT_TRUE(parse_encrypted_extensions(body, {true, true, true, true}));
          break;
        case HandshakeType::kCertificateRequest:
          EXPECT_TRUE(parse_certificate_request(body));
          break;
        case HandshakeType::kCertificate: {
          const auto certificate = parse_certificate(body, false);
          ASSERT_TRUE(certificate);
          write_certificate(std::array{octets(certificate->chain.front())}, {}, again);
          certificate_ = octets(certificate->chain.front());
          break;
        }
        case HandshakeType::kCertificateVerify: {
          const auto verify = parse_certificate_verify(body);
          ASSERT_TRUE(verify);
          write_certificate_verify(*verify, again);
          check_signature(*verify, sender);
          break;
        }
        case HandshakeType::kFinished: {
          const crypto::Secret& key =
              sender == Role::kServer ? handshake_.server : handshake_.client;
          const auto expected = finished_verify_data(kHash, key, transcript_.hash().bytes());
          EXPECT_TRUE(verify_finished(body, expected.bytes()));
          write_finished(expected.bytes(), again);
          finished = true;
          break;
        }
        default:
          ADD_FAILURE() << "an unexpected message";
      }
      if (!again.empty()) {
        EXPECT_EQ(octets(again.bytes()), message);
      }
      transcript_.add(message);
    }
    EXPECT_TRUE(finished);
  }

  void check_signature(const CertificateVerify& verify, Role signer) {
    const std::array<Bytes, 1> chain = {certificate_};
    const auto certificate = crypto::PeerCertificate::from_der(chain);
    if (!certificate) {
      EXPECT_EQ(certificate.error(), crypto::PeerCertificateError::kUnsupportedKey);
      EXPECT_EQ(verify.algorithm, SignatureScheme::kRsaPssRsaeSha256);
      EXPECT_EQ(verify.signature.size(), 1024U / 8);
      return;
    }
    const Buffer signed_content = signature_content(signer, transcript_.hash().bytes());
    EXPECT_TRUE(
        certificate->key().verify(verify.algorithm, signed_content.bytes(), verify.signature));
    ++signatures;
  }

  Trace trace_;
  Transcript transcript_{kHash};
  Octets certificate_;
  std::optional<KeyEpoch> early_;
  std::optional<HandshakeSecret> handshake_secret_;
  std::optional<MainSecret> main_secret_;
  TrafficSecrets handshake_;
  TrafficSecrets application_;
  crypto::Secret resumption_;
};

const Octets kCloseNotify = {1, 0};

TEST(Rfc8448, Simple1RttHandshake) {
  using namespace test::simple;
  const Replay replay(simple_trace());
  KeyEpoch client = replay.client();
  KeyEpoch server = replay.server();
  server.open(kNewSessionTicketRecord, ContentType::kHandshake);
  EXPECT_EQ(client.open(kClientDataRecord, ContentType::kApplicationData), from_hex(kClientData));
  EXPECT_EQ(server.open(kServerDataRecord, ContentType::kApplicationData), from_hex(kServerData));
  EXPECT_EQ(client.open(kClientCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
  EXPECT_EQ(server.open(kServerCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
}

// The ticket of the simple handshake, and its pre-shared key.
struct Resumption {
  Resumption() {
    const Replay replay(simple_trace());
    message = replay.server().open(test::simple::kNewSessionTicketRecord, ContentType::kHandshake);
    ticket = parse_new_session_ticket(body_of(message)).value();
    pre_shared_key = resumption_key(kHash, replay.resumption_secret(), ticket.nonce);
  }
  Octets message;
  NewSessionTicket ticket;
  crypto::Secret pre_shared_key;
};

TEST(Rfc8448, NewSessionTicket) {
  const Resumption given;
  EXPECT_EQ(given.ticket.lifetime, 30U);
  EXPECT_EQ(given.ticket.age_add, 0xfad6aac5U);
  EXPECT_EQ(octets(given.ticket.nonce), (Octets{0, 0}));
  EXPECT_EQ(octets(given.ticket.ticket), from_hex(test::resumed::kTicket));
  EXPECT_EQ(given.ticket.max_early_data_size, 1024U);
  EXPECT_EQ(octets(given.pre_shared_key.bytes()),
            from_hex("4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3"));
  Buffer again;
  write_new_session_ticket(given.ticket, again);
  EXPECT_EQ(octets(again.bytes()), given.message);
}

TEST(Rfc8448, Resumed0RttHandshake) {
  using namespace test::resumed;
  const Replay replay(resumed_trace(), Resumption().pre_shared_key.bytes());
  KeyEpoch client = replay.client();
  KeyEpoch server = replay.server();
  EXPECT_EQ(client.open(kClientDataRecord, ContentType::kApplicationData), from_hex(kClientData));
  EXPECT_EQ(server.open(kServerDataRecord, ContentType::kApplicationData), from_hex(kServerData));
  EXPECT_EQ(client.open(kClientCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
  EXPECT_EQ(server.open(kServerCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
}

TEST(Rfc8448, HelloRetryRequest) {
  using namespace test::retry;
  const Replay replay(retry_trace());
  EXPECT_EQ(replay.client().open(kClientCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
  EXPECT_EQ(replay.server().open(kServerCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
}

TEST(Rfc8448, ClientAuthentication) {
  using namespace test::client_authentication;
  const Replay replay(client_authentication_trace());
  EXPECT_EQ(replay.signatures, 1);
  EXPECT_EQ(replay.client().open(kClientCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
  EXPECT_EQ(replay.server().open(kServerCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
}

TEST(Rfc8448, CompatibilityMode) {
  using namespace test::compatibility;
  const Replay replay(compatibility_trace());
  EXPECT_EQ(replay.client().open(kClientCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
  EXPECT_EQ(replay.server().open(kServerCloseNotifyRecord, ContentType::kAlert), kCloseNotify);
}

// The random values in the order in which they are asked for; then zeros.
std::shared_ptr<const Entropy> fixed_entropy(std::vector<Octets> randoms, NamedGroup group,
                                             std::string_view private_key) {
  const auto rest = std::make_shared<std::vector<Octets>>(std::move(randoms));
  return std::make_shared<const Entropy>(
      Entropy{.fill_random =
                  [rest](MutableBytes out) {
                    if (rest->empty()) return;
                    std::ranges::copy(rest->front(), out.begin());
                    rest->erase(rest->begin());
                  },
              .make_key_share =
                  [group, key = from_hex(private_key)](NamedGroup) {
                    return crypto::KeyShare::from_private_key(group, key);
                  }});
}

bool begins_with(Bytes bytes, Bytes front) {
  return bytes.size() >= front.size() && equal(bytes.first(front.size()), front);
}

TEST(Rfc8448, TheServerAnswersWithTheServerHelloOfTheRetryExample) {
  ServerConfig config = test::default_config();
  config.groups = {NamedGroup::kSecp256r1};
  config.entropy = fixed_entropy(
      {octets(Bytes(message_of(test::retry::kServerHelloRecord)).subspan(6, kRandomSize))},
      NamedGroup::kSecp256r1, test::retry::kServerPrivateKey);
  test::Server server(config);
  EXPECT_EQ(server.receive(from_hex(test::retry::kClientHelloRecord)), Report{});
  // Not the request of the example, which has a cookie.
  const Octets request = server.take_output();
  const auto parsed = parse_server_hello(Bytes(request).subspan(kRecordHeaderSize + 4));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->is_hello_retry_request());
  EXPECT_EQ(parsed->group, NamedGroup::kSecp256r1);
  EXPECT_EQ(server.receive(from_hex(test::retry::kSecondClientHelloRecord)), Report{});
  EXPECT_TRUE(begins_with(server.take_output(), from_hex(test::retry::kServerHelloRecord)));
}

TEST(Rfc8448, TheServerAnswersWithTheServerHelloOfTheClientAuthenticationExample) {
  using namespace test::client_authentication;
  ServerConfig config = test::default_config();
  config.client_certificates = ClientCertificates::kOptional;
  config.verifier = std::make_shared<test::FixedVerifier>();
  config.entropy = fixed_entropy({from_hex(kServerRandom)}, NamedGroup::kX25519, kServerPrivateKey);
  test::Server server(config);
  EXPECT_EQ(server.receive(from_hex(kClientHelloRecord)), Report{});
  EXPECT_TRUE(begins_with(server.take_output(), from_hex(kServerHelloRecord)));
}

// Knows the one ticket of the examples.
class ExampleTicket : public TicketSealer {
 public:
  explicit ExampleTicket(Octets state) : state_(std::move(state)) {}
  void seal(Bytes /*state*/, Buffer& /*out*/) const override {}
  [[nodiscard]] std::optional<Octets> open(Bytes ticket) const override {
    if (!equal(ticket, from_hex(test::resumed::kTicket))) return std::nullopt;
    return state_;
  }

 private:
  Octets state_;
};

TEST(Rfc8448, TheServerTakesTheEarlyDataOfTheResumedExample) {
  using namespace test::resumed;
  const Resumption given;
  Session session;
  session.cipher_suite = kSuite;
  session.pre_shared_key = given.pre_shared_key.copy();
  session.issued_at = test::kNow;
  session.authenticated_at = test::kNow;
  session.lifetime = given.ticket.lifetime;
  session.age_add = given.ticket.age_add;
  session.max_early_data_size = given.ticket.max_early_data_size;
  session.server_name = "server";
  Buffer state;
  ASSERT_TRUE(encode_session(session, {}, state));

  ServerConfig config = test::default_config();
  config.tickets = std::make_shared<ExampleTicket>(octets(state.bytes()));
  config.max_early_data_size = 1024;
  config.replay_guard = std::make_shared<MemoryReplayGuard>(10, 0);
  config.entropy = fixed_entropy({from_hex(kServerRandom)}, NamedGroup::kX25519, kServerPrivateKey);
  test::Server server(config);
  Report report = server.receive(from_hex(kClientHelloRecord));
  EXPECT_EQ(report, Report{});
  EXPECT_TRUE(begins_with(server.take_output(), from_hex(kServerHelloRecord)));

  report = server.receive(from_hex(kEarlyDataRecord));
  EXPECT_EQ(report.kinds, std::vector{Kind::kEarlyData});
  EXPECT_EQ(report.data, "ABCDEF");
  // EndOfEarlyData is fine; Finished is over the EncryptedExtensions of the example, which list
  // groups where ours do not.
  const auto flight = split_records(kClientFlightRecords);
  EXPECT_EQ(server.receive(flight.at(0)), Report{});
  EXPECT_EQ(server.receive(flight.at(1)).error, Error::kFinishedMismatch);
}

TEST(Rfc8448, TheClientTakesTheServerHelloOfTheCompatibilityExample) {
  using namespace test::compatibility;
  const Octets hello = message_of(kClientHelloRecord);
  ClientConfig config = test::default_client_config();
  config.grease = false;
  config.permute_extensions = false;
  config.entropy = fixed_entropy({octets(Bytes(hello).subspan(6, kRandomSize)),
                                  octets(Bytes(hello).subspan(39, kMaxLegacySessionId))},
                                 NamedGroup::kX25519, kClientPrivateKey);
  test::Client client(config);
  const Octets sent = client.take_output();
  EXPECT_TRUE(begins_with(Bytes(sent).subspan(kRecordHeaderSize + 4), Bytes(hello).subspan(4, 67)));
  EXPECT_EQ(client.receive(from_hex(kServerHelloRecord)), Report{});
  // What follows is protected by secrets that depend on the extensions of the hello.
  EXPECT_EQ(client.receive(from_hex(kServerFlightRecords)).error, Error::kBadRecordMac);
}

// The messages of an example's server, sent by one that shares keys with the client.
std::optional<Error> error_behind(const std::vector<std::string_view>& messages) {
  ClientConfig config = test::default_client_config();
  test::Client client(config, nullptr, ServerName::parse("server").value());
  test::TestServer server;
  EXPECT_TRUE(test::exchange_hellos(client, server));
  for (const std::string_view hex : messages) {
    const Octets message = from_hex(hex);
    server.add(static_cast<HandshakeType>(message[0]), body_of(message));
    const auto error = client.receive(server.seal(ContentType::kHandshake, message)).error;
    if (error) return error;
  }
  return std::nullopt;
}

TEST(Rfc8448, TheClientTakesTheMessagesOfTheServersUpToWhatDependsOnTheTranscript) {
  {
    using namespace test::client_authentication;
    EXPECT_EQ(error_behind({kEncryptedExtensions, kCertificateRequest, kCertificate}),
              std::nullopt);
    EXPECT_EQ(
        error_behind({kEncryptedExtensions, kCertificateRequest, kCertificate, kCertificateVerify}),
        Error::kBadSignature);
  }
  EXPECT_EQ(error_behind({test::simple::kEncryptedExtensions}), std::nullopt);
  EXPECT_EQ(error_behind({test::simple::kEncryptedExtensions, test::simple::kCertificate}),
            Error::kCertificateUnsupportedKey);
  EXPECT_EQ(error_behind({test::retry::kEncryptedExtensions}), std::nullopt);
}

}  // namespace
}  // namespace heliograph::tls

// The server's life: handshakes in every combination, data, key changes, the end.
#include "tls/server.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/certificate.hpp"
#include "tests/tls/rfc8448.hpp"
#include "tests/tls/server_fixture.hpp"
#include "tls/certificate.hpp"
#include "tls/entropy.hpp"

namespace heliograph::tls {
namespace {

using test::code_points;
using test::complete_handshake;
using test::exchange_hellos;
using test::from_hex;
using test::joined;
using test::octets;
using test::Octets;
using test::Report;
using test::Server;
using test::TestClient;
using Kind = Event::Kind;

TEST(Server, CompletesAHandshakeWithEverySuiteGroupAndCredential) {
  struct Identity {
    std::string_view certificate;
    std::string_view key;
  };
  const Identity identities[] = {{test::kP256Certificate, test::kP256Key},
                                 {test::kP384Certificate, test::kP384Key},
                                 {test::kEd25519Certificate, test::kEd25519Key},
                                 {test::kRsaCertificate, test::kRsaKey}};
  for (const Identity& identity : identities) {
    const auto chain = crypto::CertificateChain::from_pem(as_bytes(identity.certificate));
    for (const std::uint16_t suite : std::to_array<std::uint16_t>({0x1301, 0x1302, 0x1303})) {
      for (const NamedGroup group :
           {NamedGroup::kX25519, NamedGroup::kSecp256r1, NamedGroup::kSecp384r1}) {
        ServerConfig config = test::default_config();
        config.credentials = {test::credential(identity.certificate, identity.key)};
        Server server(config);
        TestClient client(group);
        client.hello.cipher_suites = {suite};
        ASSERT_TRUE(complete_handshake(client, server)) << client.problem;
        EXPECT_EQ(std::to_underlying(server.connection.cipher_suite()), suite);
        EXPECT_EQ(server.connection.group(), group);
        EXPECT_FALSE(server.connection.did_hello_retry());
        EXPECT_TRUE(client.verify_signature(chain->leaf_key()));
      }
    }
  }
}

TEST(Server, SendsItsWholeFlightInThreeRecords) {
  Server server;
  TestClient client;
  server.receive(client.client_hello());
  Octets flight = server.take_output();
  std::vector<ContentType> types;
  MutableBytes rest = flight;
  RecordReader reader;
  for (;;) {
    const auto record = reader.next(rest, kMaxCiphertext);
    ASSERT_TRUE(record);
    if (!*record) break;
    types.push_back((*record)->type);
  }
  EXPECT_EQ(types, (std::vector{ContentType::kHandshake, ContentType::kChangeCipherSpec,
                                ContentType::kApplicationData}));
}

TEST(Server, SplitsAFlightThatIsLargerThanARecord) {
  const auto whole = crypto::CertificateChain::from_pem(as_bytes(test::kP256Certificate));
  std::vector<Octets> chain = whole->certificates();
  chain.emplace_back(3 * kMaxPlaintext, 0x30);
  Buffer message;
  write_certificate(chain, {}, message);
  auto key = crypto::PrivateKey::from_pem(as_bytes(test::kP256Key));
  ServerConfig config = test::default_config();
  config.credentials = {std::make_shared<const Credential>(
      Credential{.plain = {octets(message.bytes()), {}},
                 .stapled = {},
                 .key = std::move(*key),
                 .schemes = {SignatureScheme::kEcdsaSecp256r1Sha256},
                 .dns_names = {},
                 .issuers = {}})};
  Server server(config);
  TestClient client;
  EXPECT_TRUE(complete_handshake(client, server)) << client.problem;
}

TEST(Server, EchoesTheSessionIdAndOmitsCompatibilityWithoutOne) {
  for (const std::size_t size : std::to_array<std::size_t>({0, 1, 32})) {
    Server server;
    TestClient client;
    client.hello.session_id.resize(size);
    EXPECT_TRUE(complete_handshake(client, server)) << client.problem;
    EXPECT_EQ(client.change_cipher_specs, size == 0 ? 0U : 1U);
  }
}

// Everything that a client may send, in any segmentation, with identical results.
TEST(Server, ReceivesTheSameByteByByteAndWhole) {
  for (const std::size_t piece : std::to_array<std::size_t>({1, 2, 3, 7, 100, 5000})) {
    Server server;
    TestClient client(NamedGroup::kSecp384r1);
    client.hello[ExtensionType::kApplicationLayerProtocolNegotiation] =
        test::protocol_list({"http/1.1"});
    EXPECT_EQ(server.receive(client.client_hello(), piece), Report{});
    ASSERT_TRUE(client.receive(server.take_output())) << client.problem;
    const Octets rest =
        joined({test::plain_record(ContentType::kChangeCipherSpec, Octets{1}), client.finished(),
                client.data("first "), client.data(""), client.key_update(1), client.data("second"),
                client.seal(ContentType::kApplicationData, Octets(kMaxPlaintext, 'x')),
                client.seal(ContentType::kAlert, Octets{1, 0})});
    const Report report = server.receive(rest, piece);
    EXPECT_EQ(report.kinds, (std::vector{Kind::kHandshakeComplete, Kind::kData, Kind::kData,
                                         Kind::kData, Kind::kCloseNotify}));
    EXPECT_EQ(report.data, "first second" + std::string(kMaxPlaintext, 'x'));
    EXPECT_EQ(report.error, std::nullopt);
    EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kClean);
  }
}

TEST(Server, DecryptsInPlace) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  Octets record = client.data("in place");
  MutableBytes input = record;
  const auto event = server.connection.receive(input, server.output);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data.data(), record.data() + kRecordHeaderSize);
}

TEST(Server, AsksForAnotherShareWhenItHasNotTheGroupOfTheFirst) {
  ServerConfig config = test::default_config();
  config.groups = {NamedGroup::kSecp384r1, NamedGroup::kSecp256r1};
  Server server(config);
  TestClient client(NamedGroup::kX25519);
  ASSERT_TRUE(complete_handshake(client, server)) << client.problem;
  EXPECT_TRUE(client.got_retry_request);
  EXPECT_TRUE(server.connection.did_hello_retry());
  EXPECT_EQ(server.connection.group(), NamedGroup::kSecp384r1);
  EXPECT_EQ(client.change_cipher_specs, 1U);
}

TEST(Server, AsksForAShareWhenThereIsNone) {
  for (const std::uint16_t suite : std::to_array<std::uint16_t>({0x1301, 0x1302, 0x1303})) {
    Server server;
    TestClient client;
    client.hello.cipher_suites = {suite};
    client.hello[ExtensionType::kKeyShare] = test::client_shares({});
    ASSERT_TRUE(complete_handshake(client, server)) << client.problem;
    EXPECT_TRUE(server.connection.did_hello_retry());
    EXPECT_EQ(server.connection.group(), NamedGroup::kX25519);
  }
}

TEST(Server, PrefersAGroupWithAShareToAnotherRoundTrip) {
  Server server;
  TestClient client(NamedGroup::kSecp384r1);
  ASSERT_TRUE(complete_handshake(client, server));
  EXPECT_FALSE(server.connection.did_hello_retry());
  EXPECT_EQ(server.connection.group(), NamedGroup::kSecp384r1);
}

TEST(Server, ChoosesTheSuiteByItsOwnPreference) {
  ServerConfig config = test::default_config();
  config.cipher_suites = {CipherSuite::kChaCha20Poly1305Sha256, CipherSuite::kAes128GcmSha256};
  Server server(config);
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  EXPECT_EQ(server.connection.cipher_suite(), CipherSuite::kChaCha20Poly1305Sha256);
}

TEST(Server, PresentsTheFirstCredentialWhoseSchemeIsOffered) {
  ServerConfig config = test::default_config();
  config.credentials = {test::credential(test::kEd25519Certificate, test::kEd25519Key),
                        test::credential(test::kRsaCertificate, test::kRsaKey),
                        test::credential(test::kP256Certificate, test::kP256Key)};
  struct Case {
    Octets offered;
    SignatureScheme chosen;
  };
  for (const Case& one :
       {Case{code_points({0x0403, 0x0804, 0x0807}), SignatureScheme::kEd25519},
        Case{code_points({0x0403, 0x0806}), SignatureScheme::kRsaPssRsaeSha512},
        Case{code_points({0x0401, 0x0403}), SignatureScheme::kEcdsaSecp256r1Sha256}}) {
    Server server(config);
    TestClient client;
    client.hello[ExtensionType::kSignatureAlgorithms] = one.offered;
    ASSERT_TRUE(complete_handshake(client, server)) << client.problem;
    EXPECT_EQ(server.connection.negotiated().signature_scheme, one.chosen);
  }
}

TEST(Server, ChoosesTheApplicationProtocolByItsOwnPreference) {
  ServerConfig config = test::default_config();
  config.application_protocols = {"b", "a"};
  Server server(config);
  TestClient client;
  client.hello[ExtensionType::kApplicationLayerProtocolNegotiation] =
      test::protocol_list({"a", "b"});
  ASSERT_TRUE(complete_handshake(client, server));
  EXPECT_EQ(server.connection.application_protocol(), "b");
  EXPECT_EQ(client.application_protocol, "b");
}

TEST(Server, NegotiatesNoProtocolWhenOneSideHasNone) {
  for (const bool client_offers : {false, true}) {
    ServerConfig config = test::default_config();
    if (client_offers) config.application_protocols.clear();
    Server server(config);
    TestClient client;
    if (client_offers) {
      client.hello[ExtensionType::kApplicationLayerProtocolNegotiation] =
          test::protocol_list({"h2"});
    }
    ASSERT_TRUE(complete_handshake(client, server));
    EXPECT_EQ(server.connection.application_protocol(), "");
    EXPECT_EQ(client.application_protocol, "");
  }
}

TEST(Server, KeepsTheServerName) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  EXPECT_EQ(server.connection.server_name(), "server.test");
}

TEST(Server, ToleratesGrease) {
  Server server;
  TestClient client;
  client.hello.cipher_suites.insert(client.hello.cipher_suites.begin(), 0x0a0a);
  client.hello[ExtensionType::kSupportedGroups] = code_points({0x1a1a, 0x001d});
  client.hello[ExtensionType::kSupportedVersions] = code_points({0x2a2a, 0x0304, 0x0303}, 1);
  client.hello[ExtensionType::kSignatureAlgorithms] = code_points({0x3a3a, 0x0403});
  client.hello[static_cast<ExtensionType>(0x4a4a)] = {0};
  Octets& shares = client.hello[ExtensionType::kKeyShare];
  const Octets grease = test::key_share_entry(0x1a1a, Octets{0});
  shares.insert(shares.begin() + 2, grease.begin(), grease.end());
  shares[1] = static_cast<std::uint8_t>(shares[1] + grease.size());
  EXPECT_TRUE(complete_handshake(client, server)) << client.problem;
}

TEST(Server, IgnoresAPreSharedKeyAndDoesAFullHandshake) {
  Server server;
  TestClient client;
  client.hello[ExtensionType::kPreSharedKey] = test::offered_psks(1, 1);
  EXPECT_TRUE(complete_handshake(client, server)) << client.problem;
}

TEST(Server, TakesAClientHelloOverManyRecords) {
  Server server;
  TestClient client;
  const Octets message = octets(Bytes(client.client_hello()).subspan(kRecordHeaderSize));
  Octets records;
  for (const std::uint8_t byte : message) {
    const Octets record = test::plain_record(ContentType::kHandshake, Octets{byte});
    records.insert(records.end(), record.begin(), record.end());
  }
  EXPECT_EQ(server.receive(records).error, std::nullopt);
  ASSERT_TRUE(client.receive(server.take_output())) << client.problem;
  EXPECT_EQ(server.receive(client.finished()).kinds, std::vector{Kind::kHandshakeComplete});
}

TEST(Server, TakesFinishedOverManyRecords) {
  Server server;
  TestClient client;
  ASSERT_TRUE(exchange_hellos(client, server));
  Octets records;
  for (const std::uint8_t byte : client.finished_message()) {
    const Octets record = client.seal(ContentType::kHandshake, Octets{byte});
    records.insert(records.end(), record.begin(), record.end());
  }
  EXPECT_EQ(server.receive(records).kinds, std::vector{Kind::kHandshakeComplete});
}

TEST(Server, SendsWhatTheClientReceives) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  const std::string large(100000, 'z');
  const std::vector<Bytes> pieces = {as_bytes("head "), as_bytes(large), as_bytes(" tail")};
  server.connection.send(pieces, server.output);
  ASSERT_TRUE(client.receive(server.take_output())) << client.problem;
  EXPECT_EQ(client.received, "head " + large + " tail");
}

TEST(Server, CanSendOnlyBetweenHandshakeAndClose) {
  Server server;
  TestClient client;
  EXPECT_FALSE(server.connection.can_send());
  ASSERT_TRUE(exchange_hellos(client, server));
  EXPECT_FALSE(server.connection.can_send());
  server.send("too early");
  EXPECT_TRUE(server.output.empty());
  server.receive(client.finished());
  EXPECT_TRUE(server.connection.can_send());
  server.connection.close(server.output);
  EXPECT_FALSE(server.connection.can_send());
  server.send("too late");
  ASSERT_TRUE(client.receive(server.take_output()));
  EXPECT_EQ(client.received, "");
}

TEST(Server, SaysCloseNotifyOnceAndGoesOnReading) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  server.connection.close(server.output);
  server.connection.close(server.output);
  ASSERT_TRUE(client.receive(server.take_output()));
  EXPECT_EQ(client.alerts, std::vector{AlertDescription::kCloseNotify});
  EXPECT_EQ(server.receive(client.data("still here")).data, "still here");
}

TEST(Server, DiscardsWhatComesAfterCloseNotify) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  const Report report = server.receive(joined(
      {client.seal(ContentType::kAlert, Octets{1, 0}), client.data("late"), octets("garbage")}));
  EXPECT_EQ(report.kinds, std::vector{Kind::kCloseNotify});
  EXPECT_EQ(server.receive(octets("more garbage")), Report{});
  EXPECT_TRUE(server.connection.can_send());
  EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kClean);
}

TEST(Server, TellsTruncationFromACleanEnd) {
  Server server;
  TestClient client;
  EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kDuringHandshake);
  ASSERT_TRUE(exchange_hellos(client, server));
  EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kDuringHandshake);
  server.receive(client.finished());
  EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kTruncated);
  server.receive(client.seal(ContentType::kAlert, Octets{1, 0}));
  EXPECT_EQ(server.connection.receive_eof(), EndOfInput::kClean);
}

TEST(Server, FollowsTheClientsKeyUpdates) {
  for (const std::uint16_t suite : std::to_array<std::uint16_t>({0x1301, 0x1302, 0x1303})) {
    Server server;
    TestClient client;
    client.hello.cipher_suites = {suite};
    ASSERT_TRUE(complete_handshake(client, server));
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(server.receive(joined({client.key_update(0), client.data("next")})).data, "next");
    }
    server.send("no answer was asked for");
    ASSERT_TRUE(client.receive(server.take_output()));
    EXPECT_EQ(client.key_updates, 0U);
  }
}

TEST(Server, AnswersKeyUpdateRequestsOnceBeforeItsNextData) {
  Server server;
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  for (int i = 0; i < 10; ++i) server.receive(client.key_update(1));
  EXPECT_TRUE(server.output.empty());
  server.send("one");
  server.send(" two");
  ASSERT_TRUE(client.receive(server.take_output())) << client.problem;
  EXPECT_EQ(client.key_updates, 1U);
  EXPECT_EQ(client.received, "one two");
}

TEST(Server, LogsTheSecretsOfAHandshakeOnlyWhenAskedTo) {
  std::vector<std::string> lines;
  ServerConfig config = test::default_config();
  config.key_log = [&lines](std::string_view line) { lines.emplace_back(line); };
  Server server(config);
  TestClient client;
  ASSERT_TRUE(complete_handshake(client, server));
  ASSERT_EQ(lines.size(), 5U);
  const std::string_view labels[] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                     "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                     "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(
        lines[i].starts_with(std::string(labels[i]) + " " + hex_encode(client.hello.random) + " "))
        << lines[i];
    EXPECT_EQ(lines[i].size(), labels[i].size() + 1 + 64 + 1 + 64);
  }
}

// With the random and the private key of the example, ServerHello comes out as printed there, and
// the traffic secrets with it.
TEST(Server, ReplaysTheHandshakesOfRfc8448) {
  struct Example {
    std::string_view random;
    std::string_view private_key;
    std::string_view client_hello;
    std::string_view server_hello;
  };
  const Example examples[] = {
      {test::simple::kServerRandom, test::simple::kServerPrivateKey,
       test::simple::kClientHelloRecord, test::simple::kServerHelloRecord},
      {test::compatibility::kServerRandom, test::compatibility::kServerPrivateKey,
       test::compatibility::kClientHelloRecord, test::compatibility::kServerHelloRecord}};
  for (const Example& example : examples) {
    std::vector<std::string> lines;
    ServerConfig config = test::default_config();
    config.key_log = [&lines](std::string_view line) { lines.emplace_back(line); };
    config.entropy = std::make_shared<const Entropy>(Entropy{
        .fill_random =
            [&](MutableBytes out) { std::ranges::copy(from_hex(example.random), out.begin()); },
        .make_key_share =
            [&](NamedGroup) {
              return crypto::KeyShare::from_private_key(NamedGroup::kX25519,
                                                        from_hex(example.private_key));
            }});
    Server server(config);
    EXPECT_EQ(server.receive(from_hex(example.client_hello)), Report{});
    const Octets wanted = from_hex(example.server_hello);
    const Octets sent = server.take_output();
    ASSERT_GT(sent.size(), wanted.size());
    EXPECT_EQ(octets(Bytes(sent).first(wanted.size())), wanted);
    const bool compatible = Bytes(from_hex(example.client_hello))[43] != 0;
    EXPECT_EQ(sent[wanted.size()], compatible ? 20 : 23);
    if (compatible) continue;
    EXPECT_TRUE(
        lines[0].ends_with(" b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"));
    EXPECT_TRUE(
        lines[1].ends_with(" b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
  }
}

}  // namespace
}  // namespace heliograph::tls

#include "tls/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tls/pair.hpp"
#include "tls/extensions.hpp"
#include "tls/grease.hpp"

namespace heliograph::tls {
namespace {

using test::FixedVerifier;
using test::Octets;
using test::Pair;
using Kind = Event::Kind;

TEST(Client, CompletesAHandshakeWithEverySuiteGroupAndCredential) {
  const std::pair<std::string_view, std::string_view> credentials[] = {
      {test::kP256Certificate, test::kP256Key},
      {test::kP384Certificate, test::kP384Key},
      {test::kEd25519Certificate, test::kEd25519Key},
      {test::kRsaCertificate, test::kRsaKey}};
  for (const CipherSuite suite : kAllCipherSuites) {
    for (const NamedGroup group : kAllGroups) {
      for (const auto& [certificate, key] : credentials) {
        ClientConfig client = test::default_client_config();
        client.cipher_suites = {suite};
        client.groups = {group};
        ServerConfig server = test::default_config();
        server.credentials = {test::credential(certificate, key)};
        Pair pair(client, server);
        ASSERT_TRUE(pair.run()) << name(suite) << ' ' << name(group);
        EXPECT_EQ(pair.client.cipher_suite(), suite);
        EXPECT_EQ(pair.client.group(), group);
        EXPECT_EQ(pair.client.negotiated().peer_signature_scheme,
                  pair.server.negotiated().signature_scheme);
        EXPECT_EQ(pair.client.application_protocol(), "http/1.1");
        EXPECT_EQ(pair.server.server_name(), "server.test");
        pair.client_sends("question");
        pair.server_sends("answer");
        ASSERT_TRUE(pair.run());
        EXPECT_EQ(pair.server_end.data, "question");
        EXPECT_EQ(pair.client_end.data, "answer");
      }
    }
  }
}

TEST(Client, ReceivesTheSameByteByByteAndWhole) {
  for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
    Pair pair(test::default_client_config(), test::config_with_tickets());
    ASSERT_TRUE(pair.run(piece)) << piece;
    pair.server_sends("in pieces");
    ASSERT_TRUE(pair.run(piece));
    EXPECT_EQ(pair.client_end.data, "in pieces");
    EXPECT_NE(pair.session(), nullptr);
  }
}

TEST(Client, SendsAnotherShareWhenTheServerAsks) {
  ServerConfig server = test::default_config();
  server.groups = {NamedGroup::kSecp384r1};
  Pair pair(test::default_client_config(), server);
  ASSERT_TRUE(pair.run());
  EXPECT_TRUE(pair.client.did_hello_retry());
  EXPECT_TRUE(pair.server.did_hello_retry());
  EXPECT_EQ(pair.client.group(), NamedGroup::kSecp384r1);
}

TEST(Client, MaySendSharesForSeveralGroupsOrNone) {
  ClientConfig several = test::default_client_config();
  several.key_share_groups = {NamedGroup::kSecp384r1, NamedGroup::kX25519};
  ServerConfig server = test::default_config();
  server.groups = {NamedGroup::kSecp384r1};
  Pair first(several, server);
  ASSERT_TRUE(first.run());
  EXPECT_FALSE(first.client.did_hello_retry());

  ClientConfig none = test::default_client_config();
  none.key_share_groups.emplace();
  Pair second(none);
  ASSERT_TRUE(second.run());
  EXPECT_TRUE(second.client.did_hello_retry());
}

TEST(Client, NeedsAVerifier) {
  const auto config = std::make_shared<const ClientConfig>(nullptr);
  EXPECT_THROW(ClientConnection(config, ServerName::any(), test::kNow), std::invalid_argument);
}

TEST(Client, RefusesACertificateThatTheVerifierDoesNotBelieve) {
  struct Case {
    Error error;
    AlertDescription alert;
  };
  for (const Case& one :
       {Case{Error::kCertificateUnknownIssuer, AlertDescription::kUnknownCa},
        Case{Error::kCertificateExpired, AlertDescription::kCertificateExpired},
        Case{Error::kCertificateNotYetValid, AlertDescription::kCertificateExpired},
        Case{Error::kCertificateWrongName, AlertDescription::kBadCertificate},
        Case{Error::kCertificateRefused, AlertDescription::kCertificateUnknown}}) {
    ClientConfig config(std::make_shared<FixedVerifier>(one.error));
    Pair pair(config);
    EXPECT_FALSE(pair.run());
    EXPECT_EQ(pair.client_end.error, one.error);
    EXPECT_EQ(pair.server.peer_alert(), one.alert);
  }
}

TEST(Client, VerifiesChainsAndNames) {
  const auto store = crypto::TrustStore::from_pem(as_bytes(test::kP256Certificate));
  const auto verifier = [&] {
    return std::make_shared<ChainVerifier>(
        crypto::TrustStore::from_pem(as_bytes(test::kP256Certificate)).value(),
        crypto::Purpose::kServerAuthentication);
  };
  const auto error_for = [&](const ServerName& name, std::int64_t now) {
    Pair pair(ClientConfig(verifier()), test::default_config(), nullptr, now, name);
    pair.run();
    return pair.client_end.error;
  };
  EXPECT_EQ(error_for(test::server_test(), test::kNow), std::nullopt);
  EXPECT_EQ(error_for(ServerName::any(), test::kNow), std::nullopt);
  EXPECT_EQ(error_for(ServerName::parse("other.test").value(), test::kNow),
            Error::kCertificateWrongName);
  EXPECT_EQ(error_for(ServerName::parse("192.0.2.1").value(), test::kNow),
            Error::kCertificateWrongName);
  EXPECT_EQ(error_for(test::server_test(), 0), Error::kCertificateNotYetValid);
}

TEST(Client, KnowsWhomItTalksTo) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  const auto& peer = pair.client.negotiated().peer;
  ASSERT_NE(peer, nullptr);
  EXPECT_TRUE(peer->authorized());
  EXPECT_EQ(peer->certificates.size(), 1U);
  EXPECT_THAT(peer->identity.dns_names, testing::ElementsAre("server.test"));
  EXPECT_EQ(pair.server.negotiated().peer, nullptr);
}

TEST(Client, SendsNoServerNameForAddresses) {
  for (const std::string_view name : {"192.0.2.1", "2001:db8::1"}) {
    Pair pair(test::default_client_config(), test::default_config(), nullptr, test::kNow,
              ServerName::parse(name).value());
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.server.server_name(), "");
    EXPECT_EQ(pair.client.server_name(), name);
  }
}

TEST(Client, TakesACompressedCertificate) {
  for (const bool compress : {false, true}) {
    ClientConfig client = test::default_client_config();
    client.compress_certificates = compress;
    Pair pair(client);
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.client.negotiated().peer->certificates.size(), 1U);
  }
}

TEST(Client, ReceivesAStapledResponseWhenItAsks) {
  const Octets response(123, 0x30);
  auto pair_of_keys =
      crypto::load_key_pair(as_bytes(test::kP256Certificate), as_bytes(test::kP256Key));
  ServerConfig server = test::default_config();
  server.credentials = {make_credential(std::move(*pair_of_keys), response)};
  for (const bool ask : {false, true}) {
    ClientConfig client = test::default_client_config();
    client.ask_for_status = ask;
    Pair pair(client, server);
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.client.negotiated().peer->ocsp_response, ask ? response : Octets{});
  }
}

TEST(Client, ExportsTheKeyingMaterialThatTheServerExports) {
  ClientConfig client = test::default_client_config();
  client.exporters = true;
  ServerConfig server = test::default_config();
  server.exporters = true;
  Pair pair(client, server);
  std::array<std::uint8_t, 40> ours = {};
  EXPECT_FALSE(pair.client.export_keying_material("EXPORTER-test", {}, ours));
  ASSERT_TRUE(pair.run());
  std::array<std::uint8_t, 40> theirs = {};
  ASSERT_TRUE(pair.client.export_keying_material("EXPORTER-test", as_bytes("context"), ours));
  ASSERT_TRUE(pair.server.export_keying_material("EXPORTER-test", as_bytes("context"), theirs));
  EXPECT_EQ(ours, theirs);
  ASSERT_TRUE(pair.server.export_keying_material("EXPORTER-test", {}, theirs));
  EXPECT_NE(ours, theirs);
  EXPECT_FALSE(pair.client.export_keying_material(std::string(250, 'x'), {}, ours));
  EXPECT_TRUE(pair.client.export_keying_material(std::string(249, 'x'), {}, ours));
  std::vector<std::uint8_t> too_long(255 * 32 + 1);
  EXPECT_FALSE(pair.client.export_keying_material("x", {}, too_long));
}

TEST(Client, HasNoExportersUnlessConfigured) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  std::array<std::uint8_t, 1> out = {};
  EXPECT_FALSE(pair.client.export_keying_material("EXPORTER-test", {}, out));
}

TEST(Client, UpdatesKeysBothWays) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  // The server answers the client's update, and makes one of its own.
  const std::string data(2 * kDataPerPostHandshakeMessage, 'x');
  for (int i = 0; i < 40; ++i) {
    pair.client.update_keys(KeyUpdateRequest::kUpdateRequested, pair.client_end.output);
    pair.server.update_keys(KeyUpdateRequest::kUpdateNotRequested, pair.server_end.output);
    pair.client_sends(data);
    pair.server_sends(data);
    ASSERT_TRUE(pair.run());
  }
  EXPECT_EQ(pair.server_end.data.size(), 40 * data.size());
  EXPECT_EQ(pair.client_end.data.size(), 40 * data.size());
}

TEST(Client, PaysForNoKeyUpdateThatItWasAskedFor) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  const std::string data(kDataPerPostHandshakeMessage, 'x');
  for (int i = 0; i < 2 * kPostHandshakeBurst; ++i) {
    pair.server.update_keys(KeyUpdateRequest::kUpdateRequested, pair.server_end.output);
    pair.server_sends(data);
    ASSERT_TRUE(pair.run());
    pair.client_sends("x");
    ASSERT_TRUE(pair.run());
  }
  EXPECT_EQ(pair.server_end.data.size(), 2U * kPostHandshakeBurst);
}

TEST(Client, AsksForOneKeyUpdateAtATime) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  // Two requests, and one answer before the server's next data.
  pair.client.update_keys(KeyUpdateRequest::kUpdateRequested, pair.client_end.output);
  pair.client.update_keys(KeyUpdateRequest::kUpdateRequested, pair.client_end.output);
  ASSERT_TRUE(pair.run());
  pair.server_sends("x");
  const std::size_t key_update_record = 5 + 5 + 1 + 16;
  const std::size_t data_record = 5 + 1 + 1 + 16;
  EXPECT_EQ(pair.server_end.output.size(), key_update_record + data_record);
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.client_end.data, "x");
}

TEST(Client, ObeysTheRecordSizeLimitOfTheServerAndTheOtherWayRound) {
  ClientConfig client = test::default_client_config();
  client.record_size_limit = 100;
  ServerConfig server = test::default_config();
  server.record_size_limit = 64;
  Pair pair(client, server);
  ASSERT_TRUE(pair.run());
  pair.client_sends(std::string(1000, 'c'));
  // 63 bytes of content in a record of 64.
  EXPECT_EQ(pair.client_end.output.size(), 1000 + 16 * (5 + 1 + 16));
  pair.server_sends(std::string(1000, 's'));
  EXPECT_EQ(pair.server_end.output.size(), 1000 + 11 * (5 + 1 + 16));
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.server_end.data, std::string(1000, 'c'));
  EXPECT_EQ(pair.client_end.data, std::string(1000, 's'));
}

TEST(Client, PadsApplicationDataByItsPolicy) {
  ClientConfig client = test::default_client_config();
  client.padding_block = 128;
  Pair pair(client);
  ASSERT_TRUE(pair.run());
  for (const std::size_t size : {1U, 127U, 128U}) {
    pair.client_sends(std::string(size, 'p'));
    EXPECT_EQ(pair.client_end.output.size(), 5U + 128 + 1 + 16) << size;
    ASSERT_TRUE(pair.run());
  }
  EXPECT_EQ(pair.server_end.data, std::string(256, 'p'));
}

TEST(Client, SaysGreaseAndShufflesItsExtensionsUnlessToldNotTo) {
  const auto hello_of = [](bool grease, bool permute) {
    ClientConfig config = test::default_client_config();
    config.grease = grease;
    config.permute_extensions = permute;
    Pair pair(config);
    Octets wire = test::octets(pair.client_end.output.bytes());
    return wire;
  };
  const auto types_of = [](const Octets& record) {
    // Record header, handshake header, version, random, session identifier, suites, compression.
    Reader reader(Bytes(record).subspan(5 + 4 + 2 + 32));
    reader.vector8();
    const Bytes suites = reader.vector16();
    reader.vector8();
    Reader extensions(reader.vector16());
    std::vector<std::uint16_t> types;
    types.push_back(static_cast<std::uint16_t>(suites[0] << 8 | suites[1]));
    while (!extensions.empty()) {
      types.push_back(extensions.u16());
      extensions.vector16();
    }
    return types;
  };
  const auto plain = types_of(hello_of(false, false));
  EXPECT_TRUE(std::ranges::none_of(plain, is_grease));
  EXPECT_EQ(plain, types_of(hello_of(false, false)));
  const auto greased = types_of(hello_of(true, false));
  EXPECT_TRUE(is_grease(greased[0]));
  EXPECT_EQ(std::ranges::count_if(greased, is_grease), 3);
  bool differs = false;
  for (int i = 0; i < 20 && !differs; ++i) differs = types_of(hello_of(false, true)) != plain;
  EXPECT_TRUE(differs);
}

TEST(Client, EndsCleanly) {
  Pair pair;
  ASSERT_TRUE(pair.run());
  pair.client.close(pair.client_end.output);
  pair.run();
  EXPECT_TRUE(pair.server_end.has_seen(Kind::kCloseNotify));
  EXPECT_EQ(pair.server.receive_eof(), EndOfInput::kClean);
  EXPECT_EQ(pair.client.receive_eof(), EndOfInput::kTruncated);
}

TEST(Client, LogsTheSameSecretsAsTheServer) {
  std::vector<std::string> of_client;
  std::vector<std::string> of_server;
  ClientConfig client = test::default_client_config();
  client.key_log = [&](std::string_view line) { of_client.emplace_back(line); };
  ServerConfig server = test::default_config();
  server.key_log = [&](std::string_view line) { of_server.emplace_back(line); };
  Pair pair(client, server);
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(of_client.size(), 5U);
  EXPECT_THAT(of_client, testing::UnorderedElementsAreArray(of_server));
}

}  // namespace
}  // namespace heliograph::tls

// Sessions that are resumed, and those that must not be (RFC 9846 sections 2.2, 4.3.11 and 4.7.1).

#include <set>

#include <gtest/gtest.h>

#include "base/reader.hpp"
#include "tests/tls/pair.hpp"
#include "tls/client.hpp"
#include "tls/client_hello.hpp"
#include "tls/early_data.hpp"
#include "tls/server.hpp"
#include "tls/ticket.hpp"

namespace heliograph::tls {
namespace {

using test::FixedVerifier;
using test::Octets;
using test::Pair;
using Kind = Event::Kind;

constexpr std::int64_t kHour = 3'600'000;

TEST(Resumption, TakesATicketOfAnEarlierConnection) {
  const auto session =
      test::make_session(test::default_client_config(), test::config_with_tickets());
  ASSERT_NE(session, nullptr);
  Pair pair(test::default_client_config(), test::config_with_tickets(), session, test::kNow + 1000);
  ASSERT_TRUE(pair.run());
  EXPECT_TRUE(pair.client.resumed());
  EXPECT_TRUE(pair.server.resumed());
  EXPECT_EQ(pair.client.negotiated().peer->identity.dns_names.size(), 1U);
  pair.client_sends("again");
  pair.server_sends("welcome back");
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.server_end.data, "again");
  EXPECT_EQ(pair.client_end.data, "welcome back");

  // And what that connection gives can be resumed as well.
  Pair third(test::default_client_config(), test::config_with_tickets(), pair.session(),
             test::kNow + 2000);
  ASSERT_TRUE(third.run());
  EXPECT_TRUE(third.server.resumed());
}

TEST(Resumption, WorksWithEverySuiteAndAfterARetry) {
  for (const CipherSuite suite : kAllCipherSuites) {
    ClientConfig client = test::default_client_config();
    client.cipher_suites = {suite};
    const auto session = test::make_session(client, test::config_with_tickets());
    ServerConfig server = test::config_with_tickets();
    server.groups = {NamedGroup::kSecp256r1};
    Pair pair(client, server, session);
    ASSERT_TRUE(pair.run()) << name(suite);
    EXPECT_TRUE(pair.server.resumed());
    EXPECT_TRUE(pair.server.did_hello_retry());
  }
}

// Whether a session made under `before` is resumed under `after`; either way the handshake is done.
bool resumes(const ServerConfig& before, const ServerConfig& after,
             const ClientConfig& client = test::default_client_config(),
             std::int64_t later = 1000) {
  const auto session = test::make_session(client, before);
  EXPECT_NE(session, nullptr);
  Pair pair(client, after, session, test::kNow + later);
  EXPECT_TRUE(pair.run());
  EXPECT_EQ(pair.client.resumed(), pair.server.resumed());
  return pair.server.resumed();
}

TEST(Resumption, EndsWithTheLifetimeOfTheTicket) {
  ServerConfig config = test::config_with_tickets();
  config.ticket_lifetime = 3600;
  EXPECT_TRUE(resumes(config, config, test::default_client_config(), kHour));
  EXPECT_FALSE(resumes(config, config, test::default_client_config(), kHour + 1));
}

TEST(Resumption, TheServerJudgesTheLifetimeItself) {
  ServerConfig config = test::config_with_tickets();
  config.ticket_lifetime = 3600;
  const auto session = test::make_session(test::default_client_config(), config);
  // A client that claims to have received the ticket later than it has.
  auto forged = std::make_shared<ClientSession>();
  forged->session.cipher_suite = session->session.cipher_suite;
  forged->session.pre_shared_key = session->session.pre_shared_key.copy();
  forged->session.server_name = session->session.server_name;
  forged->session.issued_at = test::kNow + kHour;
  forged->session.authenticated_at = test::kNow + kHour;
  forged->session.lifetime = 3600;
  forged->ticket = session->ticket;
  Pair pair(test::default_client_config(), config, forged, test::kNow + kHour + 1000);
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.server.resumed());
}

TEST(Resumption, NeedsTheKeyThatSealedTheTicket) {
  const auto keys = TicketKeys::generate();
  ServerConfig before = test::config_with_tickets();
  before.tickets = keys;
  ServerConfig after = before;
  EXPECT_TRUE(resumes(before, after));
  after.tickets = keys->rotated();
  EXPECT_TRUE(resumes(before, after));
  after.tickets = keys->rotated()->rotated();
  EXPECT_FALSE(resumes(before, after));
  after.tickets = TicketKeys::generate();
  EXPECT_FALSE(resumes(before, after));
  after.tickets = nullptr;
  EXPECT_FALSE(resumes(before, after));
}

TEST(Resumption, IsBoundToTheContext) {
  ServerConfig other = test::config_with_tickets();
  other.session_context = "after the authorities changed";
  EXPECT_FALSE(resumes(test::config_with_tickets(), other));
}

TEST(Resumption, IsBoundToTheHashOfTheSuite) {
  ServerConfig other = test::config_with_tickets();
  other.cipher_suites = {CipherSuite::kAes256GcmSha384};
  EXPECT_FALSE(resumes(test::config_with_tickets(), other));
  other.cipher_suites = {CipherSuite::kChaCha20Poly1305Sha256};
  EXPECT_TRUE(resumes(test::config_with_tickets(), other));
}

// The client lies about the host that its ticket is for.
TEST(Resumption, ATicketOfOneHostIsDeclinedAtAnother) {
  const auto session =
      test::make_session(test::default_client_config(), test::config_with_tickets());
  auto forged = std::make_shared<ClientSession>();
  forged->session.cipher_suite = session->session.cipher_suite;
  forged->session.pre_shared_key = session->session.pre_shared_key.copy();
  forged->session.server_name = "other.test";
  forged->session.issued_at = session->session.issued_at;
  forged->session.authenticated_at = session->session.issued_at;
  forged->session.lifetime = session->session.lifetime;
  forged->session.age_add = session->session.age_add;
  forged->ticket = session->ticket;
  Pair pair(test::default_client_config(), test::config_with_tickets(), forged, test::kNow,
            ServerName::parse("other.test").value());
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.server.resumed());
  EXPECT_FALSE(pair.client.resumed());
}

TEST(Resumption, AClientDoesNotOfferTheSessionOfAnotherHost) {
  const auto session =
      test::make_session(test::default_client_config(), test::config_with_tickets());
  Pair pair(test::default_client_config(), test::config_with_tickets(), session, test::kNow,
            ServerName::parse("other.test").value());
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.client.resumed());
}

ClientConfig client_with_certificate() {
  ClientConfig config = test::default_client_config();
  config.credentials = {test::credential(test::kEd25519Certificate, test::kEd25519Key)};
  return config;
}

ServerConfig asking(ClientCertificates policy, std::optional<Error> refusal = std::nullopt) {
  ServerConfig config = test::config_with_tickets();
  config.client_certificates = policy;
  config.verifier = std::make_shared<FixedVerifier>(refusal);
  return config;
}

TEST(Resumption, ATicketWithoutAClientCertificateIsDeclinedWhereOneIsRequired) {
  using enum ClientCertificates;
  const ClientConfig client = client_with_certificate();
  EXPECT_FALSE(resumes(asking(kNone), asking(kRequired), client));
  EXPECT_FALSE(resumes(asking(kNone), asking(kOptional), client));
  EXPECT_TRUE(resumes(asking(kRequired), asking(kRequired), client));
  EXPECT_TRUE(resumes(asking(kRequired), asking(kNone), client));
  EXPECT_TRUE(resumes(asking(kOptional), asking(kRequired), client));
  EXPECT_TRUE(resumes(asking(kReported), asking(kRequired), client));
}

TEST(Resumption, ACertificateThatWasOnlyReportedDoesNotAuthorize) {
  using enum ClientCertificates;
  const ServerConfig reported = asking(kReported, Error::kCertificateUnknownIssuer);
  for (const ClientCertificates policy : {kOptional, kRequired}) {
    ServerConfig strict = asking(policy);
    EXPECT_FALSE(resumes(reported, strict, client_with_certificate()));
    strict.verify_on_resumption = false;
    EXPECT_FALSE(resumes(reported, strict, client_with_certificate()));
  }
  EXPECT_TRUE(resumes(reported, reported, client_with_certificate()));
}

TEST(Resumption, CarriesTheClientsCertificate) {
  const ServerConfig server = asking(ClientCertificates::kRequired);
  const auto session = test::make_session(client_with_certificate(), server);
  Pair pair(client_with_certificate(), server, session);
  ASSERT_TRUE(pair.run());
  ASSERT_TRUE(pair.server.resumed());
  ASSERT_NE(pair.server.negotiated().peer, nullptr);
  EXPECT_TRUE(pair.server.negotiated().peer->authorized());
  EXPECT_EQ(pair.server.negotiated().peer_signature_scheme, SignatureScheme::kEd25519);
}

// Believes every certificate but those with keys of one type.
class KeyTypeVerifier : public PeerVerifier {
 public:
  explicit KeyTypeVerifier(crypto::KeyType refused) : refused_(refused) {}
  [[nodiscard]] Result<void, Error> verify(const crypto::PeerCertificate& certificate,
                                           Bytes /*ocsp_response*/,
                                           std::string_view /*server_name*/,
                                           std::int64_t /*now_seconds*/) const override {
    if (certificate.key().type() == refused_) return fail(Error::kCertificateExpired);
    return {};
  }

 private:
  crypto::KeyType refused_;
};

TEST(Resumption, OfAClientThatIsNoLongerBelievedIsDeclined) {
  using enum ClientCertificates;
  const ServerConfig believing = asking(kReported);
  ServerConfig refusing = asking(kReported, Error::kCertificateExpired);
  const auto session = test::make_session(client_with_certificate(), believing);
  Pair pair(client_with_certificate(), refusing, session);
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.server.resumed());
  EXPECT_EQ(pair.server.negotiated().peer->refusal, Error::kCertificateExpired);

  refusing.verify_on_resumption = false;
  Pair trusting(client_with_certificate(), refusing, session);
  ASSERT_TRUE(trusting.run());
  EXPECT_TRUE(trusting.server.resumed());
  EXPECT_FALSE(resumes(refusing, believing, client_with_certificate()));
}

TEST(Resumption, WithAServerThatIsNoLongerBelievedIsNotOffered) {
  // The server has a new certificate meanwhile, of another kind.
  ServerConfig renewed = test::config_with_tickets();
  renewed.credentials = {test::credential(test::kEd25519Certificate, test::kEd25519Key)};
  ClientConfig client = test::default_client_config();
  const auto session = test::make_session(client, test::config_with_tickets());
  client.verifier = std::make_shared<KeyTypeVerifier>(crypto::KeyType::kEcP256);
  Pair pair(client, renewed, session);
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.client.resumed());

  client.verify_on_resumption = false;
  Pair trusting(client, renewed, session);
  ASSERT_TRUE(trusting.run());
  EXPECT_TRUE(trusting.client.resumed());
}

TEST(Resumption, StandsForTheCredentialThatWasPresented) {
  const ServerConfig server = asking(ClientCertificates::kRequired);
  const auto session = test::make_session(client_with_certificate(), server);
  ClientConfig other = test::default_client_config();
  other.credentials = {test::credential(test::kP384Certificate, test::kP384Key)};
  Pair pair(other, server, session);
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.client.resumed());
  EXPECT_EQ(pair.server.negotiated().peer_signature_scheme, SignatureScheme::kEcdsaSecp384r1Sha384);
}

TEST(Resumption, EndsAWeekAfterTheCertificatesWereShown) {
  const ServerConfig server = test::config_with_tickets();
  auto session = test::make_session(test::default_client_config(), server);
  std::int64_t now = test::kNow;
  for (; now - test::kNow + kHour <= kMaxAuthenticationAge;) {
    now += kHour;
    Pair pair(test::default_client_config(), server, session, now);
    ASSERT_TRUE(pair.run());
    ASSERT_TRUE(pair.server.resumed());
    session = pair.session(now);
  }
  Pair pair(test::default_client_config(), server, session, now + kHour);
  ASSERT_TRUE(pair.run());
  EXPECT_FALSE(pair.client.resumed());
}

TEST(Resumption, AWrongBinderEndsTheHandshake) {
  const auto session =
      test::make_session(test::default_client_config(), test::config_with_tickets());
  Pair pair(test::default_client_config(), test::config_with_tickets(), session);
  // The binder is the end of the first record.
  Octets hello = test::octets(pair.client_end.output.bytes());
  hello.back() ^= 1;
  pair.client_end.output.clear();
  pair.client_end.output.append(hello);
  EXPECT_FALSE(pair.run());
  EXPECT_EQ(pair.server_end.error, Error::kBinderMismatch);
  EXPECT_EQ(pair.client.peer_alert(), AlertDescription::kDecryptError);
}

// The record without the last extension of the ClientHello in it.
Octets without_last_extension(Octets record) {
  constexpr std::size_t kHeaders = kRecordHeaderSize + kHandshakeHeaderSize;
  Reader fields(Bytes(record).subspan(kHeaders));
  fields.bytes(2 + kRandomSize);
  fields.vector8();
  fields.vector16();
  fields.vector8();
  const std::size_t extensions_at = record.size() - fields.rest().size();
  std::size_t last = 0;
  for (Reader extensions(fields.vector16()); !extensions.empty(); extensions.vector16()) {
    last = record.size() - extensions.rest().size();
    extensions.u16();
  }
  record.resize(last);
  for (const std::size_t at : {kRecordHeaderSize - 2, kHeaders - 2, extensions_at}) {
    const std::size_t length = record.size() - at - 2;
    record[at] = static_cast<std::uint8_t>(length >> 8);
    record[at + 1] = static_cast<std::uint8_t>(length);
  }
  return record;
}

TEST(Resumption, MayNotBeTakenBackAfterARetry) {
  ServerConfig server = test::config_with_tickets();
  const auto session = test::make_session(test::default_client_config(), server);
  server.groups = {NamedGroup::kSecp384r1};
  Pair pair(test::default_client_config(), server, session);
  pair.server_end.receive(pair.server, pair.client_end, 1U << 20);
  pair.client_end.receive(pair.client, pair.server_end, 1U << 20);
  ASSERT_FALSE(pair.client_end.error);

  constexpr std::size_t kChangeCipherSpecRecord = 6;
  const Octets second_flight = test::octets(pair.client_end.output.bytes());
  Octets hello = without_last_extension(
      {second_flight.begin() + kChangeCipherSpecRecord, second_flight.end()});
  MutableBytes input = hello;
  EXPECT_EQ(pair.server.receive(input, pair.server_end.output).error(),
            Error::kRetryWithoutPreSharedKey);
}

TEST(Resumption, GivesAsManyTicketsAsConfigured) {
  for (const std::size_t count : {0U, 1U, 5U}) {
    ServerConfig config = test::config_with_tickets();
    config.tickets_per_handshake = static_cast<std::uint8_t>(count);
    Pair pair(test::default_client_config(), config);
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.client.take_sessions(test::kNow).size(), count);
    EXPECT_TRUE(pair.client.take_sessions(test::kNow).empty());
  }
}

TEST(Resumption, GivesOneTicketForTheOneThatWasUsed) {
  ServerConfig config = test::config_with_tickets();
  config.tickets_per_handshake = 2;
  const auto session = test::make_session(test::default_client_config(), config);
  Pair pair(test::default_client_config(), config, session);
  ASSERT_TRUE(pair.run());
  ASSERT_TRUE(pair.server.resumed());
  EXPECT_EQ(pair.client.take_sessions(test::kNow).size(), 1U);
}

TEST(Resumption, SealsNoTwoTicketsUnderOneNonce) {
  const ServerConfig config = test::config_with_tickets();
  std::set<Octets> nonces;
  for (int handshake = 0; handshake < 2; ++handshake) {
    Pair pair(test::default_client_config(), config);
    ASSERT_TRUE(pair.run());
    for (const ClientSession& session : pair.client.take_sessions(test::kNow)) {
      nonces.insert(test::octets(
          Bytes(session.ticket).subspan(TicketKeys::kNameSize, crypto::kAeadNonceSize)));
    }
  }
  EXPECT_EQ(nonces.size(), 4U);
}

// 0-RTT.

ServerConfig with_early_data() {
  ServerConfig config = test::config_with_tickets();
  config.max_early_data_size = 1000;
  config.replay_guard = std::make_shared<MemoryReplayGuard>(100, 0);
  return config;
}

ClientConfig early_client() {
  ClientConfig config = test::default_client_config();
  config.early_data = true;
  return config;
}

void send_early(Pair& pair, std::string_view text) {
  const Bytes piece = as_bytes(text);
  pair.client.send_early_data({&piece, 1}, pair.client_end.output);
}

TEST(EarlyData, ArrivesBeforeTheHandshakeIsComplete) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
    const ServerConfig server = with_early_data();
    const auto session = test::make_session(early_client(), server);
    Pair pair(early_client(), server, session, test::kNow + 5000);
    EXPECT_EQ(pair.client.early_data_room(), 1000U);
    send_early(pair, "quick ");
    send_early(pair, "question");
    EXPECT_EQ(pair.client.early_data_room(), 986U);
    ASSERT_TRUE(pair.run(piece));
    EXPECT_EQ(pair.server_end.early_data, "quick question");
    EXPECT_EQ(pair.server_end.kinds.front(), Kind::kEarlyData);
    EXPECT_EQ(pair.client.negotiated().early_data, EarlyDataOutcome::kAccepted);
    EXPECT_EQ(pair.server.negotiated().early_data, EarlyDataOutcome::kAccepted);
    EXPECT_EQ(pair.client.early_data_room(), 0U);
    pair.client_sends("later");
    ASSERT_TRUE(pair.run());
    EXPECT_EQ(pair.server_end.data, "later");
  }
}

TEST(EarlyData, IsAnsweredBeforeTheClientHasFinished) {
  const ServerConfig server = with_early_data();
  Pair pair(early_client(), server, test::make_session(early_client(), server));
  send_early(pair, "ping");
  pair.server_end.receive(pair.server, pair.client_end, 1U << 20);
  EXPECT_FALSE(pair.server.established());
  ASSERT_TRUE(pair.server.can_send());
  pair.server_sends("pong");
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.client_end.data, "pong");
}

// What `server` does with the early data of a session made under `made_by`; in every case the
// connection comes about.
EarlyDataOutcome outcome(const ServerConfig& made_by, const ServerConfig& server,
                         std::int64_t later = 1000) {
  Pair pair(early_client(), server, test::make_session(early_client(), made_by),
            test::kNow + later);
  send_early(pair, std::string(900, 'e'));
  EXPECT_TRUE(pair.run());
  EXPECT_EQ(pair.server_end.early_data.empty(),
            pair.server.negotiated().early_data != EarlyDataOutcome::kAccepted);
  EXPECT_EQ(pair.client.negotiated().early_data, pair.server.negotiated().early_data);
  pair.client_sends("later");
  EXPECT_TRUE(pair.run());
  EXPECT_EQ(pair.server_end.data, "later");
  return pair.client.negotiated().early_data;
}

TEST(EarlyData, IsSkippedWhereItCannotBeTaken) {
  const ServerConfig made_by = with_early_data();
  EXPECT_EQ(outcome(made_by, made_by), EarlyDataOutcome::kAccepted);

  ServerConfig off = made_by;
  off.max_early_data_size = 0;
  EXPECT_EQ(outcome(made_by, off), EarlyDataOutcome::kRejected);

  ServerConfig no_tickets = made_by;
  no_tickets.tickets = nullptr;
  EXPECT_EQ(outcome(made_by, no_tickets), EarlyDataOutcome::kRejected);

  ServerConfig other_suite = made_by;
  other_suite.cipher_suites = {CipherSuite::kChaCha20Poly1305Sha256};
  EXPECT_EQ(outcome(made_by, other_suite), EarlyDataOutcome::kRejected);

  ServerConfig other_protocol = made_by;
  other_protocol.application_protocols = {};
  EXPECT_EQ(outcome(made_by, other_protocol), EarlyDataOutcome::kRejected);

  ServerConfig retries = made_by;
  retries.groups = {NamedGroup::kSecp384r1};
  EXPECT_EQ(outcome(made_by, retries), EarlyDataOutcome::kRejected);

  ServerConfig no_guard = made_by;
  no_guard.replay_guard = nullptr;
  EXPECT_EQ(outcome(made_by, no_guard), EarlyDataOutcome::kRejected);
}

TEST(EarlyData, EndsWithAHelloRetryRequest) {
  ServerConfig server = with_early_data();
  const auto session = test::make_session(early_client(), server);
  server.groups = {NamedGroup::kSecp384r1};
  Pair pair(early_client(), server, session);
  EXPECT_GT(pair.client.early_data_room(), 0U);
  pair.server_end.receive(pair.server, pair.client_end, 1U << 20);
  pair.client_end.receive(pair.client, pair.server_end, 1U << 20);
  EXPECT_EQ(pair.client.early_data_room(), 0U);
  pair.server_end.receive(pair.server, pair.client_end, 1U << 20);
  // The first record of the server's flight is ServerHello: EncryptedExtensions are next.
  Octets flight = test::octets(pair.server_end.output.bytes());
  flight.resize(5U + (static_cast<std::size_t>(flight[3]) << 8 | flight[4]));
  MutableBytes input = flight;
  ASSERT_TRUE(pair.client.receive(input, pair.client_end.output));
  EXPECT_EQ(pair.client.early_data_room(), 0U);
}

TEST(EarlyData, IsOfferedOnlyInAProtocolThatIsOnOffer) {
  const ServerConfig server = with_early_data();
  ClientConfig client = early_client();
  client.application_protocols = {"http/1.1"};
  const auto session = test::make_session(client, server);
  EXPECT_GT(Pair(client, server, session).client.early_data_room(), 0U);
  client.application_protocols = {"h2"};
  EXPECT_EQ(Pair(client, server, session).client.early_data_room(), 0U);
}

TEST(EarlyData, IsTakenOnceForEachHello) {
  const ServerConfig server = with_early_data();
  const auto session = test::make_session(early_client(), server);
  Pair first(early_client(), server, session);
  send_early(first, "transfer 100");
  const Octets flight = test::octets(first.client_end.output.bytes());
  ASSERT_TRUE(first.run());
  ASSERT_EQ(first.server_end.early_data, "transfer 100");

  // The same bytes again: resumed, but the early data is skipped.
  test::Server replayed(server);
  const test::Report report = replayed.receive(flight);
  EXPECT_EQ(report.error, std::nullopt);
  EXPECT_EQ(report.data, "");
}

TEST(EarlyData, NeedsAClockThatAgrees) {
  const ServerConfig server = with_early_data();
  const auto session = test::make_session(early_client(), server);
  Pair pair(early_client(), server, session, test::kNow);
  Octets flight = test::octets(pair.client_end.output.bytes());
  // The hello of now, shown a minute later.
  Pair late(early_client(), server, nullptr, test::kNow + 60'000);
  late.client_end.output.clear();
  late.client_end.output.append(flight);
  late.server_end.receive(late.server, late.client_end, 1U << 20);
  EXPECT_EQ(late.server_end.error, std::nullopt);
  EXPECT_FALSE(late.server.can_send());
}

TEST(EarlyData, HasABudget) {
  ServerConfig server = with_early_data();
  const auto session = test::make_session(early_client(), server);
  auto generous = std::make_shared<ClientSession>();
  generous->session.cipher_suite = session->session.cipher_suite;
  generous->session.pre_shared_key = session->session.pre_shared_key.copy();
  generous->session.issued_at = session->session.issued_at;
  generous->session.authenticated_at = session->session.issued_at;
  generous->session.lifetime = session->session.lifetime;
  generous->session.age_add = session->session.age_add;
  generous->session.server_name = session->session.server_name;
  generous->session.application_protocol = session->session.application_protocol;
  generous->session.max_early_data_size = 5000;
  generous->ticket = session->ticket;
  Pair pair(early_client(), server, generous);
  send_early(pair, std::string(1001, 'e'));
  EXPECT_FALSE(pair.run());
  EXPECT_EQ(pair.server_end.error, Error::kTooMuchEarlyData);
}

TEST(EarlyData, IsNotOfferedUnlessConfigured) {
  const ServerConfig server = with_early_data();
  Pair pair(test::default_client_config(), server, test::make_session(early_client(), server));
  EXPECT_EQ(pair.client.early_data_room(), 0U);
  send_early(pair, "nothing");
  ASSERT_TRUE(pair.run());
  EXPECT_TRUE(pair.client.resumed());
  EXPECT_EQ(pair.server_end.early_data, "");
  EXPECT_EQ(pair.client.negotiated().early_data, EarlyDataOutcome::kNotOffered);
}

}  // namespace
}  // namespace heliograph::tls

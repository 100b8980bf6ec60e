#include "tls/ticket.hpp"

#include <gtest/gtest.h>

#include "tests/tls/pair.hpp"
#include "tls/certificate.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

Octets seal(const TicketKeys& keys, Bytes state) {
  Buffer out;
  keys.seal(state, out);
  return octets(out.bytes());
}

TEST(TicketKeys, OpenWhatTheySealed) {
  const auto keys = TicketKeys::generate();
  for (const std::size_t size : {0U, 1U, 1000U}) {
    const Octets state(size, 7);
    const Octets ticket = seal(*keys, state);
    EXPECT_EQ(ticket.size(), 16 + 12 + size + 16);
    EXPECT_EQ(keys->open(ticket), state);
  }
  EXPECT_NE(seal(*keys, Octets{1}), seal(*keys, Octets{1}));
}

TEST(TicketKeys, OpenNothingThatWasChanged) {
  const auto keys = TicketKeys::generate();
  const Octets ticket = seal(*keys, Octets(20, 7));
  for (std::size_t at = 0; at < ticket.size(); ++at) {
    Octets changed = ticket;
    changed[at] ^= 1;
    EXPECT_EQ(keys->open(changed), std::nullopt) << at;
    EXPECT_EQ(keys->open(Bytes(ticket).first(at)), std::nullopt) << at;
  }
  EXPECT_EQ(keys->open(test::joined({ticket, {0}})), std::nullopt);
}

TEST(TicketKeys, OpenThePreviousAndTheNextAfterARotation) {
  const auto keys = TicketKeys::generate();
  const auto later = keys->rotated();
  const Octets old_ticket = seal(*keys, Octets{1});
  const Octets new_ticket = seal(*later, Octets{2});
  EXPECT_EQ(later->open(old_ticket), Octets{1});
  EXPECT_EQ(keys->open(new_ticket), Octets{2});
  EXPECT_EQ(later->rotated()->open(old_ticket), std::nullopt);
}

TEST(TicketKeys, AreSharedByTheirExport) {
  const auto keys = TicketKeys::generate();
  const auto exported = keys->export_secret();
  EXPECT_EQ(exported.size(), TicketKeys::kExportSize);
  const auto imported = TicketKeys::import(exported);
  ASSERT_TRUE(imported);
  EXPECT_EQ((*imported)->open(seal(*keys, Octets{1, 2})), (Octets{1, 2}));
  EXPECT_EQ((*imported)->export_secret(), exported);
  for (const std::size_t size : {std::size_t{0}, exported.size() - 1, exported.size() + 1}) {
    const auto wrong = TicketKeys::import(Octets(size));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), "ticket keys are 144 bytes, not " + std::to_string(size));
  }
}

std::shared_ptr<const Peer> some_peer(std::optional<Error> refusal) {
  ServerConfig server = test::default_config();
  server.client_certificates = ClientCertificates::kReported;
  server.verifier = std::make_shared<test::FixedVerifier>();
  server.verifier = std::make_shared<test::FixedVerifier>(refusal);
  ClientConfig client = test::default_client_config();
  client.credentials = {test::credential(test::kP256Certificate, test::kP256Key)};
  test::Pair pair(client, server);
  EXPECT_TRUE(pair.run());
  return pair.server.negotiated().peer;
}

Session some_session() {
  Session session;
  session.cipher_suite = CipherSuite::kAes256GcmSha384;
  session.pre_shared_key = crypto::Secret(Octets(48, 9));
  session.issued_at = test::kNow;
  session.authenticated_at = test::kNow;
  session.lifetime = 3600;
  session.age_add = 0x01020304;
  session.max_early_data_size = 99;
  session.server_name = "server.test";
  session.application_protocol = "http/1.1";
  return session;
}

Octets encode(const Session& session, std::string_view context = "here") {
  Buffer out;
  EXPECT_TRUE(encode_session(session, context, out));
  return octets(out.bytes());
}

TEST(TicketState, IsReadAsWritten) {
  const auto read = decode_session(encode(some_session()), "here");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cipher_suite, CipherSuite::kAes256GcmSha384);
  EXPECT_EQ(octets(read->pre_shared_key.bytes()), Octets(48, 9));
  EXPECT_EQ(read->issued_at, test::kNow);
  EXPECT_EQ(read->lifetime, 3600U);
  EXPECT_EQ(read->age_add, 0x01020304U);
  EXPECT_EQ(read->max_early_data_size, 99U);
  EXPECT_EQ(read->server_name, "server.test");
  EXPECT_EQ(read->application_protocol, "http/1.1");
  EXPECT_EQ(read->peer_signature_scheme, std::nullopt);
  EXPECT_EQ(read->peer, nullptr);
}

TEST(TicketState, KeepsThePeerAndWhyItWasNotBelieved) {
  for (const auto refusal : {std::optional<Error>(), std::optional(Error::kCertificateExpired)}) {
    Session session = some_session();
    session.peer = some_peer(refusal);
    session.peer_signature_scheme = SignatureScheme::kEcdsaSecp256r1Sha256;
    const auto read = decode_session(encode(session), "here");
    ASSERT_TRUE(read && read->peer);
    EXPECT_EQ(read->peer->refusal, refusal);
    EXPECT_EQ(read->peer->certificates, session.peer->certificates);
    EXPECT_EQ(read->peer->identity.dns_names, session.peer->identity.dns_names);
    EXPECT_EQ(read->peer_signature_scheme, SignatureScheme::kEcdsaSecp256r1Sha256);
  }
}

TEST(TicketState, IsOfNoUseElsewhere) {
  const Octets state = encode(some_session());
  EXPECT_FALSE(decode_session(state, "there"));
  EXPECT_FALSE(decode_session(state, ""));
  Octets other_format = state;
  other_format[0] ^= 1;
  EXPECT_FALSE(decode_session(other_format, "here"));
}

TEST(TicketState, CutAnywhereCannotBeDecoded) {
  Session session = some_session();
  session.peer = some_peer(std::nullopt);
  const Octets state = encode(session);
  for (std::size_t size = 0; size < state.size(); ++size) {
    EXPECT_FALSE(decode_session(Bytes(state).first(size), "here")) << size;
  }
  EXPECT_FALSE(decode_session(test::joined({state, {0}}), "here"));
}

TEST(TicketState, WithADamagedPeerCannotBeDecoded) {
  // A list of its own between what comes before the peer and the key behind it.
  Octets front = encode(some_session());
  const Octets key(front.end() - 1 - 48, front.end());
  front.resize(front.size() - key.size() - 3);
  for (const Octets& list : {Octets{0, 0, 1, 0xff},                    // no certificate
                             Octets{0, 0, 3, 0xff, 0, 0},              // a length cut off
                             Octets{0, 0, 5, 0xff, 0, 0, 9, 1},        // a certificate cut off
                             Octets{0, 0, 5, 0xff, 0, 0, 1, 0x30}}) {  // no certificate in DER
    EXPECT_FALSE(decode_session(test::joined({front, list, key}), "here"));
  }
}

TEST(TicketState, HasAKeyAndATimeThatCanBe) {
  Octets state = encode(some_session());
  const std::size_t key = state.size() - 1 - 48;
  ASSERT_EQ(state[key], 48);
  Octets long_key = state;
  long_key[key] = 65;
  long_key.resize(key + 1 + 65, 9);
  EXPECT_FALSE(decode_session(long_key, "here"));
  const std::size_t issued_at = 1 + 2 + 4 + 2;
  state[issued_at] = 0x80;  // its sign
  EXPECT_FALSE(decode_session(state, "here"));
}

TEST(TicketState, OfALongChainIsNotWritten) {
  Session session = some_session();
  auto peer = std::make_shared<Peer>(*some_peer(std::nullopt));
  peer->certificates.emplace_back(kMaxTicketState, 0x30);
  session.peer = peer;
  Buffer out;
  EXPECT_FALSE(encode_session(session, "here", out));
}

TEST(Session, IsFreshFromItsIssueToTheEndOfItsLifetime) {
  const Session session = some_session();
  EXPECT_FALSE(session.is_fresh(test::kNow - 1));
  EXPECT_TRUE(session.is_fresh(test::kNow));
  EXPECT_TRUE(session.is_fresh(test::kNow + 3600 * 1000));
  EXPECT_FALSE(session.is_fresh(test::kNow + 3600 * 1000 + 1));
}

// The client does without a ticket then.
TEST(Tickets, AreNotGivenToClientsWithLongChains) {
  ServerConfig server = test::config_with_tickets();
  server.client_certificates = ClientCertificates::kReported;
  server.verifier = std::make_shared<test::FixedVerifier>();
  ClientConfig client = test::default_client_config();
  std::vector<Octets> chain =
      crypto::CertificateChain::from_pem(as_bytes(test::kP256Certificate)).value().certificates();
  chain.emplace_back(kMaxTicketState, 0x30);
  Buffer message;
  write_certificate(chain, {}, message);
  client.credentials = {std::make_shared<const Credential>(
      Credential{.plain = {octets(message.bytes()), {}},
                 .stapled = {},
                 .key = crypto::PrivateKey::from_pem(as_bytes(test::kP256Key)).value(),
                 .schemes = {SignatureScheme::kEcdsaSecp256r1Sha256},
                 .dns_names = {},
                 .issuers = {}})};
  test::Pair pair(client, server);
  ASSERT_TRUE(pair.run());
  EXPECT_EQ(pair.session(), nullptr);
}

}  // namespace
}  // namespace heliograph::tls

// What a hostile server, or somebody on the path, may try: each ends in one named error and the
// alert that the RFC asks for.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_server.hpp"
#include "tls/client.hpp"
#include "tls/client_handshake.hpp"
#include "tls/compressed_certificate.hpp"
#include "tls/key_update.hpp"
#include "tls/new_session_ticket.hpp"

namespace heliograph::tls {
namespace {

using test::Client;
using test::code_points;
using test::Extension;
using test::handshake_message;
using test::HelloAnswer;
using test::joined;
using test::key_share_entry;
using test::last_alert;
using test::octets;
using test::Octets;
using test::plain_record;
using test::TestServer;

Octets plain_handshake(Bytes message) {
  return plain_record(ContentType::kHandshake, message);
}

// The client's hello is out.
struct Started {
  explicit Started(const ClientConfig& config = test::default_client_config(),
                   std::shared_ptr<const ClientSession> session = nullptr,
                   const ServerName& name = test::server_test())
      : client(config, std::move(session), name) {
    EXPECT_TRUE(test::start(client, server)) << server.problem;
  }
  std::optional<Error> receive(Bytes record) { return client.receive(record).error; }
  std::optional<Error> answer(const HelloAnswer& answer) {
    return receive(plain_handshake(server.say(answer)));
  }
  // Under the server's current keys.
  std::optional<Error> handshake(Bytes content) {
    return receive(server.seal(ContentType::kHandshake, content));
  }
  Client client;
  TestServer server;
};

// It has been answered by a HelloRetryRequest, and the second hello is out.
struct Retried : Started {
  explicit Retried(std::optional<NamedGroup> group = NamedGroup::kSecp384r1) {
    EXPECT_EQ(answer(server.retry_request(group)), std::nullopt);
    EXPECT_TRUE(test::start(client, server)) << server.problem;
  }
};

// It has been answered by a ServerHello.
struct WaitingForFlight : Started {
  explicit WaitingForFlight(const ClientConfig& config = test::default_client_config(),
                            const ServerName& name = test::server_test())
      : Started(config, nullptr, name) {
    EXPECT_EQ(answer(server.server_hello()), std::nullopt);
  }
};

struct Established {
  Established() { EXPECT_TRUE(test::complete_handshake(client, server)) << server.problem; }
  std::optional<Error> receive(Bytes record) { return client.receive(record).error; }
  std::optional<Error> handshake(Bytes content) {
    return receive(server.seal(ContentType::kHandshake, content));
  }
  Client client;
  TestServer server;
};

// The error of a ServerHello with one change.
std::optional<Error> error_of_answer(const std::function<void(HelloAnswer&)>& change) {
  Started on;
  HelloAnswer answer = on.server.server_hello();
  change(answer);
  return on.answer(answer);
}

// The error of a HelloRetryRequest with one change.
std::optional<Error> error_of_retry(const std::function<void(HelloAnswer&)>& change) {
  Started on;
  HelloAnswer answer = on.server.retry_request(NamedGroup::kSecp384r1);
  change(answer);
  return on.answer(answer);
}

// The error of EncryptedExtensions.
std::optional<Error> error_of_extensions(const Extension& extension,
                                         const ClientConfig& config = test::default_client_config(),
                                         const ServerName& name = test::server_test()) {
  WaitingForFlight on(config, name);
  return on.handshake(on.server.encrypted_extensions(std::array{extension}));
}

// The error of a Certificate message with this body.
std::optional<Error> error_of_certificate(Bytes body) {
  WaitingForFlight on;
  on.handshake(on.server.encrypted_extensions());
  return on.handshake(on.server.add(HandshakeType::kCertificate, body));
}

std::optional<Error> error_of_compressed_certificate(
    Bytes body, const ClientConfig& config = test::default_client_config()) {
  WaitingForFlight on(config);
  on.handshake(on.server.encrypted_extensions());
  return on.handshake(on.server.add(HandshakeType::kCompressedCertificate, body));
}

Octets new_session_ticket(std::uint32_t lifetime = 3600, Bytes ticket = Octets{1}) {
  Buffer message;
  write_new_session_ticket(
      {.lifetime = lifetime, .age_add = 1, .nonce = {}, .ticket = ticket, .max_early_data_size = 0},
      message);
  return octets(message.bytes());
}

TEST(ClientUnderAttack, TheTestServerItselfIsObeyed) {
  Established on;
  EXPECT_EQ(on.client.receive(on.server.data("hello")).data, "hello");
  Retried retried;
  EXPECT_EQ(retried.answer(retried.server.server_hello(NamedGroup::kSecp384r1)), std::nullopt);
  EXPECT_EQ(retried.handshake(retried.server.flight()), std::nullopt);
  EXPECT_TRUE(retried.client.connection.established());
}

TEST(ClientUnderAttack, SendsTheAlertAndThenNothing) {
  Established on;
  EXPECT_EQ(on.receive(octets("HTTP/1.1 400 Bad Request\r\n\r\n")), Error::kUnknownContentType);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
  on.client.connection.close(on.client.output);
  EXPECT_TRUE(on.client.output.empty());
  EXPECT_FALSE(on.client.connection.can_send());
  EXPECT_EQ(on.receive(on.server.data("good")), Error::kUnknownContentType);
}

TEST(ClientUnderAttack, RefusesAnAnswerInAnOlderVersion) {
  using enum ExtensionType;
  // The last bytes of random say that the server could do better (RFC 9846 section 4.2.3).
  for (const std::uint8_t last : std::to_array<std::uint8_t>({0x33, 0x01, 0x00})) {
    Started on;
    HelloAnswer answer = on.server.server_hello();
    answer.remove(kSupportedVersions);
    answer.remove(kKeyShare);
    answer.cipher_suite = 0xc02b;
    if (last < 2) {
      const Octets sentinel = {'D', 'O', 'W', 'N', 'G', 'R', 'D', last};
      std::ranges::copy(sentinel, answer.random.end() - 8);
    }
    EXPECT_EQ(on.answer(answer), Error::kUnsupportedVersion);
    EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kProtocolVersion);
  }
  const auto selected = [](std::uint8_t minor) {
    return error_of_answer([=](HelloAnswer& answer) { answer[kSupportedVersions] = {3, minor}; });
  };
  EXPECT_EQ(selected(3), Error::kUnofferedVersion);
  EXPECT_EQ(selected(5), Error::kUnofferedVersion);
  for (const std::uint16_t legacy : std::to_array<std::uint16_t>({0x0300, 0x0301, 0x0304})) {
    EXPECT_EQ(error_of_answer([=](HelloAnswer& answer) { answer.legacy_version = legacy; }),
              Error::kUnofferedVersion);
  }
}

TEST(ClientUnderAttack, WantsItsSessionIdEchoed) {
  const auto changes = std::to_array<std::function<void(HelloAnswer&)>>(
      {[](HelloAnswer& answer) { answer.session_id.clear(); },
       [](HelloAnswer& answer) { answer.session_id.pop_back(); },
       [](HelloAnswer& answer) { answer.session_id.back() ^= 1; },
       [](HelloAnswer& answer) { answer.session_id.push_back(0); }});
  for (const auto& change : changes) {
    EXPECT_EQ(error_of_answer(change), Error::kSessionIdNotEchoed);
    EXPECT_EQ(error_of_retry(change), Error::kSessionIdNotEchoed);
  }
}

TEST(ClientUnderAttack, TakesNoSuiteThatItHasNotOffered) {
  for (const std::uint16_t suite : std::to_array<std::uint16_t>({0, 0x1304, 0x0a0a, 0xc02b})) {
    const auto change = [=](HelloAnswer& answer) { answer.cipher_suite = suite; };
    EXPECT_EQ(error_of_answer(change), Error::kUnofferedCipherSuite);
    EXPECT_EQ(error_of_retry(change), Error::kUnofferedCipherSuite);
  }
  EXPECT_EQ(error_of_answer([](HelloAnswer& answer) { answer.compression_method = 1; }),
            Error::kBadCompressionMethods);
}

TEST(ClientUnderAttack, TakesNoShareForAGroupThatItHasNoneFor) {
  Started on;
  EXPECT_EQ(on.answer(on.server.server_hello(NamedGroup::kSecp256r1)), Error::kUnofferedGroup);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kIllegalParameter);
  EXPECT_EQ(error_of_answer([](HelloAnswer& answer) {
              answer[ExtensionType::kKeyShare] = key_share_entry(0x0a0a, Octets{0});
            }),
            Error::kUnofferedGroup);
}

TEST(ClientUnderAttack, TakesNoShareForAnotherGroupThanTheOneAskedFor) {
  ClientConfig config = test::default_client_config();
  config.key_share_groups = {NamedGroup::kX25519, NamedGroup::kSecp256r1};
  Started on(config);
  ASSERT_EQ(on.answer(on.server.retry_request(NamedGroup::kSecp384r1)), std::nullopt);
  ASSERT_TRUE(test::start(on.client, on.server));
  EXPECT_EQ(on.answer(on.server.server_hello(NamedGroup::kX25519)), Error::kUnofferedGroup);
}

TEST(ClientUnderAttack, TakesNoUnusableShare) {
  const auto share = [](std::uint16_t group, const Octets& value) {
    return [=](HelloAnswer& answer) {
      answer[ExtensionType::kKeyShare] = key_share_entry(group, value);
    };
  };
  // Of small order: the shared secret is all zeros.
  EXPECT_EQ(error_of_answer(share(0x001d, Octets(32))), Error::kBadKeyShare);
  EXPECT_EQ(error_of_answer(share(0x001d, Octets(31, 9))), Error::kBadKeyShare);
  EXPECT_EQ(error_of_answer(share(0x001d, Octets(33, 9))), Error::kBadKeyShare);
  EXPECT_EQ(error_of_answer(share(0x001d, {})), Error::kMalformedExtension);

  Octets off_the_curve(65, 1);
  off_the_curve[0] = 4;
  ClientConfig config = test::default_client_config();
  config.groups = {NamedGroup::kSecp256r1};
  Started on(config);
  HelloAnswer answer = on.server.server_hello(NamedGroup::kSecp256r1);
  share(0x0017, off_the_curve)(answer);
  EXPECT_EQ(on.answer(answer), Error::kBadKeyShare);
}

TEST(ClientUnderAttack, NeedsAShareInTheAnswer) {
  EXPECT_EQ(error_of_answer([](HelloAnswer& answer) { answer.remove(ExtensionType::kKeyShare); }),
            Error::kMissingKeyShare);
}

TEST(ClientUnderAttack, TakesNoExtensionOfTheAnswerThatItHasNotAskedFor) {
  using enum ExtensionType;
  const auto with = [](ExtensionType type, const Octets& data) {
    return [=](HelloAnswer& answer) { answer[type] = data; };
  };
  EXPECT_EQ(error_of_answer(with(kPreSharedKey, {0, 0})), Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_answer(with(static_cast<ExtensionType>(0xff01), {0})),
            Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_answer(with(kServerName, {})), Error::kMisplacedExtension);
  EXPECT_EQ(error_of_answer(with(kCookie, {0, 1, 0})), Error::kMisplacedExtension);
  EXPECT_EQ(error_of_retry(with(kPreSharedKey, {0, 0})), Error::kMisplacedExtension);
  EXPECT_EQ(error_of_retry(with(static_cast<ExtensionType>(0xff01), {0})),
            Error::kUnsolicitedExtension);
  const auto twice = [](HelloAnswer& answer) {
    answer.extensions.push_back(answer.extensions.front());
  };
  EXPECT_EQ(error_of_answer(twice), Error::kDuplicateExtension);
  EXPECT_EQ(error_of_retry(twice), Error::kDuplicateExtension);
}

TEST(ClientUnderAttack, RefusesARetryThatChangesNothing) {
  EXPECT_EQ(
      error_of_retry([](HelloAnswer& answer) { answer[ExtensionType::kKeyShare] = {0, 0x1d}; }),
      Error::kRetryChangesNothing);
  EXPECT_EQ(error_of_retry([](HelloAnswer& answer) { answer.remove(ExtensionType::kKeyShare); }),
            Error::kRetryChangesNothing);
}

TEST(ClientUnderAttack, RefusesARetryForAGroupThatItHasNotOffered) {
  for (const Octets& group : {Octets{0, 0x19}, Octets{0x0a, 0x0a}, Octets{0, 0}}) {
    EXPECT_EQ(
        error_of_retry([&](HelloAnswer& answer) { answer[ExtensionType::kKeyShare] = group; }),
        Error::kUnofferedGroup);
  }
}

TEST(ClientUnderAttack, RefusesASecondRetry) {
  Retried on;
  EXPECT_EQ(on.answer(on.server.retry_request(NamedGroup::kSecp256r1)), Error::kSecondRetryRequest);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
  Retried cookie(std::nullopt);
  EXPECT_EQ(cookie.answer(cookie.server.retry_request(NamedGroup::kSecp256r1)),
            Error::kSecondRetryRequest);
}

TEST(ClientUnderAttack, WantsTheSuiteOfTheRetryAgain) {
  Retried on;
  HelloAnswer answer = on.server.server_hello(NamedGroup::kSecp384r1);
  for (const std::uint16_t suite : std::to_array<std::uint16_t>({0x1302, 0x1303})) {
    answer.cipher_suite = suite;
    Retried other;
    answer.session_id = octets(other.server.hello().legacy_session_id);
    EXPECT_EQ(other.receive(plain_handshake(answer.encode())), Error::kUnofferedCipherSuite);
  }
}

TEST(ClientUnderAttack, AnswersACookieWithTheSameShareAndTheCookie) {
  Started on;
  const Octets share = octets(*on.server.hello().key_shares.find(NamedGroup::kX25519));
  ASSERT_EQ(on.answer(on.server.retry_request(std::nullopt)), std::nullopt);
  ASSERT_TRUE(test::start(on.client, on.server));
  EXPECT_EQ(octets(*on.server.hello().key_shares.find(NamedGroup::kX25519)), share);
  const std::string second = std::string(as_text(on.server.messages.back().encoded));
  EXPECT_NE(second.find("cki"), std::string::npos);
  ASSERT_EQ(on.answer(on.server.server_hello()), std::nullopt);
  EXPECT_EQ(on.handshake(on.server.flight()), std::nullopt);
  EXPECT_TRUE(on.client.connection.established());
}

TEST(ClientUnderAttack, RefusesHandshakeBytesBehindServerHello) {
  const Octets extensions = handshake_message(HandshakeType::kEncryptedExtensions, Octets{0, 0});
  for (const Octets& behind : {Octets{8}, Octets{2, 0}, extensions}) {
    for (const bool retry : {false, true}) {
      Started on;
      const Octets message = on.server.say(retry ? on.server.retry_request(NamedGroup::kSecp384r1)
                                                 : on.server.server_hello());
      EXPECT_EQ(on.receive(plain_handshake(joined({message, behind}))),
                Error::kHandshakeBytesAtKeyChange);
    }
  }
}

TEST(ClientUnderAttack, RefusesHandshakeBytesBehindFinished) {
  for (const Octets& behind : {Octets{4}, new_session_ticket(), octets(encode_key_update({}))}) {
    WaitingForFlight on;
    EXPECT_EQ(on.handshake(joined({on.server.flight(), behind})),
              Error::kHandshakeBytesAtKeyChange);
    EXPECT_FALSE(on.client.connection.established());
    EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
    EXPECT_FALSE(on.server.got_finished);
  }
}

TEST(ClientUnderAttack, RefusesHandshakeBytesBehindKeyUpdate) {
  for (const Octets& behind : {Octets{24}, octets(encode_key_update({})), new_session_ticket()}) {
    Established on;
    EXPECT_EQ(on.handshake(joined({octets(encode_key_update({})), behind})),
              Error::kHandshakeBytesAtKeyChange);
  }
}

TEST(ClientUnderAttack, TakesNoEncryptedExtensionThatItHasNotAskedFor) {
  using enum ExtensionType;
  EXPECT_EQ(error_of_extensions({kEarlyData, {}}), Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_extensions({static_cast<ExtensionType>(0xff01), {}}),
            Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_extensions({kUseSrtp, {}}), Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_extensions({kKeyShare, {}}), Error::kMisplacedExtension);
  EXPECT_EQ(error_of_extensions({kSignatureAlgorithms, {}}), Error::kMisplacedExtension);

  const Extension protocol{kApplicationLayerProtocolNegotiation, test::protocol_list({"http/1.1"})};
  EXPECT_EQ(error_of_extensions(protocol), std::nullopt);
  ClientConfig silent = test::default_client_config();
  silent.application_protocols.clear();
  EXPECT_EQ(error_of_extensions(protocol, silent), Error::kUnsolicitedExtension);
  EXPECT_EQ(error_of_extensions({kServerName, {}}), std::nullopt);
  for (const ServerName& name : {ServerName::any(), ServerName::parse("192.0.2.1").value()}) {
    EXPECT_EQ(error_of_extensions({kServerName, {}}, test::default_client_config(), name),
              Error::kUnsolicitedExtension);
  }
}

TEST(ClientUnderAttack, ChecksWhatTheServerHasChosen) {
  using enum ExtensionType;
  EXPECT_EQ(
      error_of_extensions({kApplicationLayerProtocolNegotiation, test::protocol_list({"h2"})}),
      Error::kUnofferedProtocol);
  EXPECT_EQ(error_of_extensions({kApplicationLayerProtocolNegotiation,
                                 test::protocol_list({"http/1.1", "http/1.1"})}),
            Error::kMalformedExtension);
  EXPECT_EQ(error_of_extensions({kRecordSizeLimit, {0, 63}}), Error::kBadRecordSizeLimit);
  EXPECT_EQ(error_of_extensions({kRecordSizeLimit, {0, 64}}), std::nullopt);
  // Groups that the server prefers are for later connections.
  EXPECT_EQ(error_of_extensions({kSupportedGroups, code_points({0x0018})}), std::nullopt);
}

TEST(ClientUnderAttack, NeedsACertificate) {
  WaitingForFlight on;
  on.handshake(on.server.encrypted_extensions());
  EXPECT_EQ(on.handshake(on.server.add(HandshakeType::kCertificate, Octets{0, 0, 0, 0})),
            Error::kEmptyCertificate);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kDecodeError);
}

TEST(ClientUnderAttack, RefusesCertificatesThatCannotBeUsed) {
  EXPECT_EQ(error_of_certificate(Octets{0, 0, 0, 6, 0, 0, 1, 0x30, 0, 0}),
            Error::kCertificateUnparsable);
  EXPECT_EQ(error_of_certificate(Octets{1, 0, 0, 0, 0}), Error::kMalformedCertificate);
  EXPECT_EQ(error_of_certificate(Octets{}), Error::kMalformedCertificate);
  // RSA of 1024 bits.
  const Octets weak = test::from_hex(test::simple::kCertificate);
  EXPECT_EQ(error_of_certificate(Bytes(weak).subspan(kHandshakeHeaderSize)),
            Error::kCertificateUnsupportedKey);
}

TEST(ClientUnderAttack, TakesNoExtensionOfACertificateThatItHasNotAskedFor) {
  using enum ExtensionType;
  const auto entry_with = [](const Extension& extension) {
    Buffer body;
    body.u8(0);
    {
      const LengthPrefix<3> list(body);
      body.u24(1);
      body.u8(0x30);
      body.append(test::extension_block(std::array{extension}));
    }
    return error_of_certificate(body.bytes());
  };
  EXPECT_EQ(entry_with({kStatusRequest, {1, 0, 0, 1, 0}}), Error::kUnsolicitedExtension);
  EXPECT_EQ(entry_with({static_cast<ExtensionType>(0xff01), {}}), Error::kUnsolicitedExtension);
  EXPECT_EQ(entry_with({kServerName, {}}), Error::kMisplacedExtension);
}

Octets compressed(std::uint32_t declared, Bytes zipped, std::uint16_t algorithm = 1) {
  Buffer body;
  body.u16(algorithm);
  body.u24(declared);
  body.u24(static_cast<std::uint32_t>(zipped.size()));
  body.append(zipped);
  return octets(body.bytes());
}

TEST(ClientUnderAttack, DefusesCertificateBombs) {
  // A mebibyte of zeros in about a kilobyte.
  Buffer message;
  ASSERT_TRUE(write_compressed_certificate(Octets(1U << 20), message));
  const Octets bomb = octets(message.bytes().subspan(kHandshakeHeaderSize));
  EXPECT_EQ(error_of_compressed_certificate(bomb), Error::kBadCompressedCertificate);
  // The same that declares less.
  const Octets zipped = octets(Bytes(bomb).subspan(8));
  for (const std::uint32_t declared : {0U, 1U, 1000U, std::uint32_t{kMaxCertificate}}) {
    EXPECT_EQ(error_of_compressed_certificate(compressed(declared, zipped)),
              Error::kBadCompressedCertificate);
  }
}

TEST(ClientUnderAttack, TakesNoCompressionThatItHasNotOffered) {
  EXPECT_EQ(error_of_compressed_certificate(compressed(10, Octets(5), 2)),
            Error::kUnofferedCompression);
  ClientConfig config = test::default_client_config();
  config.compress_certificates = false;
  EXPECT_EQ(error_of_compressed_certificate(compressed(10, Octets(5)), config),
            Error::kUnexpectedMessage);
}

TEST(ClientUnderAttack, TakesNoSignatureByASchemeThatItHasNotOfferedOrThatDoesNotFit) {
  const auto error_of_scheme = [](SignatureScheme scheme, const ClientConfig& config) {
    WaitingForFlight on(config);
    on.handshake(joined({on.server.encrypted_extensions(), on.server.certificate()}));
    return on.handshake(on.server.certificate_verify(scheme, Octets(70)));
  };
  const ClientConfig all = test::default_client_config();
  // For certificates only, or not known.
  for (const std::uint16_t scheme :
       std::to_array<std::uint16_t>({0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0x0a0a})) {
    EXPECT_EQ(error_of_scheme(static_cast<SignatureScheme>(scheme), all),
              Error::kUnofferedSignatureScheme);
  }
  // Offered, but the key is on P-256.
  for (const SignatureScheme scheme :
       {SignatureScheme::kEcdsaSecp384r1Sha384, SignatureScheme::kEd25519,
        SignatureScheme::kRsaPssRsaeSha256}) {
    EXPECT_EQ(error_of_scheme(scheme, all), Error::kUnofferedSignatureScheme);
  }
  ClientConfig without = test::default_client_config();
  without.signature_schemes = {SignatureScheme::kEd25519};
  EXPECT_EQ(error_of_scheme(SignatureScheme::kEcdsaSecp256r1Sha256, without),
            Error::kUnofferedSignatureScheme);
}

TEST(ClientUnderAttack, RefusesSignaturesThatDoNotVerify) {
  {
    WaitingForFlight on;
    on.handshake(joined({on.server.encrypted_extensions(), on.server.certificate()}));
    EXPECT_EQ(on.handshake(
                  on.server.certificate_verify(SignatureScheme::kEcdsaSecp256r1Sha256, Octets(70))),
              Error::kBadSignature);
    EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kDecryptError);
  }
  // A signature that some client has made over the same transcript.
  WaitingForFlight reflected;
  reflected.handshake(
      joined({reflected.server.encrypted_extensions(), reflected.server.certificate()}));
  EXPECT_EQ(reflected.handshake(reflected.server.certificate_verify(Role::kClient)),
            Error::kBadSignature);
  // One over the transcript without the certificate.
  WaitingForFlight early;
  const Octets extensions = early.server.encrypted_extensions();
  const Octets signature = early.server.certificate_verify();
  EXPECT_EQ(early.handshake(joined({extensions, early.server.certificate(), signature})),
            Error::kBadSignature);
}

TEST(ClientUnderAttack, RefusesAFinishedThatDoesNotVerify) {
  for (const std::size_t size : std::to_array<std::size_t>({0, 31, 32, 33, 48})) {
    WaitingForFlight on;
    on.handshake(joined({on.server.encrypted_extensions(), on.server.certificate(),
                         on.server.certificate_verify()}));
    EXPECT_EQ(on.handshake(handshake_message(HandshakeType::kFinished, Octets(size))),
              size == 32 ? Error::kFinishedMismatch : Error::kMalformedFinished);
    EXPECT_FALSE(on.client.connection.established());
  }
}

TEST(ClientUnderAttack, DoesWithoutNoMessageOfTheServer) {
  // Each flight lacks one message.
  const std::vector<std::function<Octets(TestServer&)>> flights = {
      [](TestServer& server) { return server.certificate(); },
      [](TestServer& server) {
        return joined({server.encrypted_extensions(), server.certificate_verify()});
      },
      [](TestServer& server) { return joined({server.encrypted_extensions(), server.finished()}); },
      [](TestServer& server) {
        return joined({server.encrypted_extensions(), server.certificate(), server.finished()});
      }};
  for (const auto& flight : flights) {
    WaitingForFlight on;
    EXPECT_EQ(on.handshake(flight(on.server)), Error::kUnexpectedMessage);
    EXPECT_FALSE(on.client.connection.established());
  }
}

TEST(ClientUnderAttack, RefusesMessagesOutOfOrder) {
  for (const HandshakeType type :
       {HandshakeType::kClientHello, HandshakeType::kNewSessionTicket,
        HandshakeType::kEndOfEarlyData, HandshakeType::kEncryptedExtensions,
        HandshakeType::kCertificate, HandshakeType::kCertificateRequest,
        HandshakeType::kCertificateVerify, HandshakeType::kFinished, HandshakeType::kKeyUpdate,
        HandshakeType::kCompressedCertificate, HandshakeType::kMessageHash,
        HandshakeType::kServerHello, static_cast<HandshakeType>(0)}) {
    const Octets message = handshake_message(type, Octets(1));
    if (type != HandshakeType::kServerHello) {
      Started fresh;
      EXPECT_EQ(fresh.receive(plain_handshake(message)), Error::kUnexpectedMessage);
    }
    if (type != HandshakeType::kEncryptedExtensions) {
      WaitingForFlight on;
      EXPECT_EQ(on.handshake(message), Error::kUnexpectedMessage);
    }
    if (type != HandshakeType::kKeyUpdate && type != HandshakeType::kNewSessionTicket) {
      Established on;
      EXPECT_EQ(on.handshake(message), Error::kUnexpectedMessage);
    }
  }
}

TEST(ClientUnderAttack, IsAskedForACertificateAtTheRightTimeOnly) {
  Buffer request;
  write_certificate_request(offered_schemes(kAllSignatureSchemes), {}, false, request);
  const Octets body = octets(request.bytes().subspan(kHandshakeHeaderSize));
  {
    WaitingForFlight twice;
    twice.handshake(twice.server.encrypted_extensions());
    EXPECT_EQ(twice.handshake(twice.server.add(HandshakeType::kCertificateRequest, body)),
              std::nullopt);
    EXPECT_EQ(twice.handshake(twice.server.add(HandshakeType::kCertificateRequest, body)),
              Error::kUnexpectedMessage);
  }
  WaitingForFlight late;
  late.handshake(joined({late.server.encrypted_extensions(), late.server.certificate()}));
  EXPECT_EQ(late.handshake(late.server.add(HandshakeType::kCertificateRequest, body)),
            Error::kUnexpectedMessage);
  // "A client that receives a post-handshake CertificateRequest message without having sent the
  // "post_handshake_auth" extension MUST send an "unexpected_message" fatal alert."
  Established on;
  EXPECT_EQ(on.handshake(octets(request.bytes())), Error::kUnexpectedMessage);
}

TEST(ClientUnderAttack, RefusesAHandshakeThatGoesOnWithoutProtection) {
  WaitingForFlight on;
  EXPECT_EQ(on.receive(plain_handshake(on.server.encrypted_extensions())),
            Error::kUnprotectedRecord);
}

TEST(ClientUnderAttack, RefusesApplicationDataBeforeFinished) {
  Started fresh;
  EXPECT_EQ(fresh.receive(plain_record(ContentType::kApplicationData, Octets(30))),
            Error::kApplicationDataBeforeFinished);
  for (const std::string_view text : {"early", ""}) {
    WaitingForFlight on;
    EXPECT_EQ(on.receive(on.server.data(text)), Error::kApplicationDataBeforeFinished);
  }
}

TEST(ClientUnderAttack, RefusesRecordsThatDoNotOpen) {
  WaitingForFlight on;
  Octets record = on.server.seal(ContentType::kHandshake, on.server.encrypted_extensions());
  record.back() ^= 1;
  EXPECT_EQ(on.receive(record), Error::kBadRecordMac);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kBadRecordMac);

  Established replayed;
  const Octets data = replayed.server.data("data");
  EXPECT_EQ(replayed.receive(data), std::nullopt);
  EXPECT_EQ(replayed.receive(data), Error::kBadRecordMac);
}

TEST(ClientUnderAttack, DoesNotTakeAPlaintextCloseNotifyForACleanEnd) {
  Established on;
  EXPECT_EQ(on.receive(plain_record(ContentType::kAlert, Octets{1, 0})), Error::kUnprotectedRecord);
  EXPECT_EQ(on.client.connection.receive_eof(), EndOfInput::kTruncated);
}

TEST(ClientUnderAttack, RefusesCloseNotifyInTheMiddleOfAHandshake) {
  Started fresh;
  EXPECT_EQ(fresh.receive(plain_record(ContentType::kAlert, Octets{1, 0})),
            Error::kCloseDuringHandshake);
  EXPECT_EQ(fresh.client.connection.receive_eof(), EndOfInput::kDuringHandshake);
  WaitingForFlight on;
  EXPECT_EQ(on.receive(on.server.seal(ContentType::kAlert, Octets{1, 0})),
            Error::kCloseDuringHandshake);
}

TEST(ClientUnderAttack, TakesAPlaintextAlertOnlyBeforeTheFirstProtectedRecord) {
  const Octets alert = plain_record(ContentType::kAlert, Octets{2, 40});
  Started fresh;
  EXPECT_EQ(fresh.receive(alert), Error::kAlertReceived);
  EXPECT_EQ(fresh.client.connection.peer_alert(), AlertDescription::kHandshakeFailure);
  EXPECT_TRUE(fresh.client.output.empty());
  WaitingForFlight begun;
  begun.handshake(begun.server.encrypted_extensions());
  EXPECT_EQ(begun.receive(alert), Error::kUnprotectedRecord);
}

TEST(ClientUnderAttack, DropsChangeCipherSpecOnlyWhereItHasAPlace) {
  const Octets good = plain_record(ContentType::kChangeCipherSpec, Octets{1});
  {
    Started on;
    EXPECT_EQ(on.receive(good), std::nullopt);
    EXPECT_EQ(on.receive(plain_record(ContentType::kChangeCipherSpec, Octets{2})),
              Error::kBadChangeCipherSpec);
  }
  {
    WaitingForFlight on;
    for (int i = 0; i < kMaxChangeCipherSpecs; ++i) EXPECT_EQ(on.receive(good), std::nullopt);
    EXPECT_EQ(on.receive(good), Error::kTooManyChangeCipherSpecs);
  }
  {
    WaitingForFlight on;
    EXPECT_EQ(on.receive(on.server.seal(ContentType::kChangeCipherSpec, Octets{1})),
              Error::kUnexpectedChangeCipherSpec);
  }
  Established on;
  EXPECT_EQ(on.receive(good), Error::kUnexpectedChangeCipherSpec);
}

TEST(ClientUnderAttack, LetsNothingComeBetweenThePartsOfAMessage) {
  const Octets first = {8, 0};
  const auto cases = std::to_array<std::function<Octets(TestServer&)>>(
      {[](TestServer& server) { return server.seal(ContentType::kAlert, Octets{1, 90}); },
       [](TestServer& server) { return server.data("x"); },
       [](TestServer&) { return plain_record(ContentType::kChangeCipherSpec, Octets{1}); }});
  for (const auto& between : cases) {
    WaitingForFlight on;
    EXPECT_EQ(on.handshake(first), std::nullopt);
    EXPECT_EQ(on.receive(between(on.server)), Error::kInterleavedHandshakeMessage);
  }
}

TEST(ClientUnderAttack, BuffersNothingForHugeMessages) {
  Started hello;
  EXPECT_EQ(hello.receive(plain_handshake(Octets{2, 0xff, 0xff, 0xff})),
            Error::kHandshakeMessageTooLong);
  WaitingForFlight on;
  on.handshake(on.server.encrypted_extensions());
  EXPECT_EQ(on.handshake(Octets{11, 0xff, 0xff, 0xff}), Error::kHandshakeMessageTooLong);
  Established later;
  EXPECT_EQ(later.handshake(Octets{4, 0xff, 0xff, 0xff}), Error::kHandshakeMessageTooLong);
}

TEST(ClientUnderAttack, TakesSoManyTicketsWithoutDataAndNoMore) {
  Established on;
  for (int i = 0; i < kPostHandshakeBurst; ++i) {
    ASSERT_EQ(on.handshake(new_session_ticket()), std::nullopt) << i;
  }
  EXPECT_EQ(on.handshake(new_session_ticket()), Error::kTooManyPostHandshakeMessages);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
}

TEST(ClientUnderAttack, TakesAsManyTicketsInOneRecordAndNoMore) {
  Octets tickets;
  for (int i = 0; i < kPostHandshakeBurst; ++i) tickets = joined({tickets, new_session_ticket()});
  Established on;
  EXPECT_EQ(on.handshake(tickets), std::nullopt);
  Established too_many;
  EXPECT_EQ(too_many.handshake(joined({tickets, new_session_ticket()})),
            Error::kTooManyPostHandshakeMessages);
}

TEST(ClientUnderAttack, KeepsSoManySessionsThatNobodyTakesAndNoMore) {
  Established on;
  for (std::uint8_t i = 1; i <= kMaxSessions + 1; ++i) {
    ASSERT_EQ(on.handshake(new_session_ticket(3600, Octets{i})), std::nullopt);
  }
  const auto sessions = on.client.connection.take_sessions(test::kNow);
  ASSERT_EQ(sessions.size(), kMaxSessions);
  EXPECT_EQ(sessions.front().ticket, Octets{2});
  EXPECT_EQ(sessions.back().ticket, Octets{kMaxSessions + 1});
}

TEST(ClientUnderAttack, EndsAFloodOfKeyUpdatesEarly) {
  Established on;
  int taken = 0;
  while (taken < 1000 && !on.receive(on.server.key_update(1))) ++taken;
  EXPECT_EQ(taken, kPostHandshakeBurst);
  EXPECT_LT(on.client.output.size(), 100U);
}

TEST(ClientUnderAttack, EndsAFloodOfKeyUpdatesWithAByteOfDataBehindEach) {
  Established on;
  int taken = 0;
  while (taken < 1000 && !on.receive(joined({on.server.key_update(1), on.server.data("x")}))) {
    ++taken;
  }
  EXPECT_EQ(taken, kPostHandshakeBurst);
}

TEST(ClientUnderAttack, KnowsNoOtherKeyUpdates) {
  Established on;
  EXPECT_EQ(on.receive(on.server.key_update(2)), Error::kBadKeyUpdateRequest);
  Established empty;
  EXPECT_EQ(empty.handshake(handshake_message(HandshakeType::kKeyUpdate, {})),
            Error::kMalformedKeyUpdate);
}

TEST(ClientUnderAttack, KeepsNoTicketThatIsNoGood) {
  Established on;
  EXPECT_EQ(on.handshake(new_session_ticket(0)), std::nullopt);
  EXPECT_TRUE(on.client.connection.take_sessions(test::kNow).empty());
  // "Clients MUST NOT cache tickets for longer than 7 days".
  EXPECT_EQ(on.handshake(new_session_ticket(0xffffffff)), std::nullopt);
  EXPECT_EQ(on.client.connection.take_sessions(test::kNow).at(0).session.lifetime,
            kMaxTicketLifetime);
  EXPECT_EQ(on.handshake(new_session_ticket(1, {})), Error::kMalformedNewSessionTicket);
}

// A session that no server has given, with a pre-shared key that the test knows.
std::shared_ptr<const ClientSession> known_session(CipherSuite suite) {
  auto session = std::make_shared<ClientSession>();
  session->session.cipher_suite = suite;
  session->session.pre_shared_key = crypto::Secret(Octets(32, 7));
  session->session.issued_at = test::kNow;
  session->session.authenticated_at = test::kNow;
  session->session.lifetime = 3600;
  session->session.max_early_data_size = 1000;
  session->session.server_name = "server.test";
  session->session.application_protocol = "http/1.1";
  session->ticket = {1, 2, 3};
  return session;
}

ClientConfig early_client() {
  ClientConfig config = test::default_client_config();
  config.early_data = true;
  return config;
}

struct Resuming : Started {
  explicit Resuming(const ClientConfig& config = test::default_client_config(),
                    CipherSuite suite = CipherSuite::kAes128GcmSha256)
      : Started(config, known_session(suite)) {
    server.pre_shared_key = crypto::Secret(Octets(32, 7));
  }
};

const Extension kAcceptsEarlyData{ExtensionType::kEarlyData, {}};
const Extension kSelectsHttp{ExtensionType::kApplicationLayerProtocolNegotiation,
                             test::protocol_list({"http/1.1"})};

TEST(ClientUnderAttack, ResumesWithTheTestServer) {
  Resuming on;
  EXPECT_EQ(on.answer(on.server.server_hello()), std::nullopt);
  EXPECT_EQ(on.handshake(on.server.flight()), std::nullopt);
  EXPECT_TRUE(on.client.connection.resumed());
}

TEST(ClientUnderAttack, TakesNoPreSharedKeyThatItHasNotOffered) {
  Resuming second;
  HelloAnswer answer = second.server.server_hello();
  answer[ExtensionType::kPreSharedKey] = {0, 1};
  EXPECT_EQ(second.answer(answer), Error::kUnofferedPreSharedKey);
  // The key belongs to another hash.
  Resuming other_hash;
  answer = other_hash.server.server_hello();
  answer.cipher_suite = 0x1302;
  EXPECT_EQ(other_hash.answer(answer), Error::kUnofferedPreSharedKey);
  EXPECT_EQ(last_alert(other_hash.client, other_hash.server), AlertDescription::kIllegalParameter);
}

TEST(ClientUnderAttack, FindsOutThatTheServerDoesNotKnowThePreSharedKey) {
  Resuming on;
  on.server.pre_shared_key = crypto::Secret(Octets(32, 8));
  EXPECT_EQ(on.answer(on.server.server_hello()), std::nullopt);
  EXPECT_EQ(on.handshake(on.server.flight()), Error::kBadRecordMac);
}

TEST(ClientUnderAttack, TakesNoCertificateWhenItResumes) {
  Resuming on;
  on.answer(on.server.server_hello());
  on.handshake(on.server.encrypted_extensions());
  EXPECT_EQ(on.handshake(on.server.certificate()), Error::kUnexpectedMessage);
}

TEST(ClientUnderAttack, ForgetsAPreSharedKeyThatDoesNotFitTheRetry) {
  Resuming on;
  HelloAnswer retry = on.server.retry_request(NamedGroup::kSecp384r1);
  retry.cipher_suite = 0x1302;
  ASSERT_EQ(on.answer(retry), std::nullopt);
  ASSERT_TRUE(test::start(on.client, on.server));
  EXPECT_FALSE(on.server.hello().pre_shared_keys);
  EXPECT_EQ(on.answer(on.server.server_hello(NamedGroup::kSecp384r1)),
            Error::kUnsolicitedExtension);
}

// The error of a server that accepts early data, though it may not.
std::optional<Error> error_of_accepting(Resuming& on, const HelloAnswer& answer,
                                        std::span<const Extension> extensions) {
  EXPECT_EQ(on.answer(answer), std::nullopt);
  return on.handshake(on.server.encrypted_extensions(extensions));
}

TEST(ClientUnderAttack, TakesItsEarlyDataForAcceptedOnlyWhereItCanBe) {
  const auto both = std::array{kAcceptsEarlyData, kSelectsHttp};
  {
    Resuming on(early_client());
    EXPECT_EQ(error_of_accepting(on, on.server.server_hello(), both), std::nullopt);
  }
  {
    Resuming other_protocol(early_client());
    EXPECT_EQ(error_of_accepting(other_protocol, other_protocol.server.server_hello(),
                                 std::array{kAcceptsEarlyData}),
              Error::kUnofferedEarlyData);
  }
  {
    Resuming other_suite(early_client(), CipherSuite::kChaCha20Poly1305Sha256);
    EXPECT_EQ(error_of_accepting(other_suite, other_suite.server.server_hello(), both),
              Error::kUnofferedEarlyData);
  }
  {
    Resuming not_resumed(early_client());
    not_resumed.server.pre_shared_key.clear();
    EXPECT_EQ(error_of_accepting(not_resumed, not_resumed.server.server_hello(), both),
              Error::kUnofferedEarlyData);
  }
  Resuming retried(early_client());
  ASSERT_EQ(retried.answer(retried.server.retry_request(NamedGroup::kSecp384r1)), std::nullopt);
  ASSERT_TRUE(test::start(retried.client, retried.server));
  EXPECT_EQ(error_of_accepting(retried, retried.server.server_hello(NamedGroup::kSecp384r1), both),
            Error::kUnsolicitedExtension);
}

// "A client MUST NOT include the "early_data" extension in its followup ClientHello": what it still
// has to say waits for the application keys.
TEST(ClientUnderAttack, SendsNoEarlyDataBehindARetry) {
  Resuming on(early_client());
  EXPECT_EQ(on.client.connection.early_data_room(), 1000U);
  ASSERT_EQ(on.answer(on.server.retry_request(NamedGroup::kSecp384r1)), std::nullopt);
  EXPECT_EQ(on.client.connection.early_data_room(), 0U);
  ASSERT_TRUE(test::start(on.client, on.server));
  ASSERT_EQ(on.answer(on.server.server_hello(NamedGroup::kSecp384r1)), std::nullopt);
  EXPECT_EQ(on.client.connection.early_data_room(), 0U);
  EXPECT_EQ(on.handshake(on.server.flight()), std::nullopt);
  EXPECT_TRUE(on.client.connection.established());
}

// "Each party MUST send a "close_notify" alert before closing its write side": nothing follows it.
TEST(ClientUnderAttack, SendsNothingBehindItsCloseNotify) {
  for (const bool retry : {false, true}) {
    Started on;
    on.client.connection.close(on.client.output);
    on.client.take_output();
    EXPECT_EQ(on.answer(retry ? on.server.retry_request(NamedGroup::kSecp384r1)
                              : on.server.server_hello()),
              std::nullopt);
    EXPECT_TRUE(on.client.output.empty());
  }
  Resuming early(early_client());
  early.client.connection.close(early.client.output);
  early.client.take_output();
  const Bytes data = as_bytes("early");
  early.client.connection.send_early_data({&data, 1}, early.client.output);
  EXPECT_TRUE(early.client.output.empty());

  WaitingForFlight on;
  on.client.connection.close(on.client.output);
  on.client.take_output();
  EXPECT_EQ(on.handshake(on.server.flight()), std::nullopt);
  EXPECT_TRUE(on.client.output.empty());
  EXPECT_FALSE(on.client.connection.can_send());
}

}  // namespace
}  // namespace heliograph::tls

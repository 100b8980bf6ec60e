// What a hostile client, or somebody on the path, may try: each ends in one named error and the
// alert that the RFC asks for.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/server_fixture.hpp"
#include "tls/extensions.hpp"
#include "tls/key_update.hpp"
#include "tls/server.hpp"
#include "tls/server_handshake.hpp"
#include "tls/ticket.hpp"

namespace heliograph::tls {
namespace {

using test::code_points;
using test::complete_handshake;
using test::exchange_hellos;
using test::handshake_message;
using test::joined;
using test::key_share_entry;
using test::last_alert;
using test::octets;
using test::Octets;
using test::plain_record;
using test::Report;
using test::Server;
using test::TestClient;
using Kind = Event::Kind;

Octets change_cipher_spec() {
  return plain_record(ContentType::kChangeCipherSpec, Octets{1});
}

// The error of a ClientHello with one change.
std::optional<Error> error_of_hello(const std::function<void(test::Hello&)>& change) {
  Server server;
  TestClient client;
  change(client.hello);
  return server.receive(client.client_hello()).error;
}

// The first answer was a HelloRetryRequest for X25519.
struct Retried {
  Retried() {
    client.hello[ExtensionType::kKeyShare] = test::client_shares({});
    server.receive(client.client_hello());
    client.receive(server.take_output());
  }
  Server server;
  TestClient client;
};

struct Established {
  Established() { EXPECT_TRUE(complete_handshake(client, server)) << client.problem; }
  Server server;
  TestClient client;
};

struct WaitingForFinished {
  WaitingForFinished() { EXPECT_TRUE(exchange_hellos(client, server)) << client.problem; }
  Server server;
  TestClient client;
};

TEST(ServerUnderAttack, SendsTheAlertAndThenNothing) {
  Established on;
  EXPECT_EQ(on.server.receive(octets("GET / HTTP/1.1\r\n\r\n")).error, Error::kUnknownContentType);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
  EXPECT_TRUE(on.client.last_was_protected);
  on.server.connection.close(on.server.output);
  on.server.send("data");
  EXPECT_TRUE(on.server.output.empty());
  EXPECT_FALSE(on.server.connection.can_send());
}

TEST(ServerUnderAttack, ReturnsItsErrorAgainAndInterpretsNothing) {
  Established on;
  const Octets good = on.client.data("good");
  EXPECT_EQ(on.server.receive(octets("garbage")).error, Error::kUnknownContentType);
  on.server.take_output();
  const Report after = on.server.receive(good);
  EXPECT_EQ(after.error, Error::kUnknownContentType);
  EXPECT_EQ(after.data, "");
  EXPECT_TRUE(on.server.output.empty());
}

TEST(ServerUnderAttack, AnswersPlainHttpWithoutAnAlert) {
  Server server;
  EXPECT_EQ(server.receive(octets("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).error, Error::kHttpRequest);
  EXPECT_TRUE(server.output.empty());
}

TEST(ServerUnderAttack, RefusesApplicationDataBeforeFinished) {
  Server fresh;
  EXPECT_EQ(fresh.receive(plain_record(ContentType::kApplicationData, Octets(30))).error,
            Error::kApplicationDataBeforeFinished);
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(on.client.data("early")).error,
            Error::kApplicationDataBeforeFinished);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
}

TEST(ServerUnderAttack, RefusesEmptyApplicationDataBeforeFinished) {
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(on.client.data("")).error, Error::kApplicationDataBeforeFinished);
}

TEST(ServerUnderAttack, RefusesHandshakeBytesBehindClientHello) {
  for (const Octets& behind : {Octets{20}, handshake_message(HandshakeType::kFinished, Octets(32)),
                               handshake_message(HandshakeType::kClientHello, Octets(8))}) {
    for (const bool retry : {false, true}) {
      Server server;
      TestClient client;
      if (retry) client.hello[ExtensionType::kKeyShare] = test::client_shares({});
      const Octets hello = octets(Bytes(client.client_hello()).subspan(kRecordHeaderSize));
      EXPECT_EQ(
          server.receive(plain_record(ContentType::kHandshake, joined({hello, behind}))).error,
          Error::kHandshakeBytesAtKeyChange);
      EXPECT_EQ(last_alert(client, server), AlertDescription::kUnexpectedMessage);
    }
  }
}

TEST(ServerUnderAttack, RefusesHandshakeBytesBehindFinished) {
  for (const Octets& behind : {Octets{24}, octets(encode_key_update({}))}) {
    WaitingForFinished on;
    const Octets content = joined({on.client.finished_message(), behind});
    EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, content)).error,
              Error::kHandshakeBytesAtKeyChange);
  }
}

TEST(ServerUnderAttack, RefusesHandshakeBytesBehindKeyUpdate) {
  for (const Octets& behind : {Octets{24}, octets(encode_key_update({}))}) {
    Established on;
    const Octets content = joined({octets(encode_key_update({})), behind});
    EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, content)).error,
              Error::kHandshakeBytesAtKeyChange);
  }
}

TEST(ServerUnderAttack, DoesNotTakeAPlaintextCloseNotifyForACleanEnd) {
  Established on;
  EXPECT_EQ(on.server.receive(plain_record(ContentType::kAlert, Octets{1, 0})).error,
            Error::kUnprotectedRecord);
  EXPECT_EQ(on.server.connection.receive_eof(), EndOfInput::kTruncated);
}

TEST(ServerUnderAttack, TakesAPlaintextAlertOnlyBeforeTheFirstProtectedRecord) {
  const Octets alert = plain_record(ContentType::kAlert, Octets{2, 50});
  Server fresh;
  EXPECT_EQ(fresh.receive(alert).error, Error::kAlertReceived);
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(alert).error, Error::kAlertReceived);
  EXPECT_EQ(on.server.connection.peer_alert(), AlertDescription::kDecodeError);
  EXPECT_TRUE(on.server.output.empty());
  WaitingForFinished begun;
  begun.server.receive(begun.client.seal(ContentType::kHandshake, Octets{20}));
  EXPECT_EQ(begun.server.receive(alert).error, Error::kUnprotectedRecord);
}

TEST(ServerUnderAttack, RefusesCloseNotifyInTheMiddleOfAHandshake) {
  Server fresh;
  EXPECT_EQ(fresh.receive(plain_record(ContentType::kAlert, Octets{1, 0})).error,
            Error::kCloseDuringHandshake);
  EXPECT_EQ(fresh.connection.receive_eof(), EndOfInput::kDuringHandshake);
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kAlert, Octets{1, 0})).error,
            Error::kCloseDuringHandshake);
}

TEST(ServerUnderAttack, TakesSoManyKeyUpdatesWithoutDataAndNoMore) {
  Established on;
  for (int i = 0; i < kPostHandshakeBurst; ++i) {
    ASSERT_EQ(on.server.receive(on.client.key_update(1)).error, std::nullopt) << i;
  }
  EXPECT_EQ(on.server.receive(on.client.key_update(1)).error, Error::kTooManyPostHandshakeMessages);
}

TEST(ServerUnderAttack, EndsAFloodOfKeyUpdatesEarly) {
  Established on;
  int taken = 0;
  while (taken < 100000 && !on.server.receive(on.client.key_update(1)).error) ++taken;
  EXPECT_EQ(taken, kPostHandshakeBurst);
  EXPECT_LT(on.server.output.size(), 100U);
}

TEST(ServerUnderAttack, EndsAFloodOfKeyUpdatesWithAByteOfDataBehindEach) {
  Established on;
  int taken = 0;
  while (taken < 1000 &&
         !on.server.receive(joined({on.client.key_update(1), on.client.data("x")})).error) {
    ++taken;
  }
  EXPECT_EQ(taken, kPostHandshakeBurst);
}

TEST(ServerUnderAttack, TakesOneMoreKeyUpdateForSoMuchDataAndNoneForLess) {
  for (const bool is_enough : {true, false}) {
    Established on;
    for (int i = 0; i < kPostHandshakeBurst; ++i) on.server.receive(on.client.key_update(0));
    for (std::size_t i = is_enough ? 0 : 1; i < kDataPerPostHandshakeMessage; ++i) {
      ASSERT_EQ(on.server.receive(on.client.data("x")).data, "x") << i;
    }
    if (is_enough) {
      EXPECT_EQ(on.server.receive(on.client.key_update(0)).error, std::nullopt);
    }
    EXPECT_EQ(on.server.receive(on.client.key_update(0)).error,
              Error::kTooManyPostHandshakeMessages);
  }
}

TEST(ServerUnderAttack, AllowsNoLongerFloodOfKeyUpdatesAfterMuchData) {
  Established on;
  const std::string data(kDataPerPostHandshakeMessage, 'x');
  for (int i = 0; i < 2 * kPostHandshakeBurst; ++i) on.server.receive(on.client.data(data));
  int taken = 0;
  while (taken < 1000 && !on.server.receive(on.client.key_update(0)).error) ++taken;
  EXPECT_EQ(taken, kPostHandshakeBurst);
}

TEST(ServerUnderAttack, LetsALongConnectionChangeItsKeysForEver) {
  Established on;
  const std::string data(kDataPerPostHandshakeMessage, 'x');
  for (int i = 0; i < 1000; ++i) {
    const Report report =
        on.server.receive(joined({on.client.key_update(0), on.client.data(data)}));
    ASSERT_EQ(report.data, data) << i;
  }
}

TEST(ServerUnderAttack, BuffersNothingForAHugeClientHello) {
  Server server;
  const Octets header = {1, 0xff, 0xff, 0xff};
  EXPECT_EQ(server.receive(plain_record(ContentType::kHandshake, header)).error,
            Error::kHandshakeMessageTooLong);
}

TEST(ServerUnderAttack, TakesTheLongestClientHelloAndRefusesTheNextLonger) {
  for (const std::size_t excess : std::to_array<std::size_t>({0, 1})) {
    TestClient client;
    Octets message = client.hello.encode();
    message.resize(kHandshakeHeaderSize + kMaxClientHello + excess);
    const std::size_t claimed = kMaxClientHello + excess;
    message[1] = static_cast<std::uint8_t>(claimed >> 16);
    message[2] = static_cast<std::uint8_t>(claimed >> 8);
    message[3] = static_cast<std::uint8_t>(claimed);
    Server server;
    std::optional<Error> error;
    for (std::size_t at = 0; at < message.size() && !error; at += kMaxPlaintext) {
      const Bytes part = Bytes(message).subspan(at, std::min(kMaxPlaintext, message.size() - at));
      error = server.receive(plain_record(ContentType::kHandshake, part)).error;
    }
    // At the limit it is read to its end, and only then found to have bytes behind its extensions.
    EXPECT_EQ(error, excess == 0 ? Error::kMalformedClientHello : Error::kHandshakeMessageTooLong);
  }
}

TEST(ServerUnderAttack, RefusesMessagesOutOfOrder) {
  for (const HandshakeType type :
       {HandshakeType::kServerHello, HandshakeType::kNewSessionTicket,
        HandshakeType::kEndOfEarlyData, HandshakeType::kEncryptedExtensions,
        HandshakeType::kCertificate, HandshakeType::kCertificateRequest,
        HandshakeType::kCertificateVerify, HandshakeType::kFinished, HandshakeType::kKeyUpdate,
        HandshakeType::kMessageHash, static_cast<HandshakeType>(0)}) {
    const Octets message = handshake_message(type, Octets(1));
    Server fresh;
    EXPECT_EQ(fresh.receive(plain_record(ContentType::kHandshake, message)).error,
              Error::kUnexpectedMessage);
    if (type != HandshakeType::kFinished) {
      WaitingForFinished on;
      EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, message)).error,
                Error::kUnexpectedMessage);
    }
    if (type != HandshakeType::kKeyUpdate) {
      Established on;
      EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, message)).error,
                Error::kUnexpectedMessage);
    }
  }
}

TEST(ServerUnderAttack, NeverRenegotiates) {
  Established on;
  const Octets hello = on.client.hello.encode();
  EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, hello)).error,
            Error::kUnexpectedMessage);
}

TEST(ServerUnderAttack, RefusesAHandshakeThatGoesOnWithoutProtection) {
  WaitingForFinished on;
  EXPECT_EQ(
      on.server.receive(plain_record(ContentType::kHandshake, on.client.finished_message())).error,
      Error::kUnprotectedRecord);
}

TEST(ServerUnderAttack, RefusesAWrongFinished) {
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(on.client.wrong_finished()).error, Error::kFinishedMismatch);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kDecryptError);
  EXPECT_FALSE(on.server.connection.established());
}

TEST(ServerUnderAttack, RefusesAFinishedOfTheWrongLength) {
  for (const std::size_t size : std::to_array<std::size_t>({0, 31, 33, 48})) {
    WaitingForFinished on;
    const Octets message = handshake_message(HandshakeType::kFinished, Octets(size));
    EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, message)).error,
              Error::kMalformedFinished);
  }
  WaitingForFinished on;
  const Octets message = handshake_message(HandshakeType::kFinished, Octets(49));
  EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, message)).error,
            Error::kHandshakeMessageTooLong);
}

TEST(ServerUnderAttack, RefusesAChangedRecord) {
  Established on;
  Octets record = on.client.data("data");
  record.back() ^= 1;
  EXPECT_EQ(on.server.receive(record).error, Error::kBadRecordMac);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kBadRecordMac);
}

TEST(ServerUnderAttack, RefusesARecordThatIsReplayed) {
  Established on;
  const Octets record = on.client.data("data");
  EXPECT_EQ(on.server.receive(record).data, "data");
  EXPECT_EQ(on.server.receive(record).error, Error::kBadRecordMac);
}

TEST(ServerUnderAttack, RefusesASecondRetry) {
  Retried on;
  ASSERT_TRUE(on.client.got_retry_request);
  on.client.second_client_hello();
  on.client.hello[ExtensionType::kKeyShare] = test::client_shares({});
  EXPECT_EQ(on.server.receive(on.client.client_hello()).error, Error::kRetryWithoutKeyShare);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kIllegalParameter);
}

TEST(ServerUnderAttack, RefusesAShareForAnotherGroupThanTheOneAskedFor) {
  Retried on;
  const auto p256 = crypto::KeyShare::generate(NamedGroup::kSecp256r1);
  on.client.hello[ExtensionType::kKeyShare] =
      test::client_shares({key_share_entry(0x0017, p256.public_value())});
  EXPECT_EQ(on.server.receive(on.client.client_hello()).error, Error::kRetryWithoutKeyShare);
}

TEST(ServerUnderAttack, RefusesMoreSharesThanTheOneAskedFor) {
  Retried on;
  const auto x25519 = crypto::KeyShare::generate(NamedGroup::kX25519);
  const auto p256 = crypto::KeyShare::generate(NamedGroup::kSecp256r1);
  on.client.hello[ExtensionType::kKeyShare] =
      test::client_shares({key_share_entry(0x001d, x25519.public_value()),
                           key_share_entry(0x0017, p256.public_value())});
  EXPECT_EQ(on.server.receive(on.client.client_hello()).error, Error::kRetryWithoutKeyShare);
}

TEST(ServerUnderAttack, RefusesASecondHelloThatDiffers) {
  const std::vector<std::function<void(test::Hello&)>> changes = {
      [](test::Hello& hello) { hello.random[0] ^= 1; },
      [](test::Hello& hello) { hello.session_id[0] ^= 1; },
      [](test::Hello& hello) { hello.cipher_suites = {0x1302}; },
      [](test::Hello& hello) {
        hello[ExtensionType::kServerName] = test::server_name_list("other.test");
      },
      [](test::Hello& hello) {
        hello[ExtensionType::kApplicationLayerProtocolNegotiation] =
            test::protocol_list({"http/1.1"});
      }};
  for (const auto& change : changes) {
    Retried on;
    change(on.client.hello);
    EXPECT_EQ(on.server.receive(on.client.second_client_hello()).error, Error::kRetryChangedHello);
  }
}

TEST(ServerUnderAttack, RefusesEarlyDataInASecondHello) {
  Retried on;
  on.client.second_client_hello();
  on.client.hello[ExtensionType::kEarlyData] = {};
  on.client.hello[ExtensionType::kPreSharedKey] = test::offered_psks(1, 1);
  EXPECT_EQ(on.server.receive(on.client.client_hello()).error, Error::kRetryWithEarlyData);
}

TEST(ServerUnderAttack, RefusesAHelloWithoutAnythingInCommon) {
  using enum ExtensionType;
  EXPECT_EQ(error_of_hello([](test::Hello& hello) { hello.cipher_suites = {0x1304}; }),
            Error::kNoCommonCipherSuite);
  EXPECT_EQ(error_of_hello([](test::Hello& hello) {
              hello[kSupportedGroups] = code_points({0x001e});
              hello[kKeyShare] = test::client_shares({key_share_entry(0x001e, Octets(56, 1))});
            }),
            Error::kNoCommonGroup);
  // ecdsa_secp384r1_sha384 does not fit a P-256 key, and rsa_pkcs1_sha256 has no place in TLS 1.3.
  EXPECT_EQ(error_of_hello([](test::Hello& hello) {
              hello[kSignatureAlgorithms] = code_points({0x0503, 0x0401, 0x0804});
            }),
            Error::kNoCommonSignatureScheme);
  EXPECT_EQ(error_of_hello([](test::Hello& hello) {
              hello[kApplicationLayerProtocolNegotiation] = test::protocol_list({"h2"});
            }),
            Error::kNoCommonApplicationProtocol);
}

TEST(ServerUnderAttack, RefusesSharesThatAreNoPublicKeys) {
  struct Case {
    NamedGroup group;
    Octets share;
  };
  Octets off_curve(65, 1);
  off_curve[0] = 4;
  Octets compressed(33, 1);
  compressed[0] = 2;
  Octets off_curve_384(97, 1);
  off_curve_384[0] = 4;
  const std::vector<Case> cases = {
      {NamedGroup::kX25519, Octets(32)},      {NamedGroup::kX25519, Octets(31, 9)},
      {NamedGroup::kX25519, Octets(33, 9)},   {NamedGroup::kSecp256r1, off_curve},
      {NamedGroup::kSecp256r1, compressed},   {NamedGroup::kSecp256r1, Octets(1)},
      {NamedGroup::kSecp384r1, off_curve_384}};
  for (const Case& one : cases) {
    Server server;
    TestClient client;
    client.hello[ExtensionType::kKeyShare] =
        test::client_shares({key_share_entry(std::to_underlying(one.group), one.share)});
    EXPECT_EQ(server.receive(client.client_hello()).error, Error::kBadKeyShare);
    EXPECT_EQ(last_alert(client, server), AlertDescription::kIllegalParameter);
  }
}

struct EarlyData {
  explicit EarlyData(bool retry = false) {
    client.hello[ExtensionType::kEarlyData] = {};
    if (retry) client.hello[ExtensionType::kKeyShare] = test::client_shares({});
    client.hello[ExtensionType::kPreSharedKey] = test::offered_psks(1, 1);
    EXPECT_EQ(server.receive(client.client_hello()).error, std::nullopt);
    EXPECT_TRUE(client.receive(server.take_output())) << client.problem;
  }
  // Nobody can read these.
  static Octets record(std::size_t size) {
    return plain_record(ContentType::kApplicationData, Octets(size - kRecordHeaderSize, 0x99));
  }
  Server server;
  TestClient client;
};

TEST(ServerUnderAttack, SkipsEarlyDataThatItHasNotAccepted) {
  EarlyData on;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(on.server.receive(EarlyData::record(1000)).error, std::nullopt);
  }
  EXPECT_EQ(on.server.receive(on.client.finished()).kinds, std::vector{Kind::kHandshakeComplete});
}

TEST(ServerUnderAttack, SkipsEarlyDataBeforeASecondHello) {
  EarlyData on(true);
  ASSERT_TRUE(on.client.got_retry_request);
  ASSERT_EQ(on.server.receive(EarlyData::record(1000)).error, std::nullopt);
  on.client.hello.remove(ExtensionType::kPreSharedKey);
  ASSERT_EQ(on.server.receive(on.client.second_client_hello()).error, std::nullopt);
  ASSERT_TRUE(on.client.receive(on.server.take_output())) << on.client.problem;
  EXPECT_EQ(on.server.receive(on.client.finished()).kinds, std::vector{Kind::kHandshakeComplete});
}

TEST(ServerUnderAttack, SendsNothingBehindItsCloseNotify) {
  Server fresh;
  TestClient client;
  fresh.connection.close(fresh.output);
  fresh.take_output();
  EXPECT_EQ(fresh.receive(client.client_hello()).error, std::nullopt);
  EXPECT_TRUE(fresh.output.empty());

  // Half closed: what the client still has to say is read, and it gets no ticket.
  ServerConfig config = test::default_config();
  config.tickets = TicketKeys::generate();
  Server server(config);
  TestClient other;
  ASSERT_TRUE(exchange_hellos(other, server));
  server.connection.close(server.output);
  server.take_output();
  const Report report = server.receive(joined({other.finished(), other.data("last words")}));
  EXPECT_EQ(report.data, "last words");
  EXPECT_TRUE(server.output.empty());
}

// They would not count against the limit.
TEST(ServerUnderAttack, SkipsNoEmptyRecordsAsEarlyData) {
  const Octets empty = plain_record(ContentType::kApplicationData, {});
  EarlyData retried(true);
  EXPECT_EQ(retried.server.receive(empty).error, Error::kApplicationDataBeforeFinished);
  EarlyData on;
  EXPECT_EQ(on.server.receive(empty).error, Error::kBadRecordMac);
}

TEST(ServerUnderAttack, SkipsSoMuchEarlyDataAndNoMore) {
  for (const bool retry : {false, true}) {
    EarlyData on(retry);
    for (std::size_t skipped = 0; skipped < kMaxSkippedEarlyData; skipped += 8192) {
      ASSERT_EQ(on.server.receive(EarlyData::record(kRecordHeaderSize + 8192)).error, std::nullopt);
    }
    EXPECT_EQ(on.server.receive(EarlyData::record(kRecordHeaderSize + 17)).error,
              Error::kTooMuchEarlyData);
  }
}

TEST(ServerUnderAttack, SkipsNothingOnceARecordCouldBeRead) {
  EarlyData on;
  ASSERT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, Octets{20})).error,
            std::nullopt);
  EXPECT_EQ(on.server.receive(EarlyData::record(100)).error, Error::kBadRecordMac);
}

TEST(ServerUnderAttack, SkipsNothingThatWasNotAnnounced) {
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(EarlyData::record(100)).error, Error::kBadRecordMac);
}

TEST(ServerUnderAttack, RefusesEmptyHandshakeAndAlertRecords) {
  Server fresh;
  EXPECT_EQ(fresh.receive(plain_record(ContentType::kHandshake, {})).error,
            Error::kEmptyHandshakeRecord);
  Server other;
  EXPECT_EQ(other.receive(plain_record(ContentType::kAlert, {})).error, Error::kEmptyAlertRecord);
  Established handshake;
  EXPECT_EQ(handshake.server.receive(handshake.client.seal(ContentType::kHandshake, {}, 20)).error,
            Error::kEmptyHandshakeRecord);
  Established alert;
  EXPECT_EQ(alert.server.receive(alert.client.seal(ContentType::kAlert, {}, 20)).error,
            Error::kEmptyAlertRecord);
}

TEST(ServerUnderAttack, TakesSoManyEmptyRecordsInARowAndNoMore) {
  Established on;
  for (int i = 0; i < kMaxConsecutiveEmptyRecords; ++i) {
    ASSERT_EQ(on.server.receive(on.client.data("")), Report{});
  }
  ASSERT_EQ(on.server.receive(on.client.data("reset")).data, "reset");
  for (int i = 0; i < kMaxConsecutiveEmptyRecords; ++i) {
    ASSERT_EQ(on.server.receive(on.client.data("")), Report{});
  }
  EXPECT_EQ(on.server.receive(on.client.data("")).error, Error::kTooManyEmptyRecords);
}

TEST(ServerUnderAttack, RefusesARecordOfNothingButPadding) {
  Established on;
  EXPECT_EQ(on.server.receive(on.client.seal(std::uint8_t{0}, {}, 100)).error, Error::kOnlyPadding);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
}

TEST(ServerUnderAttack, TakesTheLongestRecordAndRefusesTheNextLonger) {
  Established on;
  const std::string longest(kMaxPlaintext, 'x');
  EXPECT_EQ(on.server.receive(on.client.data(longest)).data.size(), kMaxPlaintext);
  EXPECT_EQ(on.server.receive(on.client.data(longest + "x")).error, Error::kPlaintextTooLong);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kRecordOverflow);
  Established padded;
  EXPECT_EQ(
      padded.server
          .receive(padded.client.seal(ContentType::kApplicationData, as_bytes("x"), kMaxPlaintext))
          .error,
      Error::kPlaintextTooLong);
}

TEST(ServerUnderAttack, RefusesARecordHeaderBeyondTheLimit) {
  Established on;
  const std::size_t size = kMaxCiphertext + 1;
  EXPECT_EQ(on.server.receive(octets(record_header(ContentType::kApplicationData, size))).error,
            Error::kRecordTooLong);
  Server fresh;
  EXPECT_EQ(fresh.receive(octets(record_header(ContentType::kHandshake, kMaxPlaintext + 1))).error,
            Error::kRecordTooLong);
}

TEST(ServerUnderAttack, RefusesUnknownInnerTypes) {
  for (const std::uint8_t type : std::to_array<std::uint8_t>({1, 19, 24, 255})) {
    Established on;
    EXPECT_EQ(on.server.receive(on.client.seal(type, octets("x"))).error,
              Error::kUnknownContentType);
  }
}

TEST(ServerUnderAttack, TakesChangeCipherSpecOnlyBetweenClientHelloAndFinished) {
  Server fresh;
  EXPECT_EQ(fresh.receive(change_cipher_spec()).error, Error::kUnexpectedChangeCipherSpec);
  WaitingForFinished waiting;
  EXPECT_EQ(waiting.server.receive(change_cipher_spec()).error, std::nullopt);
  Established on;
  EXPECT_EQ(on.server.receive(change_cipher_spec()).error, Error::kUnexpectedChangeCipherSpec);
  EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
}

TEST(ServerUnderAttack, TakesTwoChangeCipherSpecsAndNoMore) {
  WaitingForFinished on;
  for (int i = 0; i < kMaxChangeCipherSpecs; ++i) {
    ASSERT_EQ(on.server.receive(change_cipher_spec()).error, std::nullopt);
  }
  EXPECT_EQ(on.server.receive(change_cipher_spec()).error, Error::kTooManyChangeCipherSpecs);
}

TEST(ServerUnderAttack, RefusesAnyOtherChangeCipherSpec) {
  for (const Octets& content : {Octets{}, Octets{0}, Octets{2}, Octets{1, 1}}) {
    WaitingForFinished on;
    EXPECT_EQ(on.server.receive(plain_record(ContentType::kChangeCipherSpec, content)).error,
              Error::kBadChangeCipherSpec);
  }
  WaitingForFinished on;
  EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kChangeCipherSpec, Octets{1})).error,
            Error::kUnexpectedChangeCipherSpec);
}

TEST(ServerUnderAttack, RefusesOtherRecordsInsideAHandshakeMessage) {
  for (const ContentType type : {ContentType::kAlert, ContentType::kChangeCipherSpec}) {
    Server server;
    TestClient client;
    const Octets hello = octets(Bytes(client.client_hello()).subspan(kRecordHeaderSize));
    server.receive(plain_record(ContentType::kHandshake, Bytes(hello).first(10)));
    EXPECT_EQ(server.receive(plain_record(type, Octets{1, 0})).error,
              Error::kInterleavedHandshakeMessage);
  }
  Established on;
  ASSERT_EQ(on.server.receive(on.client.seal(ContentType::kHandshake, Octets{24, 0, 0})).error,
            std::nullopt);
  EXPECT_EQ(on.server.receive(on.client.data("between")).error,
            Error::kInterleavedHandshakeMessage);
}

TEST(ServerUnderAttack, RefusesAlertsThatAreNotTwoBytes) {
  for (const Octets& content : {Octets{1}, Octets{1, 0, 0}, Octets{1, 0, 1, 0}}) {
    Established on;
    EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kAlert, content)).error,
              Error::kBadAlert);
    EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kDecodeError);
  }
}

TEST(ServerUnderAttack, TakesSoManyUserCanceledAlertsAndNoMore) {
  Established on;
  for (int i = 0; i < kMaxWarningAlerts; ++i) {
    ASSERT_EQ(on.server.receive(on.client.seal(ContentType::kAlert, Octets{1, 90})), Report{});
  }
  EXPECT_EQ(on.server.receive(on.client.seal(ContentType::kAlert, Octets{1, 90})).error,
            Error::kTooManyWarningAlerts);
}

TEST(ServerUnderAttack, TakesEveryOtherAlertForAnError) {
  for (const std::uint8_t description : std::to_array<std::uint8_t>({10, 41, 100, 255})) {
    for (const std::uint8_t level : std::to_array<std::uint8_t>({0, 1, 2})) {
      Established on;
      EXPECT_EQ(
          on.server.receive(on.client.seal(ContentType::kAlert, Octets{level, description})).error,
          Error::kAlertReceived);
      EXPECT_TRUE(on.server.output.empty());
    }
  }
}

TEST(ServerUnderAttack, RefusesMalformedKeyUpdates) {
  Established value;
  EXPECT_EQ(value.server.receive(value.client.key_update(2)).error, Error::kBadKeyUpdateRequest);
  EXPECT_EQ(last_alert(value.client, value.server), AlertDescription::kIllegalParameter);
  Established empty;
  EXPECT_EQ(empty.server
                .receive(empty.client.seal(ContentType::kHandshake,
                                           handshake_message(HandshakeType::kKeyUpdate, {})))
                .error,
            Error::kMalformedKeyUpdate);
  Established longer;
  EXPECT_EQ(
      longer.server.receive(longer.client.seal(ContentType::kHandshake, Octets{24, 0, 0, 2})).error,
      Error::kHandshakeMessageTooLong);
}

TEST(ServerUnderAttack, EndsTheSameWayByteByByte) {
  for (const std::size_t piece : std::to_array<std::size_t>({1, 3, 1000})) {
    Established on;
    const Octets input = joined({on.client.data("good"), octets("garbage"), on.client.data("no")});
    const Report report = on.server.receive(input, piece);
    EXPECT_EQ(report.data, "good");
    EXPECT_EQ(report.error, Error::kUnknownContentType);
    EXPECT_EQ(last_alert(on.client, on.server), AlertDescription::kUnexpectedMessage);
  }
}

}  // namespace
}  // namespace heliograph::tls

#include "tls/client_hello.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/rfc8448.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/client_hello_offer.hpp"
#include "tls/extensions.hpp"
#include "tls/grease.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::code_points;
using test::Hello;
using test::key_share_entry;
using test::octets;
using test::Octets;

Hello good_hello() {
  return test::TestClient().hello;
}

// The body lives as long as this.
struct Parsed {
  explicit Parsed(const Hello& hello)
      : encoded(hello.encode()),
        result(parse_client_hello(Bytes(encoded).subspan(kHandshakeHeaderSize))) {}

  Octets encoded;
  Result<ClientHello, Error> result;
};

// What comes of a good hello after one change.
std::optional<Error> error_after(const std::function<void(Hello&)>& change) {
  Hello hello = good_hello();
  change(hello);
  const Parsed parsed(hello);
  if (parsed.result) return std::nullopt;
  return parsed.result.error();
}

std::optional<Error> error_with(ExtensionType type, const Octets& data) {
  return error_after([&](Hello& hello) { hello[type] = data; });
}

TEST(ClientHello, OfRfc8448IsDecoded) {
  const Octets record = test::from_hex(test::simple::kClientHelloRecord);
  const auto hello =
      parse_client_hello(Bytes(record).subspan(kRecordHeaderSize + kHandshakeHeaderSize));
  ASSERT_TRUE(hello) << describe(hello.error());
  EXPECT_EQ(hello->random[0], 0xcb);
  EXPECT_TRUE(hello->legacy_session_id.empty());
  EXPECT_EQ(hello->cipher_suites.size(), 3U);
  EXPECT_EQ(hello->cipher_suites[1], 0x1303);
  EXPECT_EQ(hello->server_name, "server");
  EXPECT_EQ(hello->key_shares.count(), 1U);
  EXPECT_EQ(hello->key_shares.find(NamedGroup::kX25519)->size(), 32U);
  EXPECT_FALSE(hello->key_shares.find(NamedGroup::kSecp256r1));
  EXPECT_TRUE(hello->supported_groups.contains(0x0100));
  EXPECT_FALSE(hello->application_protocols);
  EXPECT_FALSE(hello->offers_early_data);
}

TEST(ClientHello, CutAnywhereCannotBeDecoded) {
  const Octets encoded = good_hello().encode();
  const Bytes body = Bytes(encoded).subspan(kHandshakeHeaderSize);
  ASSERT_TRUE(parse_client_hello(body));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(parse_client_hello(body.first(size))) << size;
  }
}

TEST(ClientHello, WithBytesBehindItCannotBeDecoded) {
  Octets encoded = good_hello().encode();
  encoded.push_back(0);
  EXPECT_EQ(parse_client_hello(Bytes(encoded).subspan(kHandshakeHeaderSize)).error(),
            Error::kMalformedClientHello);
}

TEST(ClientHello, MayHaveASessionIdOf32Bytes) {
  EXPECT_EQ(error_after([](Hello& hello) { hello.session_id.resize(0); }), std::nullopt);
  EXPECT_EQ(error_after([](Hello& hello) { hello.session_id.resize(32); }), std::nullopt);
  EXPECT_EQ(error_after([](Hello& hello) { hello.session_id.resize(33); }),
            Error::kMalformedClientHello);
}

TEST(ClientHello, MustOfferACipherSuite) {
  EXPECT_EQ(error_after([](Hello& hello) { hello.cipher_suites.clear(); }),
            Error::kMalformedClientHello);
}

TEST(ClientHello, MustOfferTls13) {
  using enum ExtensionType;
  EXPECT_EQ(error_after([](Hello& hello) { hello.remove(kSupportedVersions); }),
            Error::kUnsupportedVersion);
  EXPECT_EQ(error_with(kSupportedVersions, code_points({0x0303}, 1)), Error::kUnsupportedVersion);
  EXPECT_EQ(error_with(kSupportedVersions, code_points({0x2a2a, 0x0303, 0x0304}, 1)), std::nullopt);
  EXPECT_EQ(error_with(kSupportedVersions, {}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kSupportedVersions, {0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kSupportedVersions, {1, 3}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kSupportedVersions, {3, 3, 4, 3}), Error::kMalformedExtension);
}

TEST(ClientHello, IsJudgedByItsVersionBeforeAnythingElse) {
  EXPECT_EQ(error_after([](Hello& hello) {
              hello.extensions.clear();
              hello.compression_methods = {1, 0};
            }),
            Error::kUnsupportedVersion);
}

TEST(ClientHello, OfOlderVersionsMayLackExtensions) {
  Octets encoded = good_hello().encode();
  const Hello empty = [] {
    Hello hello;
    hello.extensions.clear();
    return hello;
  }();
  encoded = empty.encode();
  const Bytes body = Bytes(encoded).subspan(kHandshakeHeaderSize);
  EXPECT_EQ(parse_client_hello(body.first(body.size() - 2)).error(), Error::kUnsupportedVersion);
}

TEST(ClientHello, MayHaveAnyLegacyVersionBehindSsl3) {
  EXPECT_EQ(error_after([](Hello& hello) { hello.legacy_version = 0x0301; }), std::nullopt);
  EXPECT_EQ(error_after([](Hello& hello) { hello.legacy_version = 0x0304; }), std::nullopt);
  for (const std::uint16_t version : std::array<std::uint16_t, 4>{0, 2, 0x0200, 0x0300}) {
    EXPECT_EQ(error_after([version](Hello& hello) { hello.legacy_version = version; }),
              Error::kUnsupportedVersion);
  }
}

TEST(ClientHello, OffersNoCompression) {
  EXPECT_EQ(error_after([](Hello& hello) { hello.compression_methods = {1}; }),
            Error::kBadCompressionMethods);
  EXPECT_EQ(error_after([](Hello& hello) { hello.compression_methods = {0, 1}; }),
            Error::kBadCompressionMethods);
  EXPECT_EQ(error_after([](Hello& hello) { hello.compression_methods = {}; }),
            Error::kMalformedClientHello);
}

TEST(ClientHello, MustHaveTheMandatoryExtensions) {
  using enum ExtensionType;
  EXPECT_EQ(error_after([](Hello& hello) { hello.remove(kSupportedGroups); }),
            Error::kMissingSupportedGroups);
  EXPECT_EQ(error_after([](Hello& hello) { hello.remove(kKeyShare); }), Error::kMissingKeyShare);
  EXPECT_EQ(error_after([](Hello& hello) { hello.remove(kSignatureAlgorithms); }),
            Error::kMissingSignatureAlgorithms);
}

TEST(ClientHello, WithAMalformedListCannotBeDecoded) {
  using enum ExtensionType;
  for (const ExtensionType type : {kSupportedGroups, kSignatureAlgorithms}) {
    for (const Octets& data : {Octets{}, Octets{0}, Octets{0, 0}, Octets{0, 1, 0}, Octets{0, 2, 0},
                               Octets{0, 2, 0, 29, 0}, Octets{0, 3, 0, 29, 0}}) {
      EXPECT_EQ(error_with(type, data), Error::kMalformedExtension);
    }
  }
}

TEST(ClientHello, SaysHowCertificatesMayCome) {
  using enum ExtensionType;
  EXPECT_EQ(error_with(kCertificateAuthorities, {0, 4, 0, 2, 0x30, 0}), std::nullopt);
  EXPECT_EQ(error_with(kCertificateAuthorities, {0, 0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kCompressCertificate, code_points({1, 2}, 1)), std::nullopt);
  EXPECT_EQ(error_with(kCompressCertificate, code_points({1, 2, 1}, 1)),
            Error::kMalformedExtension);
  EXPECT_EQ(error_with(kCompressCertificate, {0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kStatusRequest, {1, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(error_with(kStatusRequest, {1, 0, 0, 0}), Error::kMalformedExtension);
  // Of a type that is not known.
  EXPECT_EQ(error_with(kStatusRequest, {2}), std::nullopt);
  EXPECT_EQ(error_with(kRecordSizeLimit, {0, 63}), Error::kBadRecordSizeLimit);
  EXPECT_EQ(error_with(kRecordSizeLimit, {1}), Error::kMalformedExtension);
}

TEST(ClientHello, HasOneHostNameAtMost) {
  using enum ExtensionType;
  const Parsed parsed(good_hello());
  EXPECT_EQ(parsed.result->server_name, "server.test");
  EXPECT_EQ(error_with(kServerName, test::server_name_list(std::string(255, 'a'))), std::nullopt);
  EXPECT_EQ(error_with(kServerName, test::server_name_list(std::string(256, 'a'))),
            Error::kBadServerName);
  EXPECT_EQ(error_with(kServerName, test::server_name_list("")), Error::kBadServerName);
  EXPECT_EQ(error_with(kServerName, test::server_name_list("a b")), Error::kBadServerName);
  EXPECT_EQ(error_with(kServerName, test::server_name_list(std::string_view("a\0b", 3))),
            Error::kBadServerName);
  EXPECT_EQ(error_with(kServerName, {0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'}), Error::kBadServerName);
  EXPECT_EQ(error_with(kServerName, {0, 8, 7, 0, 1, 'a', 0, 0, 1, 'b'}), std::nullopt);
  EXPECT_EQ(error_with(kServerName, {}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kServerName, {0, 0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kServerName, {0, 4, 0, 0, 1, 'a', 0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kServerName, {0, 4, 0, 0, 2, 'a'}), Error::kMalformedExtension);
}

TEST(ClientHello, OffersApplicationProtocols) {
  using enum ExtensionType;
  Hello hello = good_hello();
  hello[kApplicationLayerProtocolNegotiation] = test::protocol_list({"h2", "http/1.1"});
  const Parsed parsed(hello);
  ASSERT_TRUE(parsed.result);
  EXPECT_TRUE(parsed.result->offers_protocol("h2"));
  EXPECT_TRUE(parsed.result->offers_protocol("http/1.1"));
  EXPECT_FALSE(parsed.result->offers_protocol("http/1"));
  EXPECT_FALSE(parsed.result->offers_protocol(""));
  for (const Octets& data : {Octets{}, Octets{0, 0}, Octets{0, 1, 0}, Octets{0, 3, 1, 'a', 0},
                             Octets{0, 2, 2, 'a'}, Octets{0, 2, 1, 'a', 0}}) {
    EXPECT_EQ(error_with(kApplicationLayerProtocolNegotiation, data), Error::kMalformedExtension);
  }
}

TEST(ClientHello, MayHaveNoKeyShareAtAll) {
  EXPECT_EQ(error_with(ExtensionType::kKeyShare, {0, 0}), std::nullopt);
}

TEST(ClientHello, HasOneKeyShareForAGroupAndOnlyForListedGroups) {
  using enum ExtensionType;
  const Octets x25519 = key_share_entry(0x001d, Octets(32, 9));
  const Octets p521 = key_share_entry(0x0019, Octets(133, 4));
  EXPECT_EQ(error_with(kKeyShare, test::client_shares({x25519})), std::nullopt);
  EXPECT_EQ(error_with(kKeyShare, test::client_shares({x25519, x25519})),
            Error::kDuplicateKeyShare);
  EXPECT_EQ(error_with(kKeyShare, test::client_shares({x25519, p521})),
            Error::kKeyShareWithoutGroup);
  EXPECT_EQ(error_with(kKeyShare, test::client_shares({key_share_entry(0x001d, {})})),
            Error::kMalformedExtension);
  EXPECT_EQ(error_with(kKeyShare, {}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kKeyShare, {0, 3, 0, 29, 0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kKeyShare, {0, 0, 0}), Error::kMalformedExtension);
}

TEST(ClientHello, HasPreSharedKeysLast) {
  using enum ExtensionType;
  EXPECT_EQ(error_with(kPreSharedKey, test::offered_psks(1, 1)), std::nullopt);
  EXPECT_EQ(error_after([](Hello& hello) {
              hello[kPreSharedKey] = test::offered_psks(1, 1);
              hello[kPadding] = {};
            }),
            Error::kPreSharedKeyNotLast);
}

TEST(ClientHello, HasModesAndBindersForItsPreSharedKeys) {
  using enum ExtensionType;
  EXPECT_EQ(error_after([](Hello& hello) {
              hello.remove(kPskKeyExchangeModes);
              hello[kPreSharedKey] = test::offered_psks(1, 1);
            }),
            Error::kPreSharedKeyWithoutModes);
  EXPECT_EQ(error_with(kPskKeyExchangeModes, {}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kPskKeyExchangeModes, {0}), Error::kMalformedExtension);
  EXPECT_EQ(error_with(kPreSharedKey, test::offered_psks(3, 3)), std::nullopt);
  EXPECT_EQ(error_with(kPreSharedKey, test::offered_psks(2, 1)), Error::kBinderCountMismatch);
  EXPECT_EQ(error_with(kPreSharedKey, test::offered_psks(1, 2)), Error::kBinderCountMismatch);
  EXPECT_EQ(error_with(kPreSharedKey, test::offered_psks(0, 0)), Error::kMalformedExtension);
  Octets short_binder = test::offered_psks(1, 1);
  short_binder.pop_back();
  short_binder[9 + 1] = 32;
  short_binder[9 + 2] = 31;
  EXPECT_EQ(error_with(kPreSharedKey, short_binder), Error::kMalformedExtension);
}

TEST(ClientHello, OffersEarlyDataByAnEmptyExtension) {
  using enum ExtensionType;
  EXPECT_EQ(error_with(kEarlyData, {0}), Error::kMalformedExtension);
  EXPECT_EQ(error_after([](Hello& hello) {
              hello[kEarlyData] = {};
              hello[kPreSharedKey] = test::offered_psks(1, 1);
            }),
            std::nullopt);
}

TEST(ClientHello, MayCarryThousandsOfUnknownExtensions) {
  Hello hello = good_hello();
  for (std::uint16_t i = 0; i < 10000; ++i) {
    hello.extensions.emplace_back(static_cast<ExtensionType>(0x4000 + i), Octets{});
  }
  EXPECT_TRUE(Parsed(hello).result);
  hello.extensions.emplace_back(static_cast<ExtensionType>(0x4000), Octets{});
  EXPECT_EQ(Parsed(hello).result.error(), Error::kDuplicateExtension);
}

Octets unchanging_parts(const Hello& hello) {
  Buffer out;
  append_unchanging_parts(Bytes(hello.encode()).subspan(kHandshakeHeaderSize), out);
  return octets(out.bytes());
}

TEST(ClientHello, MayChangeSixExtensionsInAnAnswerToARetryRequest) {
  using enum ExtensionType;
  const Octets before = unchanging_parts(good_hello());
  for (const ExtensionType type :
       {kKeyShare, kEarlyData, kCookie, kPadding, kEncryptedClientHello, kPreSharedKey}) {
    Hello hello = good_hello();
    hello[type] = octets("anything");
    EXPECT_EQ(unchanging_parts(hello), before) << std::to_underlying(type);
    hello.remove(type);
    EXPECT_EQ(unchanging_parts(hello), before) << std::to_underlying(type);
  }
}

TEST(ClientHello, MayChangeNothingElse) {
  using enum ExtensionType;
  const Octets before = unchanging_parts(good_hello());
  const std::vector<std::function<void(Hello&)>> changes = {
      [](Hello& hello) { hello.legacy_version = 0x0301; },
      [](Hello& hello) { hello.random[31] ^= 1; },
      [](Hello& hello) { hello.session_id[0] ^= 1; },
      [](Hello& hello) { hello.cipher_suites.pop_back(); },
      [](Hello& hello) { hello.remove(kServerName); },
      [](Hello& hello) { hello[kServerName] = test::server_name_list("other.test"); },
      [](Hello& hello) { hello[kSupportedGroups] = code_points({0x0017}); },
      [](Hello& hello) { hello[kApplicationLayerProtocolNegotiation] = {}; },
      [](Hello& hello) { std::swap(hello.extensions[0], hello.extensions[1]); }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Hello hello = good_hello();
    changes[i](hello);
    EXPECT_NE(unchanging_parts(hello), before) << i;
  }
}

TEST(ClientHello, GreasesEachListThatServersSearch) {
  ClientHelloOffer offer;
  const Octets random(32, 0x5a);
  offer.random = random;
  offer.cipher_suites = {0x1301};
  offer.supported_groups = {0x001d};
  offer.signature_algorithms = {0x0403};
  offer.grease = {0, 1, 2, 3, 4, 5, 6, 7};
  Buffer message;
  write_client_hello(offer, message);
  const auto hello = parse_client_hello(message.bytes().subspan(kHandshakeHeaderSize));
  ASSERT_TRUE(hello);
  EXPECT_TRUE(is_grease(hello->cipher_suites[0]));
  EXPECT_TRUE(is_grease(hello->supported_groups[0]));
  EXPECT_TRUE(is_grease(hello->signature_algorithms[0]));
  EXPECT_EQ(hello->signature_algorithms[1], 0x0403);
}

}  // namespace
}  // namespace heliograph::tls

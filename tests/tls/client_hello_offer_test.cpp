#include "tls/client_hello_offer.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"
#include "tls/client_hello.hpp"
#include "tls/extensions.hpp"
#include "tls/grease.hpp"
#include "tls/handshake_message.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;
using enum ExtensionType;

const Octets kRandom(32, 1);
const Octets kSessionId(32, 2);
const Octets kShare(32, 3);

ClientHelloOffer small_offer() {
  ClientHelloOffer offer;
  offer.random = kRandom;
  offer.legacy_session_id = kSessionId;
  offer.cipher_suites = {0x1301, 0x1303};
  offer.supported_groups = {0x001d, 0x0017};
  offer.signature_algorithms = {0x0403};
  offer.key_shares = {{0x001d, kShare}};
  return offer;
}

Octets body_of(const ClientHelloOffer& offer) {
  Buffer out;
  write_client_hello(offer, out);
  EXPECT_EQ(out.bytes()[0], 1);
  return octets(out.bytes().subspan(kHandshakeHeaderSize));
}

struct Read {
  std::vector<std::uint16_t> types;
  std::vector<Octets> data;

  [[nodiscard]] bool has(ExtensionType type) const {
    return std::ranges::find(types, std::to_underlying(type)) != types.end();
  }
  [[nodiscard]] Octets at(ExtensionType type) const {
    const auto found = std::ranges::find(types, std::to_underlying(type));
    return found == types.end() ? Octets{} : data[static_cast<std::size_t>(found - types.begin())];
  }
};

Read extensions_of(const ClientHelloOffer& offer) {
  const Octets body = body_of(offer);
  Reader reader(body);
  reader.bytes(2 + 32);
  reader.vector8();
  reader.vector16();
  reader.vector8();
  Reader block(reader.vector16());
  Read read;
  while (!block.empty()) {
    read.types.push_back(block.u16());
    read.data.push_back(octets(block.vector16()));
  }
  return read;
}

TEST(ClientHelloOffer, IsReadByTheServerAsWritten) {
  ClientHelloOffer offer = small_offer();
  const std::vector<std::string> protocols = {"h2", "http/1.1"};
  offer.server_name = "server.test";
  offer.application_protocols = protocols;
  offer.record_size_limit = 1000;
  offer.asks_for_status = true;
  offer.takes_compressed_certificate = true;
  const Octets body = body_of(offer);
  const auto hello = parse_client_hello(body);
  ASSERT_TRUE(hello) << describe(hello.error());
  EXPECT_EQ(octets(hello->random), kRandom);
  EXPECT_EQ(octets(hello->legacy_session_id), kSessionId);
  EXPECT_EQ(hello->cipher_suites.size(), 2U);
  EXPECT_TRUE(hello->supported_groups.contains(0x0017));
  EXPECT_TRUE(hello->signature_algorithms.contains(0x0403));
  EXPECT_EQ(octets(*hello->key_shares.find(NamedGroup::kX25519)), kShare);
  EXPECT_EQ(hello->server_name, "server.test");
  EXPECT_TRUE(hello->offers_protocol("http/1.1"));
  EXPECT_EQ(hello->record_size_limit, 1000);
  EXPECT_TRUE(hello->asks_for_status);
  EXPECT_TRUE(hello->takes_compressed_certificate);
  EXPECT_TRUE(hello->allows_psk_with_dhe);
  EXPECT_FALSE(hello->offers_early_data);
  EXPECT_FALSE(hello->pre_shared_keys);
}

TEST(ClientHelloOffer, LeavesOutWhatIsNotOffered) {
  const Read read = extensions_of(small_offer());
  EXPECT_EQ(read.types, (std::vector<std::uint16_t>{10, 13, 43, 45, 51}));
  EXPECT_EQ(read.at(kSupportedVersions), (Octets{2, 3, 4}));
}

TEST(ClientHelloOffer, HasItsPreSharedKeyLastWithABinderOfZeros) {
  const Octets ticket = {7, 8, 9};
  ClientHelloOffer offer = small_offer();
  offer.pre_shared_key = PskIdentity{ticket, 0x01020304};
  offer.binder_size = 48;
  offer.early_data = true;
  for (std::uint64_t order = 0; order < 20; ++order) {
    offer.order = order;
    offer.grease.emplace();
    const Octets body = body_of(offer);
    EXPECT_TRUE(std::ranges::all_of(Bytes(body).last(48), [](auto byte) { return byte == 0; }));
    const auto hello = parse_client_hello(body);
    ASSERT_TRUE(hello && hello->pre_shared_keys) << describe(hello.error());
    EXPECT_TRUE(hello->offers_early_data);
    EXPECT_EQ(hello->pre_shared_keys->binders_size(), binders_size(48));
    OfferedPsks::Cursor cursor(*hello->pre_shared_keys);
    const PskIdentity identity = cursor.identity();
    EXPECT_EQ(octets(identity.identity), ticket);
    EXPECT_EQ(identity.obfuscated_ticket_age, 0x01020304U);
    EXPECT_EQ(cursor.binder().size(), 48U);
    EXPECT_TRUE(cursor.done());
  }
}

TEST(ClientHelloOffer, KeepsItsOrderForTheSameBits) {
  ClientHelloOffer offer = small_offer();
  offer.order = 1;
  const Octets first = body_of(offer);
  EXPECT_EQ(body_of(offer), first);
  bool differs = false;
  for (std::uint64_t order = 2; order < 20; ++order) {
    offer.order = order;
    differs |= body_of(offer) != first;
    EXPECT_EQ(body_of(offer).size(), first.size());
  }
  EXPECT_TRUE(differs);
}

TEST(ClientHelloOffer, GreasesEveryList) {
  for (int random = 0; random < 256; ++random) {
    ClientHelloOffer offer = small_offer();
    offer.grease.emplace();
    offer.grease->fill(static_cast<std::uint8_t>(random));
    const Octets body = body_of(offer);
    const auto hello = parse_client_hello(body);
    // Two extensions of the same value would be an error.
    ASSERT_TRUE(hello) << describe(hello.error());
    EXPECT_TRUE(is_grease(hello->cipher_suites[0]));
    EXPECT_TRUE(is_grease(hello->supported_groups[0]));
    EXPECT_EQ(hello->key_shares.count(), 2U);
    const Read read = extensions_of(offer);
    EXPECT_TRUE(is_grease(read.types.front()));
    EXPECT_TRUE(is_grease(read.types.back()));
    EXPECT_NE(read.types.front(), read.types.back());
  }
}

TEST(ClientHelloOffer, AnswersARetryWithOneShareAndTheCookie) {
  const Octets cookie = {1, 2, 3};
  ClientHelloOffer offer = small_offer();
  offer.grease.emplace();
  offer.answers_retry_request = true;
  offer.cookie = cookie;
  const auto body = body_of(offer);
  const auto hello = parse_client_hello(body);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->key_shares.count(), 1U);
  EXPECT_EQ(extensions_of(offer).at(kCookie), (Octets{0, 3, 1, 2, 3}));
}

TEST(Grease, IsOneOfSixteenValues) {
  for (unsigned random = 0; random < 256; ++random) {
    const std::uint16_t value = grease_value(static_cast<std::uint8_t>(random));
    EXPECT_TRUE(is_grease(value));
    EXPECT_EQ(value >> 12, random & 0xf);
  }
  EXPECT_FALSE(is_grease(0x0a1a));
  EXPECT_FALSE(is_grease(0x1301));
}

}  // namespace
}  // namespace heliograph::tls

#include "tls/extensions.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tls/test_client.hpp"

namespace heliograph::tls {
namespace {

using test::octets;
using test::Octets;

// The table of RFC 9846 section 4.3 once more, as text: number, name, messages.
struct Row {
  std::uint16_t type;
  std::string_view messages;
};
constexpr Row kTable[] = {
    {0, "CH EE CR"},       // server_name
    {5, "CH CR CT"},       // status_request
    {10, "CH EE"},         // supported_groups
    {13, "CH CR"},         // signature_algorithms
    {14, "CH EE"},         // use_srtp
    {15, "CH EE"},         // heartbeat
    {16, "CH EE"},         // application_layer_protocol_negotiation
    {19, "CH EE"},         // client_certificate_type
    {20, "CH EE"},         // server_certificate_type
    {21, "CH"},            // padding
    {27, "CH CR"},         // compress_certificate
    {28, "CH EE"},         // record_size_limit
    {34, "CH CR CT"},      // delegated_credential
    {39, "CH EE"},         // supported_ekt_ciphers
    {41, "CH SH"},         // pre_shared_key
    {42, "CH EE NST"},     // early_data
    {43, "CH SH HRR"},     // supported_versions
    {44, "CH HRR"},        // cookie
    {45, "CH"},            // psk_key_exchange_modes
    {47, "CH CR"},         // certificate_authorities
    {48, "CR"},            // oid_filters
    {49, "CH"},            // post_handshake_auth
    {50, "CH CR"},         // signature_algorithms_cert
    {51, "CH SH HRR"},     // key_share
    {52, "CH CR CT"},      // transparency_info
    {55, "CH EE"},         // external_id_hash
    {56, "CH EE"},         // external_session_id
    {57, "CH EE"},         // quic_transport_parameters
    {58, "CH EE"},         // ticket_request
    {64768, "CH"},         // ech_outer_extensions
    {65037, "CH HRR EE"},  // encrypted_client_hello
};

const std::vector<std::pair<std::string_view, std::uint8_t>> kCarriers = {
    {"CH", carrier::kCH}, {"SH", carrier::kSH},   {"EE", carrier::kEE},  {"CT", carrier::kCT},
    {"CR", carrier::kCR}, {"NST", carrier::kNST}, {"HRR", carrier::kHRR}};

Result<void, Error> walk(Bytes block, std::uint8_t in) {
  return walk_extensions(block, in, [](ExtensionType, Bytes) { return Result<void, Error>{}; });
}

Octets extension(std::uint16_t type, Bytes data = {}) {
  Buffer out;
  out.u16(type);
  out.u16(static_cast<std::uint16_t>(data.size()));
  out.append(data);
  return octets(out.bytes());
}

TEST(Extensions, MayAppearWhereTheTableSaysAndNowhereElse) {
  ASSERT_EQ(std::size(kTable), kExtensionRules.size());
  for (const Row& row : kTable) {
    for (const auto& [name, bit] : kCarriers) {
      const std::string padded = " " + std::string(row.messages) + " ";
      const bool allowed = padded.find(" " + std::string(name) + " ") != std::string::npos;
      const auto walked = walk(extension(row.type), bit);
      EXPECT_EQ(walked.has_value(), allowed) << row.type << " in " << name;
      if (!walked) {
        EXPECT_EQ(walked.error(), Error::kMisplacedExtension);
      }
    }
  }
}

TEST(Extensions, ThatNobodyKnowsMayAppearAnywhere) {
  for (const auto& [name, bit] : kCarriers) {
    EXPECT_TRUE(walk(extension(0x0a0a), bit)) << name;
  }
}

TEST(Extensions, MayNotAppearTwice) {
  const Octets known = extension(43);
  const Octets unknown = extension(0x0a0a);
  EXPECT_TRUE(walk(test::joined({known, unknown}), carrier::kCH));
  EXPECT_EQ(walk(test::joined({known, unknown, known}), carrier::kCH).error(),
            Error::kDuplicateExtension);
  EXPECT_EQ(walk(test::joined({unknown, known, unknown}), carrier::kCH).error(),
            Error::kDuplicateExtension);
}

TEST(Extensions, MustFillTheirBlock) {
  const Octets two = test::joined({extension(43, octets("abc")), extension(44, octets("de"))});
  EXPECT_TRUE(walk(two, carrier::kCH));
  const std::size_t boundary = 4 + 3;
  for (std::size_t size = 1; size < two.size(); ++size) {
    EXPECT_EQ(walk(Bytes(two).first(size), carrier::kCH).has_value(), size == boundary) << size;
  }
}

TEST(Extensions, AreVisitedInOrderUntilTheFirstError) {
  std::vector<ExtensionType> seen;
  const Octets block = test::joined({extension(43), extension(44), extension(45)});
  const auto walked = walk_extensions(block, carrier::kCH,
                                      [&seen](ExtensionType type, Bytes) -> Result<void, Error> {
                                        seen.push_back(type);
                                        if (type == ExtensionType::kCookie)
                                          return fail(Error::kMalformedExtension);
                                        return {};
                                      });
  EXPECT_EQ(walked.error(), Error::kMalformedExtension);
  EXPECT_EQ(seen, (std::vector{ExtensionType::kSupportedVersions, ExtensionType::kCookie}));
}

TEST(SeenCodePoints, RemembersEveryValue) {
  SeenCodePoints seen;
  for (unsigned value = 0; value < 0x10000; ++value) {
    ASSERT_FALSE(seen.contains(static_cast<std::uint16_t>(value)));
    ASSERT_TRUE(seen.insert(static_cast<std::uint16_t>(value)));
    ASSERT_FALSE(seen.insert(static_cast<std::uint16_t>(value)));
  }
}

}  // namespace
}  // namespace heliograph::tls

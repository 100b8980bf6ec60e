#include "tls/alert.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "tls/error.hpp"

namespace heliograph::tls {
namespace {

TEST(Alert, IsALevelAndADescription) {
  EXPECT_EQ(encode_alert(AlertDescription::kCloseNotify), (std::array<std::uint8_t, 2>{1, 0}));
  EXPECT_EQ(encode_alert(AlertDescription::kUserCanceled), (std::array<std::uint8_t, 2>{1, 90}));
  EXPECT_EQ(encode_alert(AlertDescription::kDecodeError), (std::array<std::uint8_t, 2>{2, 50}));
}

TEST(Alert, HasAMeaninglessLevelWhenReceived) {
  for (const std::uint8_t level : std::to_array<std::uint8_t>({0, 1, 2, 255})) {
    const std::array<std::uint8_t, 2> content = {level, 40};
    EXPECT_EQ(decode_alert(content), AlertDescription::kHandshakeFailure);
  }
}

TEST(Alert, HasExactlyTwoBytes) {
  const std::array<std::uint8_t, 4> content = {1, 0, 1, 0};
  EXPECT_FALSE(decode_alert(Bytes(content).first(0)));
  EXPECT_FALSE(decode_alert(Bytes(content).first(1)));
  EXPECT_TRUE(decode_alert(Bytes(content).first(2)));
  EXPECT_FALSE(decode_alert(Bytes(content).first(3)));
  EXPECT_FALSE(decode_alert(content));
}

TEST(Alert, IsNamedAsInTheRfc) {
  EXPECT_EQ(name(AlertDescription::kNoApplicationProtocol), "no_application_protocol");
  EXPECT_EQ(name(AlertDescription::kGeneralError), "general_error");
  EXPECT_EQ(name(static_cast<AlertDescription>(1)), "unknown");
}

// The list of RFC 9846 section 6 without those that are of older versions only.
TEST(Alert, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int number = 0; number < 256; ++number) names.insert(name(AlertDescription(number)));
  EXPECT_EQ(names.size(), 28U + 1);
}

}  // namespace
}  // namespace heliograph::tls

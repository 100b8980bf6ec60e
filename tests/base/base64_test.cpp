#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace heliograph {
namespace {

struct Vector {
  std::string_view plain;
  std::string_view encoded;
};

// RFC 4648 section 10.
constexpr Vector kVectors[] = {{"", ""},
                               {"f", "Zg=="},
                               {"fo", "Zm8="},
                               {"foo", "Zm9v"},
                               {"foob", "Zm9vYg=="},
                               {"fooba", "Zm9vYmE="},
                               {"foobar", "Zm9vYmFy"}};

TEST(Base64, EncodesAndDecodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] : kVectors) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, WithoutPaddingRefusesPadding) {
  EXPECT_EQ(base64_encode(as_bytes("foob"), Base64Padding::kAbsent), "Zm9vYg");
  EXPECT_TRUE(base64_decode("Zm9vYg", Base64Padding::kAbsent));
  EXPECT_FALSE(base64_decode("Zm9vYg==", Base64Padding::kAbsent));
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const std::string_view text : {"Zg", "Zg=", "Z", "Zh==", "Zm9=", "Zg===", "Z===", "====",
                                      "Zm9v ", "Zm\n9", "Zm9-", "Zm9_", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(Base64, EveryLengthRoundTrips) {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 37 + 11));
  }
}

}  // namespace
}  // namespace heliograph

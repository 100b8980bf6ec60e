#include "http/error.hpp"

#include <cstdint>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace heliograph::http {
namespace {

constexpr auto kLast = Error::kAmbiguousBody;

TEST(HttpError, EveryErrorHasAStatusAndWordsOfItsOwn) {
  std::set<std::string_view> texts;
  for (int i = 0; i <= static_cast<int>(kLast); ++i) {
    const auto error = static_cast<Error>(i);
    EXPECT_GE(status_for(error), 400);
    EXPECT_LE(status_for(error), 505);
    EXPECT_TRUE(texts.insert(describe(error)).second) << describe(error);
  }
}

TEST(HttpError, LimitsHaveTheirOwnStatus) {
  EXPECT_EQ(status_for(Error::kTargetTooLong), 414);
  EXPECT_EQ(status_for(Error::kHeadTooLarge), 431);
  EXPECT_EQ(status_for(Error::kTooManyFields), 431);
  EXPECT_EQ(status_for(Error::kUnsupportedVersion), 505);
}

}  // namespace
}  // namespace heliograph::http

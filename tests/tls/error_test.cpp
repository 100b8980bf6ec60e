#include "tls/error.hpp"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace heliograph::tls {
namespace {

std::vector<Error> all_errors() {
  std::vector<Error> errors;
  for (unsigned i = 0; i <= std::to_underlying(kLastError); ++i) {
    errors.push_back(static_cast<Error>(i));
  }
  return errors;
}

TEST(Error, HasAnAlertUnlessNobodyWouldReadIt) {
  const std::set<Error> silent = {Error::kHttpRequest, Error::kAlertReceived,
                                  Error::kCloseDuringHandshake};
  for (const Error error : all_errors()) {
    EXPECT_EQ(alert_for(error).has_value(), !silent.contains(error)) << describe(error);
  }
}

TEST(Error, IsAnsweredByAFatalAlertWithAName) {
  for (const Error error : all_errors()) {
    const auto alert = alert_for(error);
    if (!alert) continue;
    EXPECT_EQ(level_of(*alert), AlertLevel::kFatal) << describe(error);
    EXPECT_NE(name(*alert), "unknown") << describe(error);
  }
}

TEST(Error, IsDescribedInItsOwnWords) {
  std::set<std::string_view> seen;
  for (const Error error : all_errors()) {
    EXPECT_NE(describe(error), "unknown") << std::to_underlying(error);
    EXPECT_TRUE(seen.insert(describe(error)).second) << describe(error);
  }
}

TEST(Error, OfOurOwnIsTheOnlyInternalOne) {
  for (const Error error : all_errors()) {
    EXPECT_EQ(alert_for(error) == AlertDescription::kInternalError, error == Error::kInternal)
        << describe(error);
  }
}

}  // namespace
}  // namespace heliograph::tls

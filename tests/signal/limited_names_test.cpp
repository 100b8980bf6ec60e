#include "signal/limited_names.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;

TEST(LimitedNames, AsManyAsAllowedFitAndOneMoreDoesNot) {
  LimitedNames names(3);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(names.add(name), LimitedNames::Added::kNew);
  EXPECT_EQ(names.add("d"), LimitedNames::Added::kTooMany);
  EXPECT_EQ(names.add("b"), LimitedNames::Added::kAlready);
  EXPECT_FALSE(names.contains("d"));
  EXPECT_TRUE(names.remove("a"));
  EXPECT_FALSE(names.remove("a"));
  EXPECT_EQ(names.add("d"), LimitedNames::Added::kNew);
}

TEST(LimitedNames, AllThatAreTakenAreGone) {
  LimitedNames names(2);
  names.add("b");
  names.add("a");
  EXPECT_THAT(names.take(), ElementsAre("a", "b"));
  EXPECT_EQ(names.size(), 0U);
}

}  // namespace
}  // namespace heliograph::signal

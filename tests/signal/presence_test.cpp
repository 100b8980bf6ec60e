#include "signal/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Address kFirst = {.node = 0, .worker = 0, .connection = 1};
constexpr Address kSecond = {.node = 0, .worker = 2, .connection = 1};

TEST(Presence, NobodyWatchesWhatNobodyAskedFor) {
  const Presence presence;
  EXPECT_THAT(presence.watchers("alice"), IsEmpty());
}

TEST(Presence, EveryWatcherOfANameIsListedOnce) {
  Presence presence;
  presence.watch("alice", kFirst);
  presence.watch("alice", kSecond);
  presence.watch("alice", kFirst);
  presence.watch("bob", kSecond);
  EXPECT_THAT(presence.watchers("alice"), ElementsAre(kFirst, kSecond));
  EXPECT_THAT(presence.watchers("bob"), ElementsAre(kSecond));
}

TEST(Presence, WhoeverStopsWatchingIsNotListed) {
  Presence presence;
  presence.watch("alice", kFirst);
  presence.watch("alice", kSecond);
  presence.unwatch("alice", kFirst);
  EXPECT_THAT(presence.watchers("alice"), ElementsAre(kSecond));
}

TEST(Presence, ANameThatNobodyWatchesAnyMoreIsForgotten) {
  Presence presence;
  presence.watch("alice", kFirst);
  presence.unwatch("alice", kSecond);
  presence.unwatch("bob", kFirst);
  EXPECT_EQ(presence.size(), 1U);
  presence.unwatch("alice", kFirst);
  EXPECT_EQ(presence.size(), 0U);
}

}  // namespace
}  // namespace heliograph::signal

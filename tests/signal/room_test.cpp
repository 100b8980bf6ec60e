#include "signal/room.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Address at(std::uint64_t connection) {
  return {.node = 0, .worker = 1, .connection = connection};
}

TEST(Rooms, MembersAreListedInTheOrderInWhichTheyJoined) {
  Rooms rooms;
  EXPECT_EQ(rooms.join("lobby", "zoe", at(1)), Rooms::Joined::kNew);
  EXPECT_EQ(rooms.join("lobby", "alice", at(2)), Rooms::Joined::kNew);
  EXPECT_THAT(rooms.members("lobby"), ElementsAre(RoomMember{.name = "zoe", .address = at(1)},
                                                  RoomMember{.name = "alice", .address = at(2)}));
  EXPECT_THAT(rooms.members("attic"), IsEmpty());
}

TEST(Rooms, WhoeverJoinsAgainKeepsItsPlace) {
  Rooms rooms;
  rooms.join("lobby", "zoe", at(1));
  rooms.join("lobby", "alice", at(2));
  EXPECT_EQ(rooms.join("lobby", "zoe", at(1)), Rooms::Joined::kAlready);
  EXPECT_EQ(rooms.members("lobby").size(), 2U);
  EXPECT_EQ(rooms.members("lobby").front().name, "zoe");
}

TEST(Rooms, SixteenFitAndTheSeventeenthDoesNotUntilOnePartsAgain) {
  Rooms rooms;
  for (std::uint64_t i = 0; i < kMaxRoomMembers; ++i) {
    EXPECT_EQ(rooms.join("lobby", "user" + std::to_string(i), at(i)), Rooms::Joined::kNew);
  }
  EXPECT_EQ(rooms.join("lobby", "late", at(99)), Rooms::Joined::kFull);
  EXPECT_EQ(rooms.join("lobby", "user3", at(3)), Rooms::Joined::kAlready);
  EXPECT_FALSE(rooms.part("lobby", at(99)));
  EXPECT_EQ(rooms.part("lobby", at(3)), "user3");
  EXPECT_EQ(rooms.join("lobby", "late", at(99)), Rooms::Joined::kNew);
  EXPECT_EQ(rooms.members("lobby").back().name, "late");
}

TEST(Rooms, ARoomThatTheLastHasLeftIsGone) {
  Rooms rooms;
  rooms.join("lobby", "zoe", at(1));
  EXPECT_FALSE(rooms.part("attic", at(1)));
  EXPECT_EQ(rooms.size(), 1U);
  EXPECT_EQ(rooms.part("lobby", at(1)), "zoe");
  EXPECT_FALSE(rooms.part("lobby", at(1)));
  EXPECT_EQ(rooms.size(), 0U);
}

}  // namespace
}  // namespace heliograph::signal

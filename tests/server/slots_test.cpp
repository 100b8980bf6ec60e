#include "server/slots.hpp"

#include <string>

#include <gtest/gtest.h>

#include "server/slot_table.hpp"

namespace heliograph::server {
namespace {

TEST(Slots, FindsWhatWasPutInUnderItsId) {
  Slots<std::string> slots;
  const auto [first, one] = slots.emplace("one");
  const auto [second, two] = slots.emplace("two");
  EXPECT_NE(first, second);
  EXPECT_EQ(slots.find(first), one);
  EXPECT_EQ(*slots.find(second), "two");
  EXPECT_EQ(slots.size(), 2U);
}

TEST(Slots, AnIdOutlivesItsObjectWithoutFindingTheNext) {
  Slots<std::string> slots;
  const SlotId old = slots.emplace("old").first;
  slots.erase(old);
  EXPECT_EQ(slots.find(old), nullptr);
  const SlotId fresh = slots.emplace("fresh").first;
  EXPECT_EQ(static_cast<std::uint32_t>(fresh), static_cast<std::uint32_t>(old));
  EXPECT_NE(fresh, old);
  EXPECT_EQ(slots.find(old), nullptr);
  slots.erase(old);
  EXPECT_EQ(*slots.find(fresh), "fresh");
}

TEST(Slots, NoIdIsBelowTheFirstGeneration) {
  Slots<int> slots;
  EXPECT_GE(slots.emplace(1).first, SlotId{1} << 32);
  EXPECT_EQ(slots.find(0), nullptr);
  EXPECT_EQ(slots.find(7), nullptr);
}

TEST(Slots, IdsAreThoseOfTheLiving) {
  Slots<int> slots;
  const SlotId one = slots.emplace(1).first;
  const SlotId two = slots.emplace(2).first;
  const SlotId three = slots.emplace(3).first;
  slots.erase(two);
  EXPECT_EQ(slots.ids(), (std::vector<SlotId>{one, three}));
  EXPECT_EQ(slots.size(), 2U);
}

TEST(SlotTable, KeepsSomethingForTheVeryObject) {
  Slots<int> slots;
  SlotTable<std::string> table;
  const SlotId first = slots.emplace(1).first;
  EXPECT_EQ(table.find(first), nullptr);
  table.emplace(first, "of the first");
  ASSERT_NE(table.find(first), nullptr);
  EXPECT_EQ(*table.find(first), "of the first");
  slots.erase(first);
  const SlotId second = slots.emplace(2).first;
  EXPECT_EQ(table.find(second), nullptr);
  table.emplace(second, "of the second");
  EXPECT_EQ(table.find(first), nullptr);
  table.erase(first);
  EXPECT_NE(table.find(second), nullptr);
  table.erase(second);
  EXPECT_EQ(table.find(second), nullptr);
}

}  // namespace
}  // namespace heliograph::server

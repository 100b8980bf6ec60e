#include "signal/directory.hpp"

#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

constexpr Address kFirst = {.node = 1, .worker = 0, .connection = 1};
constexpr Address kSecond = {.node = 1, .worker = 2, .connection = 1};

TEST(Directory, TheFirstClaimWins) {
  Directory directory;
  EXPECT_TRUE(directory.claim("alice", kFirst));
  EXPECT_FALSE(directory.claim("alice", kSecond));
  EXPECT_EQ(directory.find("alice"), kFirst);
}

TEST(Directory, TheOwnerMayClaimAgain) {
  Directory directory;
  EXPECT_TRUE(directory.claim("alice", kFirst));
  EXPECT_TRUE(directory.claim("alice", kFirst));
  EXPECT_EQ(directory.size(), 1U);
}

TEST(Directory, OnlyTheOwnerReleases) {
  Directory directory;
  ASSERT_TRUE(directory.claim("alice", kFirst));
  directory.release("alice", kSecond);
  directory.release("bob", kFirst);
  EXPECT_EQ(directory.find("alice"), kFirst);
  directory.release("alice", kFirst);
  EXPECT_EQ(directory.find("alice"), std::nullopt);
  EXPECT_TRUE(directory.claim("alice", kSecond));
}

TEST(Directory, NamesAreBytes) {
  Directory directory;
  EXPECT_EQ(directory.find("__proto__"), std::nullopt);
  EXPECT_TRUE(directory.claim("__proto__", kFirst));
  EXPECT_TRUE(directory.claim("__Proto__", kSecond));
  EXPECT_EQ(directory.find("__proto__"), kFirst);
  EXPECT_EQ(directory.find("__Proto__"), kSecond);
}

TEST(Directory, AHomeIsOneOfTheWorkersAndAlwaysTheSame) {
  std::array<int, 3> names{};
  for (int i = 0; i < 300; ++i) {
    const std::string name = "user" + std::to_string(i);
    const std::uint32_t home = home_worker(name, 3);
    ASSERT_LT(home, 3U);
    EXPECT_EQ(home_worker(std::string(name), 3), home);
    EXPECT_EQ(home_worker(name, 1), 0U);
    ++names.at(home);
  }
  for (const int count : names) EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace heliograph::signal

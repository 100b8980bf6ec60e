#include "crypto/secret.hpp"

#include <memory>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

TEST(Secret, HoldsUpToSixtyFourBytes) {
  const auto bytes = counting(1, 64);
  const Secret secret{Bytes(bytes)};
  EXPECT_EQ(copy_of(secret.bytes()), bytes);
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, MovedFromSecretIsEmptyAndZero) {
  const auto bytes = counting(1, 32);
  Secret from{Bytes(bytes)};
  const std::uint8_t* memory = from.bytes().data();
  const Secret into = std::move(from);
  EXPECT_EQ(copy_of(into.bytes()), bytes);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the state is specified.
  EXPECT_EQ(copy_of({memory, 32}), repeated(0, 32));
}

TEST(Secret, MoveAssignmentEmptiesTheSourceAndKeepsNothingOfTheOldValue) {
  Secret from{as_bytes("ab")};
  Secret into{as_bytes("longer")};
  into = std::move(from);
  EXPECT_EQ(as_text(into.bytes()), "ab");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the state is specified.
  EXPECT_EQ(copy_of({into.bytes().data() + 2, 4}), repeated(0, 4));
}

TEST(Secret, DestructorLeavesZeros) {
  alignas(Secret) std::uint8_t storage[sizeof(Secret)] = {};
  Secret* secret = std::construct_at(static_cast<Secret*>(static_cast<void*>(storage)),
                                     as_bytes("0123456789abcdef"));
  const std::uint8_t* memory = secret->bytes().data();
  ASSERT_EQ(memory[0], '0');
  std::destroy_at(secret);
  EXPECT_EQ(copy_of({memory, 16}), repeated(0, 16));
}

TEST(Secret, CopyIsIndependent) {
  Secret original{as_bytes("abc")};
  const Secret copy = original.copy();
  original.clear();
  EXPECT_EQ(as_text(copy.bytes()), "abc");
  EXPECT_TRUE(original.empty());
}

}  // namespace
}  // namespace heliograph::crypto

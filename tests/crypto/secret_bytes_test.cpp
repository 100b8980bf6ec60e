#include "crypto/secret_bytes.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

// Looks at what is given back.
template <class T>
struct Inspector : std::allocator<T> {
  static inline std::size_t returned = 0;
  static inline bool all_zero = true;

  void deallocate(T* memory, std::size_t count) {
    returned += count;
    all_zero = all_zero && std::ranges::all_of(memory, memory + count, [](T x) { return x == 0; });
    std::allocator<T>::deallocate(memory, count);
  }
};

using Byte = std::uint8_t;
using Inspected = std::vector<Byte, CleansingAllocator<Byte, Inspector<Byte>>>;

class SecretBytesTest : public testing::Test {
 protected:
  SecretBytesTest() {
    Inspector<Byte>::returned = 0;
    Inspector<Byte>::all_zero = true;
  }

  static void expect_zeros_of_size(std::size_t size) {
    EXPECT_EQ(Inspector<Byte>::returned, size);
    EXPECT_TRUE(Inspector<Byte>::all_zero);
  }
};

TEST_F(SecretBytesTest, LeavesZerosWhenItGoes) {
  {
    const Inspected secret(100, 's');
  }
  expect_zeros_of_size(100);
}

TEST_F(SecretBytesTest, LeavesZerosWhereItWasBeforeItGrew) {
  Inspected secret(100, 's');
  secret.reserve(1000);
  expect_zeros_of_size(100);
  EXPECT_EQ(copy_of(secret), repeated('s', 100));
}

TEST_F(SecretBytesTest, LeavesZerosBehindItsEnd) {
  {
    Inspected secret(100, 's');
    secret.resize(1);
  }
  expect_zeros_of_size(100);
}

TEST_F(SecretBytesTest, MovesWithoutACopy) {
  Inspected from(1, 's');
  const std::uint8_t* const memory = from.data();
  const Inspected into = std::move(from);
  EXPECT_EQ(into.data(), memory);
  expect_zeros_of_size(0);
}

}  // namespace
}  // namespace heliograph::crypto

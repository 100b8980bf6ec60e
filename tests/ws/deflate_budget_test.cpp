#include "ws/deflate_budget.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "ws/deflate.hpp"

namespace heliograph::ws {
namespace {

TEST(DeflateBudget, GivesOutWhatItHasAndNotOneByteMore) {
  DeflateBudget budget(100);
  auto most = budget.reserve(99);
  ASSERT_TRUE(most);
  EXPECT_FALSE(budget.reserve(2));
  EXPECT_EQ(budget.reserved(), 99U);
  const auto last = budget.reserve(1);
  ASSERT_TRUE(last);
  EXPECT_FALSE(budget.reserve(1));
  EXPECT_FALSE(budget.reserve(SIZE_MAX));
  most.reset();
  EXPECT_EQ(budget.reserved(), 1U);
}

TEST(DeflateBudget, AShareIsGivenBackOnceHoweverItMoved) {
  DeflateBudget budget(100);
  {
    auto first = *budget.reserve(10);
    auto second = std::move(first);
    DeflateBudget::Share third;
    third = std::move(second);
    EXPECT_EQ(third.size(), 10U);
    EXPECT_EQ(budget.reserved(), 10U);
  }
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(DeflateBudget, IsNeverOverdrawnByThreadsTogether) {
  constexpr std::size_t kShares = 50;
  DeflateBudget budget(kShares);
  std::vector<std::jthread> threads;
  std::atomic<bool> overdrawn = false;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::vector<DeflateBudget::Share> shares;
        while (auto share = budget.reserve(1)) shares.push_back(*std::move(share));
        if (shares.size() > kShares || budget.reserved() > kShares) overdrawn = true;
      }
    });
  }
  threads.clear();
  EXPECT_FALSE(overdrawn);
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(DeflateBudget, ReturnsWithTheConnectionThatHadIt) {
  DeflatePool pool;
  DeflateBudget budget(2'000'000);
  const DeflateOptions options{
      .pool = &pool, .budget = &budget, .memory = DeflateMemory::kDedicated};
  std::vector<std::unique_ptr<MessageDeflate>> all;
  while (auto deflate = make_message_deflate(Role::kServer, {}, options)) {
    all.push_back(std::move(deflate));
  }
  EXPECT_GT(all.size(), 2U);
  EXPECT_LE(budget.reserved(), 2'000'000U);
  all.pop_back();
  EXPECT_NE(make_message_deflate(Role::kServer, {}, options), nullptr);
  all.clear();
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(DeflateBudget, IsNotAskedOnceAClientIsBoundToTheAgreement) {
  DeflatePool pool;
  DeflateBudget budget(0);
  const DeflateOptions options{.pool = &pool, .budget = &budget, .memory = DeflateMemory::kWindow};
  EXPECT_EQ(make_message_deflate(Role::kServer, {}, options), nullptr);
  EXPECT_NE(make_message_deflate(Role::kClient, {}, options), nullptr);
  EXPECT_EQ(budget.reserved(), 0U);
}

TEST(DeflateBudget, NoAnswerCostsAClientMoreThanItsOffer) {
  const DeflateParameters offered{.server_max_window_bits = 12, .client_max_window_bits = 11};
  for (const std::string_view parameters :
       {"server_max_window_bits=12", "server_max_window_bits=9; client_max_window_bits=8",
        "server_max_window_bits=12; client_no_context_takeover",
        "server_max_window_bits=10; server_no_context_takeover"}) {
    const std::string field = "permessage-deflate; " + std::string(parameters);
    const auto agreed = read_deflate_answer(field, offered).parameters;
    ASSERT_TRUE(agreed) << field;
    for (const DeflateMemory memory :
         {DeflateMemory::kShared, DeflateMemory::kWindow, DeflateMemory::kDedicated}) {
      EXPECT_LE(deflate_cost(Role::kClient, *agreed, memory),
                deflate_cost(Role::kClient, offered, memory));
    }
  }
}

struct Counter {
  std::size_t bytes = 0;
};

voidpf count(voidpf opaque, uInt items, uInt size) {
  static_cast<Counter*>(opaque)->bytes += std::size_t{items} * size;
  return std::calloc(items, size);
}

void release(voidpf, voidpf address) {
  std::free(address);
}

// The same streams as Deflater and Inflater make, with an allocator that counts.
std::size_t allocated(int window_bits) {
  Counter counter;
  std::array<Bytef, 100'000> in{};
  std::array<Bytef, 100'000> out{};
  z_stream stream{};
  stream.zalloc = count;
  stream.zfree = release;
  stream.opaque = &counter;
  EXPECT_EQ(window_bits > 0 ? ::deflateInit2(&stream, 1, Z_DEFLATED, -window_bits, 8, 0)
                            : ::inflateInit2(&stream, -15),
            Z_OK);
  stream.next_in = in.data();
  stream.avail_in = in.size();
  stream.next_out = out.data();
  stream.avail_out = out.size();
  window_bits > 0 ? ::deflate(&stream, Z_SYNC_FLUSH) : ::inflate(&stream, Z_SYNC_FLUSH);
  window_bits > 0 ? ::deflateEnd(&stream) : ::inflateEnd(&stream);
  return counter.bytes;
}

TEST(DeflateBudget, TheCostIsNotLessThanWhatZlibTakes) {
  for (std::uint8_t bits = kMinDeflateWindowBits; bits <= kMaxWindowBits; ++bits) {
    const std::size_t taken = allocated(bits);
    EXPECT_GE(deflater_memory(bits), taken) << int{bits};
    EXPECT_LE(deflater_memory(bits), taken + 8192) << int{bits};
  }
  EXPECT_GE(inflater_memory(), allocated(0));
}

TEST(DeflateBudget, TheCostOfWindowsIsWhatTheyGrowTo) {
  const DeflateParameters parameters{.server_max_window_bits = 10, .client_max_window_bits = 12};
  for (const Role role : {Role::kServer, Role::kClient}) {
    EXPECT_EQ(deflate_cost(role, parameters, DeflateMemory::kWindow),
              sizeof(MessageDeflate) + 1024 + 4096);
  }
  // A client with the smallest window compresses nothing, and remembers nothing of it.
  const DeflateParameters smallest{.server_max_window_bits = 10, .client_max_window_bits = 8};
  EXPECT_EQ(deflate_cost(Role::kClient, smallest, DeflateMemory::kWindow),
            sizeof(MessageDeflate) + 1024);
  EXPECT_EQ(deflate_cost(Role::kClient, smallest, DeflateMemory::kDedicated),
            sizeof(MessageDeflate) + inflater_memory());
  EXPECT_EQ(deflate_cost(Role::kServer, {true, true, 15, 15}, DeflateMemory::kShared),
            sizeof(MessageDeflate));
  SlidingWindow window(1000);
  for (std::size_t size = 1; size < 3000; size += 7) {
    window.append(as_bytes(std::string(size, 'x')));
    EXPECT_LE(window.memory(), 1000U);
  }
}

}  // namespace
}  // namespace heliograph::ws

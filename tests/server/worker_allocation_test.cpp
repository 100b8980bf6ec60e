// What a message of a session that can be resumed costs the workers in calls of malloc: kept until
// it is known to have arrived, and brought from one worker to another.
#include <array>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/heap_meter.hpp"
#include "tests/server/two_workers.hpp"

namespace heliograph::server {
namespace {

using test::TwoWorkers;
using test::WorkerClient;
using ::testing::HasSubstr;

constexpr std::size_t kMessages = 100;
// More than a session keeps for its client.
constexpr std::size_t kBefore = 3 * signal::kMaxBacklogMessages;

std::string candidate(std::string_view call, std::string_view to) {
  return R"({"type":"candidate","call":")" + std::string(call) + R"(","to":")" + std::string(to) +
         R"(","candidate":{"sdpMLineIndex":0,"sdpMid":"0","candidate":"candidate:842163049 1"}})";
}

// Calls of malloc by both workers, for so many candidates from a user of worker 0 to one of
// `worker`, whose names are at home at `home`.
std::size_t allocations_of_candidates(std::uint32_t worker, std::uint32_t home,
                                      std::string_view call = "call-0123456789") {
  std::array<HeapMeter, TwoWorkers::kCount> meters;
  TwoWorkers workers(
      [&](std::uint32_t number, Worker& of) { meters[number].of([&] { of.run(); }); });
  const auto allocations = [&] { return meters[0].allocations() + meters[1].allocations(); };
  const std::vector<std::string> names = TwoWorkers::names_of(home);
  EXPECT_GE(names.size(), 2U);
  WorkerClient user1(workers.endpoint(0));
  WorkerClient user2(workers.endpoint(worker));
  EXPECT_THAT(user1.log_in(names[0]), HasSubstr("welcome"));
  EXPECT_THAT(user2.log_in(names[1]), HasSubstr("welcome"));
  user1.say(R"({"type":"offer","call":"call-0123456789","offer":{},"to":")" + names[1] + "\"}");
  EXPECT_THAT(user2.hear(), HasSubstr("offer"));
  const std::string message = candidate(call, names[1]);
  std::size_t before = 0;
  for (std::size_t i = 0; i < kBefore + kMessages; ++i) {
    if (i == kBefore) before = allocations();
    user1.say(message);
    EXPECT_THAT(user2.hear(), HasSubstr("842163049"));
  }
  return allocations() - before;
}

TEST(WorkerAllocation, AMessageThatIsKeptForItsClientTakesNone) {
  EXPECT_EQ(allocations_of_candidates(0, 0), 0U);
}

// Its text, which the letter owns on its way by the home of the name, or straight to the worker.
TEST(WorkerAllocation, AMessageToAnotherWorkerTakesOne) {
  EXPECT_EQ(allocations_of_candidates(1, 0), kMessages);
  EXPECT_EQ(allocations_of_candidates(1, 1), kMessages);
}

// Through the home of the name and back.
TEST(WorkerAllocation, AMessageByWayOfAnotherWorkerTakesOne) {
  EXPECT_EQ(allocations_of_candidates(0, 1), kMessages);
}

// The control: a call that has to be decoded is a text of its own.
TEST(WorkerAllocation, AMessageWithEscapesIsFoundOut) {
  EXPECT_GE(allocations_of_candidates(0, 0, R"(\u0063all-0123456789)"), kMessages);
}

}  // namespace
}  // namespace heliograph::server

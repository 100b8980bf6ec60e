#include "server/worker.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signal/resume_token.hpp"
#include "tests/server/two_workers.hpp"

namespace heliograph::server {
namespace {

using test::TwoWorkers;
using test::WorkerClient;
using ::testing::HasSubstr;

std::string token_in(const std::string& welcome) {
  constexpr std::string_view kKey = R"("token":")";
  const std::size_t begin = welcome.find(kKey);
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + kKey.size();
  return welcome.substr(value, welcome.find('"', value) - value);
}

TEST(Worker, OneThatNobodyIsConnectedToDrainsWhenTheClientsOfItsSessionsHaveGone) {
  TwoWorkers workers;
  std::string token;
  {
    WorkerClient lost(workers.endpoint(1));
    token = token_in(lost.log_in("bob"));
  }
  WorkerClient client(workers.endpoint(0));
  ASSERT_THAT(client.ask(R"({"type":"resume","token":")" + token + R"("})"),
              HasSubstr(R"("resumed":true)"));
  workers.post(1, Drain{.over = TwoWorkers::kPatience});
  // The first may come together with the letter.
  for (int i = 0; i < 3; ++i) ASSERT_EQ(client.ask(R"({"type":"ping"})"), R"({"type":"pong"})");
  workers.post(0, Drain{.over = TwoWorkers::kPatience});
  ASSERT_THAT(client.hear(), HasSubstr("goaway"));
  ASSERT_EQ(client.hear(), "closed by 1001");
  workers.wait_for_the_end();
}

TEST(Worker, OneThatNobodyIsConnectedToIsTheHomeOfNamesUntilAllHaveGone) {
  TwoWorkers workers;
  const std::vector<std::string> names = TwoWorkers::names_of(1);
  ASSERT_GE(names.size(), 2U);
  WorkerClient one(workers.endpoint(0));
  WorkerClient other(workers.endpoint(0));
  ASSERT_THAT(one.log_in(names[0]), HasSubstr("welcome"));
  ASSERT_THAT(other.log_in(names[1]), HasSubstr("welcome"));
  workers.post(1, Drain{.over = TwoWorkers::kPatience});
  one.say(R"({"type":"offer","call":"c","offer":1,"to":")" + names[1] + R"("})");
  ASSERT_THAT(other.hear(), HasSubstr("offer"));
  other.say(R"({"type":"answer","call":"c","answer":2,"to":")" + names[0] + R"("})");
  ASSERT_THAT(one.hear(), HasSubstr("answer"));
  one.say(R"({"type":"candidate","call":"c","candidate":3,"to":")" + names[1] + R"("})");
  ASSERT_THAT(other.hear(), HasSubstr("candidate"));
  workers.post(0, Drain{.over = TwoWorkers::kPatience});
  ASSERT_THAT(one.hear(), HasSubstr("goaway"));
  ASSERT_THAT(other.hear(), HasSubstr("goaway"));
  ASSERT_EQ(one.hear(), "closed by 1001");
  ASSERT_EQ(other.hear(), "closed by 1001");
  workers.wait_for_the_end();
}

TEST(Worker, ANameThatWasGrantedToNobodyIsFreeAgain) {
  TwoWorkers workers;
  const std::vector<std::string> names = TwoWorkers::names_of(0);
  workers.post(0, ClaimName{.name = names[0],
                            .claimant = {.node = 0, .worker = 1, .connection = 1'000'000},
                            .login = 1});
  WorkerClient client(workers.endpoint(0));
  EXPECT_THAT(client.log_in(names[0]), HasSubstr("welcome"));
}

TEST(Worker, TokensOfWorkersThatDoNotExistAreRefusedWithoutBeingCounted) {
  TwoWorkers workers;
  WorkerClient client(workers.endpoint(0));
  const auto resume = [&](const signal::Address& session) {
    const std::string token = signal::ResumeToken::make(session).text();
    return client.ask(R"({"type":"resume","token":")" + token + R"("})");
  };
  for (const signal::Address& session :
       {signal::Address{.node = 0, .worker = TwoWorkers::kCount, .connection = 1},
        signal::Address{.node = 1, .worker = 0, .connection = 1}}) {
    EXPECT_THAT(resume(session), HasSubstr("resume-failed"));
    EXPECT_EQ(workers.throttled(), 0U);
  }
  EXPECT_THAT(resume({.node = 0, .worker = 1, .connection = 1}), HasSubstr("resume-failed"));
  EXPECT_EQ(workers.throttled(), 1U);
}

}  // namespace
}  // namespace heliograph::server

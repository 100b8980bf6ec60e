#include "signal/call.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;

const Settings kSettings;

TEST(CallList, KnowsNoCallAtFirst) {
  CallList calls;
  EXPECT_EQ(calls.answer_out("bob"), Verdict::kNoCall);
  EXPECT_EQ(calls.answer_in("bob"), Verdict::kNoCall);
  EXPECT_EQ(calls.candidate_out("bob", 0), Verdict::kNoCall);
  EXPECT_EQ(calls.candidate_in("bob", 0), Verdict::kNoCall);
  EXPECT_EQ(calls.leave_out("bob"), Verdict::kNoCall);
  EXPECT_EQ(calls.leave_in("bob"), Verdict::kNoCall);
}

TEST(CallList, OfCrossingOffersThatOfTheSmallerNameIsDelivered) {
  CallList alice;
  CallList bob;
  EXPECT_EQ(alice.offer_out("bob", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(bob.offer_out("alice", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(alice.offer_in("bob", "alice", 0, kSettings), Verdict::kDrop);
  EXPECT_EQ(bob.offer_in("alice", "bob", 0, kSettings), Verdict::kPass);
  EXPECT_EQ(alice.candidate_in("bob", 0), Verdict::kDrop);
  EXPECT_EQ(alice.candidate_out("bob", 0), Verdict::kPass);
  EXPECT_EQ(bob.candidate_out("alice", 0), Verdict::kDrop);
  EXPECT_EQ(bob.candidate_in("alice", 0), Verdict::kPass);
  EXPECT_EQ(bob.answer_out("alice"), Verdict::kPass);
  EXPECT_EQ(bob.candidate_out("alice", 0), Verdict::kPass);
  EXPECT_EQ(alice.answer_in("bob"), Verdict::kPass);
  EXPECT_EQ(alice.candidate_in("bob", 0), Verdict::kPass);
}

TEST(CallList, NamesAreComparedAsBytes) {
  // U+FF5E sorts before U+1F600 in UTF-8, after it in UTF-16.
  CallList calls;
  EXPECT_EQ(calls.offer_out("\xef\xbd\x9e", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.offer_in("\xef\xbd\x9e", "\xf0\x9f\x98\x80", 0, kSettings), Verdict::kPass);
}

TEST(CallList, HeldCandidatesGoAgainAfter30Seconds) {
  CallList bob;
  EXPECT_EQ(bob.offer_in("alice", "bob", 1000, kSettings), Verdict::kPass);
  EXPECT_EQ(bob.offer_out("alice", 1, 2000, kSettings), Verdict::kDrop);
  EXPECT_EQ(bob.candidate_out("alice", 30'999), Verdict::kDrop);
  EXPECT_EQ(bob.candidate_out("alice", 31'000), Verdict::kPass);
}

TEST(CallList, OnlyTheBounceOfTheLastOfferEndsACall) {
  CallList calls;
  EXPECT_EQ(calls.offer_out("bob", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.offer_out("bob", 2, 0, kSettings), Verdict::kPass);
  calls.bounced("bob", 1);
  calls.bounced("carol", 2);
  EXPECT_EQ(calls.size(), 1U);
  calls.bounced("bob", 2);
  EXPECT_EQ(calls.size(), 0U);
}

TEST(CallList, ABounceAfterTheAnswerEndsNothing) {
  CallList calls;
  EXPECT_EQ(calls.offer_out("bob", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.answer_in("bob"), Verdict::kPass);
  calls.bounced("bob", 1);
  EXPECT_EQ(calls.size(), 1U);
}

TEST(CallList, HandsOutThePartiesOldestFirstAndIsEmptyThen) {
  CallList calls;
  EXPECT_EQ(calls.offer_out("bob", 1, 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.offer_in("carol", "alice", 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.offer_out("bob", 2, 0, kSettings), Verdict::kPass);
  EXPECT_THAT(calls.take_peers(), ElementsAre("bob", "carol"));
  EXPECT_EQ(calls.size(), 0U);
}

TEST(CallList, HoldsAsManyCallsAsTheLimitAndNotOneMore) {
  CallList calls;
  for (std::size_t i = 0; i < kSettings.max_calls; ++i) {
    EXPECT_EQ(calls.offer_out("user" + std::to_string(i), 1, 0, kSettings), Verdict::kPass);
  }
  EXPECT_EQ(calls.size(), 16U);
  EXPECT_EQ(calls.answer_in("user0"), Verdict::kPass);
  EXPECT_EQ(calls.offer_in("stranger", "alice", 0, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.size(), 16U);
  EXPECT_EQ(calls.candidate_out("user0", 0), Verdict::kPass);
  EXPECT_EQ(calls.candidate_out("user1", 0), Verdict::kNoCall);
  EXPECT_EQ(calls.candidate_out("user2", 0), Verdict::kPass);
}

TEST(CallList, WhatHasAnotherIdBelongsToNoCall) {
  CallList calls;
  EXPECT_EQ(calls.offer_out("bob", 1, 0, kSettings, "c", "alice"), Verdict::kPass);
  EXPECT_EQ(calls.id("bob"), "c");
  for (const char* id : {"d", "cc", "C"}) {
    EXPECT_EQ(calls.answer_out("bob", id), Verdict::kNoCall);
    EXPECT_EQ(calls.answer_in("bob", id), Verdict::kNoCall);
    EXPECT_EQ(calls.candidate_out("bob", 0, id), Verdict::kNoCall);
    EXPECT_EQ(calls.candidate_in("bob", 0, id), Verdict::kNoCall);
    EXPECT_EQ(calls.leave_out("bob", id), Verdict::kNoCall);
    EXPECT_EQ(calls.leave_in("bob", id), Verdict::kNoCall);
  }
  EXPECT_EQ(calls.candidate_in("bob", 0, "c"), Verdict::kPass);
  EXPECT_EQ(calls.candidate_in("bob", 0), Verdict::kPass);
  EXPECT_EQ(calls.leave_in("bob", "c"), Verdict::kPass);
}

TEST(CallList, TheLastOfferThatPassesNamesTheCall) {
  CallList calls;
  EXPECT_EQ(calls.offer_in("alice", "bob", 0, kSettings, "a"), Verdict::kPass);
  EXPECT_EQ(calls.offer_out("alice", 1, 0, kSettings, "b", "bob"), Verdict::kDrop);
  EXPECT_EQ(calls.id("alice"), "a");
  EXPECT_EQ(calls.answer_out("alice", "a"), Verdict::kPass);
  EXPECT_EQ(calls.offer_out("alice", 2, 0, kSettings, "b", "bob"), Verdict::kPass);
  EXPECT_EQ(calls.id("alice"), "b");
  EXPECT_EQ(calls.offer_in("alice", "bob", 40'000, kSettings), Verdict::kPass);
  EXPECT_EQ(calls.id("alice"), "b");
}

}  // namespace
}  // namespace heliograph::signal

#include "signal/resume_token.hpp"

#include <string>

#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

constexpr Address kSession = {.node = 1, .worker = 0xfffffffe, .connection = 0x1234'5678'9abc'def0};

TEST(ResumeToken, SaysWhereTheSessionIs) {
  const ResumeToken token = ResumeToken::make(kSession);
  const auto parsed = ResumeToken::parse(token.text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->session, kSession);
  EXPECT_EQ(parsed->secret, token.secret);
}

TEST(ResumeToken, NoTwoAreAlike) {
  EXPECT_NE(ResumeToken::make(kSession).text(), ResumeToken::make(kSession).text());
}

TEST(ResumeToken, NothingElseIsOne) {
  const std::string text = ResumeToken::make(kSession).text();
  for (const std::string& wrong : {std::string(), text.substr(1), text + "A", text + "=",
                                   " " + text, std::string(43, '*'), std::string(4'000, 'A')}) {
    EXPECT_FALSE(ResumeToken::parse(wrong)) << wrong;
  }
}

TEST(ResumeLock, OpensForItsNewestTokenOnly) {
  ResumeLock lock;
  EXPECT_FALSE(lock.open({}));
  const ResumeToken old = lock.renew(kSession);
  const ResumeToken token = lock.renew(kSession);
  EXPECT_FALSE(lock.open(old.secret));
  EXPECT_TRUE(lock.open(token.secret));
}

TEST(ResumeLock, OpensForTheLastTokenAgainUntilTheNewOneIsConfirmed) {
  ResumeLock lock;
  const ResumeToken first = lock.renew(kSession);
  EXPECT_TRUE(lock.open(first.secret));
  const ResumeToken lost = lock.renew(kSession);
  EXPECT_TRUE(lock.open(first.secret));
  const ResumeToken second = lock.renew(kSession);
  EXPECT_FALSE(lock.open(lost.secret));
  lock.confirm();
  EXPECT_FALSE(lock.open(first.secret));
  EXPECT_TRUE(lock.open(second.secret));
}

TEST(ResumeLock, ATokenThatOpensShowsThatItHasArrived) {
  ResumeLock lock;
  const ResumeToken first = lock.renew(kSession);
  EXPECT_TRUE(lock.open(first.secret));
  const ResumeToken second = lock.renew(kSession);
  EXPECT_TRUE(lock.open(second.secret));
  const ResumeToken third = lock.renew(kSession);
  EXPECT_FALSE(lock.open(first.secret));
  EXPECT_TRUE(lock.open(third.secret));
}

TEST(ResumeLock, AWrongGuessDoesNotLockItsOwnerOut) {
  ResumeLock lock;
  const ResumeToken token = lock.renew(kSession);
  ResumeSecret almost = token.secret;
  almost.back() ^= 1;
  EXPECT_FALSE(lock.open(almost));
  EXPECT_TRUE(lock.open(token.secret));
}

}  // namespace
}  // namespace heliograph::signal

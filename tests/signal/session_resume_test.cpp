// What a session does for a resume, for presence and for rooms: the tokens, the counts, and what
// waits. Bringing it to where it belongs is the worker's, and tested there.
#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/buffer.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/session.hpp"
#include "tests/base/memory_meter.hpp"

namespace heliograph::signal {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Kind = Effect::Kind;

constexpr Address kSelf = {.node = 0, .worker = 3, .connection = 0x1'0000'0007};

// A session, and the effects of the last verb.
class SessionResume : public testing::Test {
 protected:
  void say(Session& session, std::string_view message) {
    Buffer buffer;
    buffer.append(message);
    messages_.push_back(std::move(buffer));
    effects.clear();
    session.receive(messages_.back().bytes(), 1'000, effects);
  }

  void log_in(Session& session, const std::string& name = "alice") {
    say(session, R"({"type":"login","name":")" + name + R"(","password":"x"})");
    const LoginId login = effects.list().back().login;
    effects.clear();
    session.credential_checked(login, true, 1'000, effects);
    effects.clear();
    session.name_claimed(login, true, 1'000, effects);
  }

  std::vector<std::string> replies() const {
    std::vector<std::string> texts;
    for (const Effect& effect : effects.list()) {
      if (effect.kind != Kind::kReply) continue;
      std::string& text = texts.emplace_back();
      for (const std::string_view piece : effect.reply.pieces()) text += piece;
    }
    return texts;
  }

  // "watch alice"
  std::vector<std::string> asked() const {
    std::vector<std::string> texts;
    for (const Effect& effect : effects.list()) {
      const std::string name(effect.name);
      if (effect.kind == Kind::kWatch) texts.push_back("watch " + name);
      if (effect.kind == Kind::kUnwatch) texts.push_back("unwatch " + name);
      if (effect.kind == Kind::kJoin) texts.push_back("join " + name);
      if (effect.kind == Kind::kPart) texts.push_back("part " + name);
    }
    return texts;
  }

  [[nodiscard]] bool counts() const {
    return std::ranges::find(effects.list(), Kind::kCount, &Effect::kind) != effects.list().end();
  }

  // The token in the last welcome.
  ResumeToken token() const {
    const std::string welcome = replies().front();
    const std::size_t at = welcome.find(R"("token":")") + 9;
    const auto parsed = ResumeToken::parse(welcome.substr(at, welcome.find('"', at) - at));
    EXPECT_TRUE(parsed) << welcome;
    return parsed.value_or(ResumeToken{});
  }

  Settings settings;
  HeliographDialect dialect{25'000};
  TutorialDialect tutorial;
  Effects effects;

 private:
  std::deque<Buffer> messages_;
};

TEST_F(SessionResume, EveryWelcomeHasATokenOfItsOwn) {
  Session session(kSelf, settings, dialect);
  EXPECT_FALSE(session.can_resume());
  EXPECT_FALSE(session.opens({}));
  log_in(session);
  EXPECT_TRUE(session.can_resume());
  EXPECT_TRUE(counts());
  const ResumeToken first = token();
  EXPECT_EQ(first.session, kSelf);
  EXPECT_TRUE(session.opens(first.secret));
  effects.clear();
  session.resumed(effects);
  EXPECT_FALSE(counts());
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("resumed":true)")));
  session.welcome_arrived();
  EXPECT_FALSE(session.opens(first.secret));
  EXPECT_TRUE(session.opens(token().secret));
}

TEST_F(SessionResume, AWelcomeThatIsLostLeavesTheTokenBeforeIt) {
  Session session(kSelf, settings, dialect);
  session.welcome_arrived();
  log_in(session);
  const ResumeToken first = token();
  for (int lost = 0; lost < 3; ++lost) {
    EXPECT_TRUE(session.opens(first.secret));
    effects.clear();
    session.resumed(effects);
  }
  session.welcome_arrived();
  EXPECT_FALSE(session.opens(first.secret));
  EXPECT_TRUE(session.opens(token().secret));
}

TEST_F(SessionResume, AnotherLoginLeavesNoTokenOfTheOneBefore) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  const ResumeToken first = token();
  EXPECT_TRUE(session.opens(first.secret));
  effects.clear();
  session.resumed(effects);
  const ResumeToken second = token();
  log_in(session, "bob");
  EXPECT_FALSE(session.opens(first.secret));
  EXPECT_FALSE(session.opens(second.secret));
}

TEST_F(SessionResume, TheWelcomeSaysHowManyMessagesWereTakenSinceTheLogin) {
  Session session(kSelf, settings, dialect);
  say(session, R"({"type":"ping"})");
  log_in(session);
  say(session, R"({"type":"ping"})");
  say(session, "not json");
  say(session, R"({"type":"resume","token":"x"})");
  say(session, R"({"type":"join","room":"r"})");
  effects.clear();
  session.resumed(effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("received":3)")));
  log_in(session, "bob");
  EXPECT_THAT(replies(), ElementsAre(Not(HasSubstr("received"))));
  effects.clear();
  session.resumed(effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("received":0)")));
}

TEST_F(SessionResume, WhatShouldHaveBegunASessionIsNotCounted) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  for (const char* message :
       {R"({"type":"login"})", R"({"type":"login","name":1,"password":"x"})",
        R"({"type":"login","ticket":"t","certificate":true})", R"({"type":"resume"})",
        R"({"type":"resume","token":"t","received":-1})", R"({"type":"resume","token":""})"}) {
    say(session, message);
    EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("code":"bad-message")"))) << message;
  }
  effects.clear();
  session.resumed(effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("received":0)")));
  say(session, R"({"type":"leave"})");
  say(session, R"({"type":"nothing"})");
  effects.clear();
  session.resumed(effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("received":2)")));
}

TEST_F(SessionResume, WhatWaitsForALoginIsCountedBehindItsOutcome) {
  Session session(kSelf, settings, dialect);
  for (const bool right : {true, false}) {
    say(session,
        R"({"type":"ping"})");  // nobody counts it: another session begins, or none is lost
    say(session, R"({"type":"login","name":"bob","password":"x"})");
    const LoginId login = effects.list().front().login;
    say(session, R"({"type":"ping"})");
    say(session, R"({"type":"ping"})");
    EXPECT_THAT(replies(), IsEmpty());
    effects.clear();
    session.credential_checked(login, right, 1'000, effects);
    if (right) {
      effects.clear();
      session.name_claimed(login, true, 1'000, effects);
    }
    EXPECT_THAT(replies(), ElementsAre(HasSubstr(right ? "welcome" : "login-failed"),
                                       R"({"type":"pong"})", R"({"type":"pong"})"));
    effects.clear();
    session.resumed(effects);
    // Two behind the welcome; then one before the login that fails, and two behind it.
    EXPECT_THAT(replies(), ElementsAre(HasSubstr(right ? R"("received":2)" : R"("received":5)")));
  }
}

TEST_F(SessionResume, TutorialSessionsAndThoseWithoutATimeCannotBeResumed) {
  Session spoken_by_the_tutorial(kSelf, settings, tutorial);
  log_in(spoken_by_the_tutorial);
  EXPECT_TRUE(spoken_by_the_tutorial.logged_in());
  EXPECT_FALSE(spoken_by_the_tutorial.can_resume());
  settings.resume_time = 0;
  Session session(kSelf, settings, dialect);
  log_in(session);
  EXPECT_FALSE(session.can_resume());
  EXPECT_FALSE(counts());
  EXPECT_THAT(replies(), ElementsAre(Not(HasSubstr("token"))));
}

TEST_F(SessionResume, AfterALogoutNothingIsLeftToResume) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"logout"})");
  EXPECT_FALSE(session.can_resume());
}

TEST_F(SessionResume, WhatComesBehindAResumeWaitsAndIsHandedOver) {
  Session session(kSelf, settings, dialect);
  say(session, R"({"type":"resume","token":"t","received":7})");
  ASSERT_EQ(effects.list().size(), 1U);
  EXPECT_EQ(effects.list().front().kind, Kind::kResume);
  EXPECT_EQ(effects.list().front().token, "t");
  EXPECT_EQ(effects.list().front().received, 7U);
  const LoginId login = effects.list().front().login;
  EXPECT_TRUE(session.awaits_resume(login));
  EXPECT_FALSE(session.awaits_resume(login + 1));
  say(session, "first");
  say(session, "second");
  EXPECT_THAT(replies(), IsEmpty());
  std::deque<Buffer> waited = session.hand_over();
  ASSERT_EQ(waited.size(), 2U);
  EXPECT_EQ(waited.front().text(), "first");
  EXPECT_EQ(waited.back().text(), "second");
  EXPECT_FALSE(session.awaits_resume(login));
}

TEST_F(SessionResume, WhatComesBehindAResumeThatIsRefusedGoesOn) {
  Session session(kSelf, settings, dialect);
  say(session, R"({"type":"resume","token":"t"})");
  EXPECT_EQ(effects.list().front().received, std::nullopt);
  const LoginId login = effects.list().front().login;
  say(session, R"({"type":"ping"})");
  session.resume_refused(login, 1'000, effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("code":"resume-failed")"), R"({"type":"pong"})"));
}

TEST_F(SessionResume, WhoIsLoggedInCannotTakeOverAnotherSession) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"resume","token":"t"})");
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("code":"resume-failed")")));
  EXPECT_TRUE(session.can_resume());
}

TEST_F(SessionResume, ANameThatComesTwiceInOneMessageIsAskedOnce) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"subscribe","names":["bob","carol","bob","\u0062ob","carol"]})");
  EXPECT_THAT(asked(), ElementsAre("watch bob", "watch carol"));
  say(session, R"({"type":"subscribe","names":["carol","carol","bob"]})");
  EXPECT_THAT(asked(), ElementsAre("watch carol", "watch bob"));
  say(session, R"({"type":"unsubscribe","names":["bob","bob"]})");
  EXPECT_THAT(asked(), ElementsAre("unwatch bob"));
}

TEST_F(SessionResume, NewsOfWhatIsNotWatchedAreNotTold) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"subscribe","names":["bob","carol"]})");
  EXPECT_THAT(asked(), ElementsAre("watch bob", "watch carol"));
  say(session, R"({"type":"unsubscribe","names":["carol","dave"]})");
  EXPECT_THAT(asked(), ElementsAre("unwatch carol"));
  effects.clear();
  for (const char* name : {"bob", "carol"}) {
    session.notice({.kind = Event::Kind::kPresence, .name = name, .online = true}, effects);
  }
  EXPECT_THAT(replies(), ElementsAre(R"({"type":"presence","name":"bob","online":true})"));
}

TEST_F(SessionResume, ARoomThatWasFullIsNotJoined) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"join","room":"lobby"})");
  EXPECT_THAT(asked(), ElementsAre("join lobby"));
  effects.clear();
  session.notice({.kind = Event::Kind::kError, .error = Error::kRoomFull, .room = "lobby"},
                 effects);
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("code":"room-full")")));
  say(session, R"({"type":"part","room":"lobby"})");
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(replies(), ElementsAre(HasSubstr(R"("code":"no-room")")));
}

// Another request for it may have found a place before the client hears that the first did not.
TEST_F(SessionResume, ARoomThatWasFullIsLeftInCaseItWasEntered) {
  Session session(kSelf, settings, dialect);
  log_in(session);
  say(session, R"({"type":"join","room":"lobby"})");
  say(session, R"({"type":"join","room":"lobby"})");
  effects.clear();
  session.notice({.kind = Event::Kind::kError, .error = Error::kRoomFull, .room = "lobby"},
                 effects);
  EXPECT_THAT(asked(), ElementsAre("part lobby"));
}

// All of it in one verb, after which nobody has the name any more.
TEST_F(SessionResume, WhatWasSaidUnderANameThatIsGivenUpBearsThatName) {
  for (const std::string& name : {std::string("alice"), std::string(kMaxNameSize, 'a')}) {
    Session session(kSelf, settings, dialect);
    say(session, R"({"type":"login","name":")" + name + R"(","password":"x"})");
    const LoginId login = effects.list().back().login;
    say(session, R"({"type":"offer","to":"bob","call":"c","offer":1})");
    say(session, R"({"type":"join","room":"lobby"})");
    say(session, R"({"type":"logout"})");
    effects.clear();
    session.credential_checked(login, true, 1'000, effects);
    effects.clear();
    session.name_claimed(login, true, 1'000, effects);
    EXPECT_FALSE(session.logged_in());
    std::vector<Kind> kinds;
    std::vector<std::string> names;
    for (const Effect& effect : effects.list()) {
      kinds.push_back(effect.kind);
      if (effect.kind == Kind::kSend) names.emplace_back(effect.envelope.from);
      if (effect.kind == Kind::kJoin) names.emplace_back(effect.user);
      if (effect.kind == Kind::kReleaseName) names.emplace_back(effect.name);
    }
    EXPECT_THAT(names, Each(name));
    EXPECT_THAT(kinds, ElementsAre(Kind::kReply, Kind::kCount, Kind::kSend, Kind::kJoin,
                                   Kind::kPart, Kind::kSend, Kind::kReleaseName));
  }
}

TEST_F(SessionResume, ARelayedMessageCostsNoAllocation) {
  Session session(kSelf, settings, dialect);
  log_in(session, std::string(kMaxNameSize, 'a'));
  say(session, R"({"type":"offer","to":"bob","call":"c","offer":1})");
  const std::string text = R"({"type":"candidate","to":"bob","call":"c","candidate":1})";
  Buffer message;
  message.append(text);
  effects.clear();
  const MemoryMeter meter;
  for (int i = 0; i < 100; ++i) {
    session.receive(message.bytes(), 1'000, effects);
    effects.clear();
  }
  EXPECT_EQ(meter.allocations(), 0U);
}

TEST_F(SessionResume, CopiesStayValidHoweverManyThereAre) {
  std::vector<std::string> texts;
  std::vector<std::string_view> copies;
  for (std::size_t i = 0; i < 100; ++i) {
    texts.push_back(std::to_string(i) + std::string(i, 'x'));
    copies.push_back(effects.copy(texts.back()));
  }
  EXPECT_TRUE(std::ranges::equal(copies, texts));
}

TEST_F(SessionResume, WhatASessionTakesPartInEndsWithItsName) {
  for (const bool by_itself : {true, false}) {
    Session session(kSelf, settings, dialect);
    log_in(session);
    say(session, R"({"type":"subscribe","names":["bob"]})");
    say(session, R"({"type":"join","room":"lobby"})");
    if (by_itself) {
      say(session, R"({"type":"logout"})");
    } else {
      effects.clear();
      session.closed(effects);
    }
    EXPECT_THAT(asked(), ElementsAre("unwatch bob", "part lobby"));
    EXPECT_EQ(effects.list().back().kind, Kind::kReleaseName);
  }
}

}  // namespace
}  // namespace heliograph::signal

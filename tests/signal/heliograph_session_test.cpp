// Sessions of the heliograph.v1 dialect, with each other and with those of the tutorial, on a node
// of one worker, where mail arrives at once, and on one of three, where it takes its time.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/signal/node.hpp"

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string about(std::string_view type, std::string_view to, std::string_view call) {
  return std::string(R"({"type":")")
      .append(type)
      .append(R"(","to":")")
      .append(to)
      .append(R"(","call":")")
      .append(call)
      .append(R"("})");
}

std::string relay(std::string_view type, std::string_view to, std::string_view call,
                  std::string_view body) {
  std::string text = about(type, to, call);
  text.pop_back();
  return text.append(",\"").append(type).append("\":").append(body).append("}");
}

std::string error(std::string_view code) {
  return std::string(R"("code":")").append(code).append("\"");
}

class HeliographSession : public testing::TestWithParam<std::uint32_t> {
 protected:
  // Says it, and lets everything arrive.
  void say(Client& client, std::string_view text) {
    node.say(client, text);
    node.carry();
  }

  Client& user(const std::string& name) { return node.user(name, Speaks::kHeliograph); }

  // A call that was offered and answered, with nothing left to hear.
  void call(Client& caller, Client& callee, std::string_view id) {
    say(caller, relay("offer", callee.session->name(), id, "1"));
    say(callee, relay("answer", caller.session->name(), id, "2"));
    caller.take();
    callee.take();
  }

  Node node{GetParam()};
};

std::string number_of_workers(const testing::TestParamInfo<std::uint32_t>& parameter) {
  return std::to_string(parameter.param);
}

INSTANTIATE_TEST_SUITE_P(Workers, HeliographSession, testing::Values(1, 3), number_of_workers);

// Login

TEST_P(HeliographSession, IsNotGreetedAndIsWelcomedWhenItHasLoggedIn) {
  node.stored["alice"] = "secret";
  Client& alice = node.connect(Speaks::kHeliograph);
  EXPECT_THAT(alice.take(), IsEmpty());
  say(alice, login("alice", "wrong"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("login-failed"))));
  say(alice, login("alice", "secret"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(R"({"type":"welcome","name":"alice")")));
}

TEST_P(HeliographSession, AnswersPingsAndNothingElseBeforeALogin) {
  Client& client = node.connect(Speaks::kHeliograph);
  say(client, R"({"type":"ping"})");
  say(client, about("leave", "bob", "c"));
  say(client, R"({"type":"ice"})");
  say(client, R"({"type":"logout"})");
  say(client, R"({"type":"whatever"})");
  say(client, "{");
  EXPECT_THAT(
      client.take(),
      ElementsAre(R"({"type":"pong"})", HasSubstr(error("not-authenticated")),
                  HasSubstr(error("not-authenticated")), HasSubstr(error("not-authenticated")),
                  HasSubstr(error("not-authenticated")), HasSubstr(error("bad-json"))));
}

TEST_P(HeliographSession, LogsInByATicket) {
  node.tickets = {{"good", "alice"}, {"reserved", "hg:1"}};
  Client& alice = node.connect(Speaks::kHeliograph);
  say(alice, R"({"type":"login","ticket":"bad"})");
  say(alice, R"({"type":"login","ticket":"reserved"})");
  EXPECT_THAT(alice.take(),
              ElementsAre(HasSubstr(error("login-failed")), HasSubstr(error("login-failed"))));
  say(alice, R"({"type":"login","ticket":"good"})");
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(R"("name":"alice")")));
  EXPECT_EQ(node.owner("alice"), alice.address);
}

TEST_P(HeliographSession, LogsInByACertificate) {
  node.certificates = {{"", "alice"}, {"bob", "bob"}};
  Client& alice = node.connect(Speaks::kHeliograph);
  Client& bob = node.connect(Speaks::kHeliograph);
  say(alice, R"({"type":"login","certificate":true})");
  say(bob, R"({"type":"login","certificate":true,"name":"carol"})");
  say(bob, R"({"type":"login","certificate":true,"name":"bob"})");
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(R"("name":"alice")")));
  EXPECT_THAT(bob.take(),
              ElementsAre(HasSubstr(error("login-failed")), HasSubstr(R"("name":"bob")")));
}

TEST_P(HeliographSession, ANameInUseIsNotGivenToATicketEither) {
  node.tickets = {{"good", "alice"}};
  user("alice");
  Client& other = node.connect(Speaks::kHeliograph);
  say(other, R"({"type":"login","ticket":"good"})");
  EXPECT_THAT(other.take(), ElementsAre(HasSubstr(error("login-failed"))));
}

TEST_P(HeliographSession, LogsOutAndStays) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  call(alice, bob, "c");
  say(alice, R"({"type":"logout"})");
  EXPECT_THAT(bob.take(),
              ElementsAre(R"({"type":"leave","from":"alice","call":"c","reason":"left"})"));
  EXPECT_EQ(node.owner("alice"), std::nullopt);
  say(alice, R"({"type":"ice"})");
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("not-authenticated"))));
  EXPECT_EQ(alice.closed_with, std::nullopt);
}

TEST_P(HeliographSession, IsToldTheIceServersAgain) {
  Client& alice = user("alice");
  say(alice, R"({"type":"ice"})");
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"ice","ice_servers":[],"ice_ttl":0})"));
}

// Calls

TEST_P(HeliographSession, TheGoldenTranscriptOfACall) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  say(alice, relay("offer", "bob", "c1", R"({"sdp" : 1.0})"));
  say(alice, relay("candidate", "bob", "c1", "2"));
  EXPECT_THAT(
      bob.take(),
      ElementsAre(
          R"({"type":"offer","from":"alice","call":"c1","offer":{"sdp" : 1.0},"polite":true})",
          R"({"type":"candidate","from":"alice","call":"c1","candidate":2})"));
  say(bob, relay("answer", "alice", "c1", "3"));
  say(bob, relay("candidate", "alice", "c1", "4"));
  say(bob, relay("offer", "alice", "c1", "5"));
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"answer","from":"bob","call":"c1","answer":3})",
                          R"({"type":"candidate","from":"bob","call":"c1","candidate":4})",
                          R"({"type":"offer","from":"bob","call":"c1","offer":5,"polite":false})"));
  say(alice, relay("answer", "bob", "c1", "6"));
  say(alice, about("leave", "bob", "c1"));
  EXPECT_THAT(bob.take(),
              ElementsAre(R"({"type":"answer","from":"alice","call":"c1","answer":6})",
                          R"({"type":"leave","from":"alice","call":"c1","reason":"left"})"));
}

TEST_P(HeliographSession, WhatBelongsToNoCallOrToAnotherIsRefused) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  for (const char* id : {"old", "c"}) {
    say(alice, relay("answer", "bob", id, "1"));
    say(alice, relay("candidate", "bob", id, "1"));
    say(alice, about("leave", "bob", id));
    say(alice, about("busy", "bob", id));
    const std::string refusal = std::string(R"({"type":"error","code":"no-call",)") +
                                R"("message":"there is no such call with this user","call":")" +
                                id + R"("})";
    if (id == std::string("old")) {
      EXPECT_THAT(alice.take(), ElementsAre(refusal, refusal, refusal, refusal));
      call(alice, bob, "d");
    }
  }
  EXPECT_THAT(alice.take(), testing::SizeIs(4));
  EXPECT_THAT(bob.take(), IsEmpty());
}

TEST_P(HeliographSession, ANewIdIsANewCall) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  call(alice, bob, "c1");
  say(alice, relay("offer", "bob", "c2", "1"));
  say(bob, relay("candidate", "alice", "c1", "2"));
  EXPECT_THAT(bob.take(), ElementsAre(HasSubstr(R"("call":"c2")"), HasSubstr(error("no-call"))));
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(HeliographSession, ABusyUserSaysSo) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  say(alice, relay("offer", "bob", "c", "1"));
  say(bob, about("busy", "alice", "c"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"busy","from":"bob","call":"c"})"));
  say(alice, about("leave", "bob", "c"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("no-call"))));
}

TEST_P(HeliographSession, AnOfferToNobodyIsUnavailable) {
  Client& alice = user("alice");
  say(alice, relay("offer", "bob", "c", "1"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"unavailable","to":"bob","call":"c"})"));
  say(alice, relay("candidate", "bob", "c", "1"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("no-call"))));
}

TEST_P(HeliographSession, AnOfferToOneselfOrToNoNameIsRefused) {
  Client& alice = user("alice");
  say(alice, relay("offer", "alice", "c", "1"));
  say(alice, relay("offer", "", "c", "1"));
  say(alice, relay("offer", std::string(129, 'b'), "c", "1"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("bad-name")), HasSubstr(error("bad-name")),
                                        HasSubstr(error("bad-name"))));
}

TEST_P(HeliographSession, A17thCallIsTooMany) {
  Client& alice = user("alice");
  const std::size_t limit = Settings().max_calls;
  for (std::size_t i = 0; i <= limit; ++i) {
    Client& peer = user("peer" + std::to_string(i));
    if (i < limit) call(alice, peer, "c");
  }
  say(alice, relay("offer", "peer16", "c", "1"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("too-many-calls"))));
  // Who calls somebody with so many calls finds her busy.
  Client& peer = node.user("zed", Speaks::kHeliograph);
  say(peer, relay("offer", "alice", "z", "1"));
  EXPECT_THAT(peer.take(), ElementsAre(R"({"type":"busy","from":"alice","call":"z"})"));
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(HeliographSession, AClosedConnectionIsGone) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  call(alice, bob, "c");
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(bob.take(),
              ElementsAre(R"({"type":"leave","from":"alice","call":"c","reason":"gone"})"));
}

// Glare

TEST_P(HeliographSession, OfTwoOffersAtOnceTheSmallerNamesWins) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  node.say(alice, relay("offer", "bob", "a", "1"));
  node.say(bob, relay("offer", "alice", "b", "2"));
  node.say(bob, relay("candidate", "alice", "b", "3"));
  node.carry();
  EXPECT_THAT(alice.take(), IsEmpty());
  const auto heard = bob.take();
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.front(), R"({"type":"offer","from":"alice","call":"a","offer":1,"polite":true})");
  say(bob, relay("answer", "alice", "a", "4"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer","from":"bob","call":"a","answer":4})"));
}

// The impolite side does not take the other's offer, so its own must get through.
TEST_P(HeliographSession, AnImpoliteOfferOvertakesOneThatWaits) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  say(bob, relay("offer", "alice", "b", "1"));
  say(alice, relay("offer", "bob", "a", "2"));
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"offer","from":"bob","call":"b","offer":1,"polite":false})"));
  EXPECT_THAT(bob.take(),
              ElementsAre(R"({"type":"offer","from":"alice","call":"a","offer":2,"polite":true})"));
  say(bob, relay("answer", "alice", "a", "3"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer","from":"bob","call":"a","answer":3})"));
}

TEST_P(HeliographSession, APoliteOfferDoesNotOvertake) {
  Client& alice = user("alice");
  Client& bob = user("bob");
  say(alice, relay("offer", "bob", "a", "1"));
  say(bob, relay("offer", "alice", "b", "2"));
  EXPECT_THAT(alice.take(), IsEmpty());
  bob.take();
  say(bob, relay("candidate", "alice", "b", "3"));
  EXPECT_THAT(bob.take(), ElementsAre(HasSubstr(error("no-call"))));
  say(bob, relay("answer", "alice", "a", "4"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer","from":"bob","call":"a","answer":4})"));
}

// With the tutorial

TEST_P(HeliographSession, CallsAUserOfTheTutorial) {
  Client& alice = user("alice");
  Client& bob = node.user("bob");
  say(alice, relay("offer", "bob", "c", "1"));
  say(alice, relay("candidate", "bob", "c", "2"));
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"offer","offer":1,"name":"alice"})",
                                      R"({"type":"candidate","candidate":2})"));
  say(bob, message("answer", "3", "alice"));
  say(bob, message("candidate", "4", "alice"));
  say(bob, R"({"type":"leave","name":"alice"})");
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"answer","from":"bob","call":"c","answer":3})",
                          R"({"type":"candidate","from":"bob","call":"c","candidate":4})",
                          R"({"type":"leave","from":"bob","call":"c","reason":"left"})"));
}

TEST_P(HeliographSession, IsCalledByAUserOfTheTutorial) {
  Client& alice = user("alice");
  Client& bob = node.user("bob");
  say(bob, message("offer", "1", "alice"));
  say(bob, message("candidate", "2", "alice"));
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"offer","from":"bob","call":"t1","offer":1,"polite":false})",
                          R"({"type":"candidate","from":"bob","call":"t1","candidate":2})"));
  say(alice, relay("answer", "bob", "wrong", "3"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("no-call"))));
  say(alice, relay("answer", "bob", "t1", "3"));
  say(alice, about("leave", "bob", "t1"));
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"answer","answer":3})", R"({"type":"leave"})"));
  say(bob, message("offer", "1", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(R"("call":"t2")")));
}

TEST_P(HeliographSession, ABusyUserIsALeaveForTheTutorial) {
  Client& alice = user("alice");
  Client& bob = node.user("bob");
  say(bob, message("offer", "1", "alice"));
  alice.take();
  say(alice, about("busy", "bob", "t1"));
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"leave"})"));
}

TEST_P(HeliographSession, DisconnectsOfEitherKindReachTheOther) {
  Client& alice = user("alice");
  Client& bob = node.user("bob");
  say(bob, message("offer", "1", "alice"));
  alice.take();
  node.disconnect(bob);
  node.carry();
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"leave","from":"bob","call":"t1","reason":"gone"})"));
  Client& carol = node.user("carol");
  say(alice, relay("offer", "carol", "c", "1"));
  carol.take();
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(carol.take(), ElementsAre(R"({"type":"leave"})"));
}

TEST_P(HeliographSession, AnOfferOfTheTutorialWithoutBodyHasNull) {
  Client& alice = user("alice");
  Client& bob = node.user("bob");
  say(bob, R"({"type":"offer","name":"alice"})");
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(R"("offer":null)")));
}

TEST_P(HeliographSession, GlareWithTheTutorialConnectsOneCall) {
  for (const bool heliograph_is_smaller : {true, false}) {
    const std::string suffix = heliograph_is_smaller ? "1" : "2";
    const std::string mine = (heliograph_is_smaller ? "a" : "z") + suffix;
    const std::string theirs = "m" + suffix;
    Client& own = user(mine);
    Client& peer = node.user(theirs);
    node.say(own, relay("offer", theirs, "c", "1"));
    node.say(peer, message("offer", "2", mine));
    node.carry();
    const auto own_heard = own.take();
    const auto peer_heard = peer.take();
    // Offers that arrive before the other was made were never at once; then the first one wins, but
    // that an impolite one overtakes.
    EXPECT_EQ(own_heard.size() + peer_heard.size(), 1U);
    if (own_heard.empty()) {
      say(peer, message("answer", "3", mine));
      EXPECT_THAT(own.take(), ElementsAre(HasSubstr(R"("call":"c","answer":3)")));
    } else {
      EXPECT_THAT(own_heard, ElementsAre(HasSubstr(R"("call":"c","offer":2)")));
      say(own, relay("answer", theirs, "c", "3"));
      EXPECT_THAT(peer.take(), ElementsAre(R"({"type":"answer","answer":3})"));
    }
  }
}

// A tutorial's client is never told more than it knows.
TEST_P(HeliographSession, OpenRelayIsForTheTutorialOnly) {
  Node open(GetParam(), {.open_relay = true, .reserved_prefix = {}});
  Client& alice = open.user("alice", Speaks::kHeliograph);
  Client& bob = open.user("bob");
  open.say(bob, message("candidate", "1", "alice"));
  open.say(alice, relay("candidate", "bob", "c", "1"));
  open.carry();
  EXPECT_THAT(bob.take(), IsEmpty());
  EXPECT_THAT(alice.take(), ElementsAre(HasSubstr(error("no-call"))));
}

}  // namespace
}  // namespace heliograph::signal

// Every row of the two tables of the tutorial's dialect, on a node of one worker, where mail
// arrives at once, and on one of three, where it takes its time.
#include "signal/session.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/signal/node.hpp"

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kGreeting = "Hello from server";
constexpr const char* kNotAuthenticated =
    R"({"type":"error","message":"You are not authenticated"})";
constexpr const char* kLoggedIn = R"({"type":"login","success":true})";
constexpr const char* kRefused = R"({"type":"login","success":false})";
constexpr const char* kLeft = R"({"type":"leave"})";

std::string leave(std::string_view name) {
  return std::string(R"({"type":"leave","name":")").append(name).append(R"("})");
}

std::string no_command(const std::string& type) {
  return R"({"type":"error","message":"Command no found: )" + type + R"("})";
}

std::string offer_from(std::string_view name, std::string_view body) {
  return std::string(R"({"type":"offer","offer":)")
      .append(body)
      .append(R"(,"name":")")
      .append(name)
      .append(R"("})");
}

class TutorialSession : public testing::TestWithParam<std::uint32_t> {
 protected:
  // Says it, and lets everything arrive.
  void say(Client& client, std::string_view text) {
    node.say(client, text);
    node.carry();
  }

  // A call that was offered and answered, with nothing left to hear.
  void call(Client& caller, Client& callee) {
    say(caller, message("offer", "1", callee.session->name()));
    say(callee, message("answer", "2", caller.session->name()));
    caller.take();
    callee.take();
  }

  Node node{GetParam()};
};

std::string number_of_workers(const testing::TestParamInfo<std::uint32_t>& parameter) {
  return std::to_string(parameter.param);
}

INSTANTIATE_TEST_SUITE_P(Workers, TutorialSession, testing::Values(1, 3), number_of_workers);

// What the server says

TEST_P(TutorialSession, GreetsFirst) {
  EXPECT_THAT(node.connect().take(), ElementsAre(kGreeting));
}

TEST_P(TutorialSession, DoesNotGreetWhenToldSo) {
  Node quiet(GetParam(), {.greeting = false, .reserved_prefix = {}});
  EXPECT_THAT(quiet.connect().take(), IsEmpty());
}

TEST_P(TutorialSession, AnswersAnythingButALoginBeforeOneWithNotAuthenticated) {
  for (const char* text :
       {R"({"type":"offer","offer":1,"name":"bob"})", R"({"type":"answer","name":"bob"})",
        R"({"type":"candidate","name":"bob"})", R"({"type":"leave"})", R"({"type":"wat"})", "{}",
        "not json", "", "[1]", "5", R"("str")", "true", "null", R"({"type":["login"]})",
        R"({"type":"login")", R"({"type":"login",})", "{\"type\":\"login\xff\"}"}) {
    Client& client = node.connect();
    client.take();
    say(client, text);
    EXPECT_THAT(client.take(), ElementsAre(kNotAuthenticated)) << text;
  }
}

TEST_P(TutorialSession, AcceptsTheRightPassword) {
  node.stored["user1"] = "password1";
  Client& client = node.connect();
  client.take();
  say(client, login("user1", "password1"));
  EXPECT_THAT(client.take(), ElementsAre(kLoggedIn));
  EXPECT_TRUE(client.session->logged_in());
  EXPECT_EQ(node.owner("user1"), client.address);
}

TEST_P(TutorialSession, AcceptsTheRightPasswordWhenItIsStoredAsAHash) {
  // Python: hashlib.pbkdf2_hmac("sha256", b"password", b"saltsalt", 1, 32)
  node.stored["user1"] =
      "$pbkdf2-sha256$i=1$c2FsdHNhbHQ$O+xIxXdlOv3CQzuTp9jujq55iV7ZO/Yn6XZ0x/Rfikw";
  Client& client = node.connect();
  client.take();
  say(client, login("user1", node.stored["user1"]));
  say(client, login("user1", "password"));
  EXPECT_THAT(client.take(), ElementsAre(kRefused, kLoggedIn));
}

TEST_P(TutorialSession, AcceptsAPasswordWithEscapes) {
  node.stored["user1"] = "p\xc3\xa4ss\"\\\n\xf0\x9f\x98\x80";
  Client& client = node.connect();
  client.take();
  say(client, R"({"type":"log\u0069n","name":"us\u0065r1",)"
              R"("password":"p\u00e4ss\"\\\n\ud83d\ude00"})");
  EXPECT_THAT(client.take(), ElementsAre(kLoggedIn));
}

TEST_P(TutorialSession, RefusesAllBadLoginsWithTheSameBytes) {
  node.stored["user1"] = "password1";
  node.stored["taken"] = "password1";
  node.stored["hash"] = "$scrypt$ln=15";
  Client& holder = node.connect();
  say(holder, login("taken", "password1"));
  for (const std::string& text :
       {login("user1", "password2"), login("user1", ""), login("nobody", "password1"),
        login("taken", "password1"), login("hash", "$scrypt$ln=15")}) {
    Client& client = node.connect();
    client.take();
    say(client, text);
    EXPECT_THAT(client.take(), ElementsAre(kRefused)) << text;
    EXPECT_FALSE(client.session->logged_in());
  }
  node.backend_up = false;
  Client& client = node.connect();
  client.take();
  say(client, login("user1", "password1"));
  EXPECT_THAT(client.take(), ElementsAre(kRefused));
}

TEST_P(TutorialSession, RelaysACallInTheTutorialsBytes) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, R"({"type":"offer","offer":{"type":"offer","sdp":"v=0\r\n"},"name":"bob"})");
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"offer","offer":{"type":"offer","sdp":"v=0\r\n"},)"
                                      R"("name":"alice"})"));
  say(bob, R"({"type":"answer","answer":{"type":"answer","sdp":"v=0\r\n"},"name":"alice"})");
  EXPECT_THAT(alice.take(),
              ElementsAre(R"({"type":"answer","answer":{"type":"answer","sdp":"v=0\r\n"}})"));
  say(alice, R"({"type":"candidate","candidate":{"candidate":"","sdpMid":"0"},"name":"bob"})");
  EXPECT_THAT(bob.take(),
              ElementsAre(R"({"type":"candidate","candidate":{"candidate":"","sdpMid":"0"}})"));
  say(bob, R"({"type":"candidate","candidate":2,"name":"alice"})");
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"candidate","candidate":2})"));
  say(alice, R"({"type":"leave","name":"bob"})");
  EXPECT_THAT(bob.take(), ElementsAre(kLeft));
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(TutorialSession, RelaysAnyValueVerbatim) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  for (const char* body :
       {"1e400", "-1E-999", "1180591620717411303424", "0.10", "-0", "\"\\ud800\"", "\"\\u0041\\/\"",
        R"({"b":1,"a":2,"a":3})", "[ 1 ,\t2 , {} , [ ] ]", "{ \"x\" :\n [ true,false , null ] }",
        "null", "true", "\"\"", "\"\xf0\x9f\x98\x80\"", "\"}\"", "\"\\\\\""}) {
    say(alice, std::string(R"({"type":"offer" , "name":"bob", "offer": )").append(body) + " }");
    EXPECT_THAT(bob.take(), ElementsAre(offer_from("alice", body)));
    say(bob, message("answer", body, "alice"));
    EXPECT_THAT(alice.take(),
                ElementsAre(std::string(R"({"type":"answer","answer":)").append(body) + "}"));
    say(alice, message("candidate", body, "bob"));
    EXPECT_THAT(bob.take(),
                ElementsAre(std::string(R"({"type":"candidate","candidate":)").append(body) + "}"));
  }
}

TEST_P(TutorialSession, LeavesOutABodyThatIsAbsent) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, R"({"type":"offer","name":"bob","answer":1})");
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"offer","name":"alice"})"));
  say(bob, R"({"type":"answer","name":"alice"})");
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer"})"));
  say(bob, R"({"type":"candidate","name":"alice"})");
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"candidate"})"));
}

TEST_P(TutorialSession, QuotesTheCallersName) {
  Client& alice = node.connect();
  node.stored["a\"\\\xc3\xa9"] = "x";
  say(alice, login("a\\\"\\\\\xc3\xa9", "x"));
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  EXPECT_THAT(bob.take(), ElementsAre(offer_from("a\\\"\\\\\xc3\xa9", "1")));
  say(bob, message("answer", "1", "a\\\"\\\\\xc3\xa9"));
  EXPECT_THAT(alice.take(), testing::Contains(R"({"type":"answer","answer":1})"));
}

TEST_P(TutorialSession, NamesAnUnknownCommandAsJavaScriptDoes) {
  Client& alice = node.user("alice");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"type":"wat"})", "wat"},
      {"{}", "undefined"},
      {"garbage", "undefined"},
      {"[1]", "undefined"},
      {"null", "undefined"},
      {"5", "undefined"},
      {R"("str")", "undefined"},
      {R"({"type":5})", "5"},
      {R"({"type":null})", "null"},
      {R"({"type":true})", "true"},
      {R"({"type":[1,2]})", "1,2"},
      {R"({"type":[1,[2,null],{"a":[1]}]})", "1,2,,[object Object]"},
      {R"({"type":{}})", "[object Object]"},
      {R"({"type":1e21})", "1e+21"},
      {R"({"type":-0})", "0"},
      {R"({"type":""})", ""},
      {R"({"type":"a\"\n\u0001\ud800\ud83d\ude00"})", "a\\\"\\n\\u0001\\ud800\xf0\x9f\x98\x80"},
      {R"({"type":["login"]})", "login"},
      {R"({"type":"Login"})", "Login"},
  };
  for (const auto& [text, shown] : cases) {
    say(alice, text);
    EXPECT_THAT(alice.take(), ElementsAre(no_command(shown))) << text;
  }
}

// Where the tutorial's server crashes or lets people in

TEST_P(TutorialSession, IgnoresALeaveToNobody) {
  Client& alice = node.user("alice");
  for (const std::string& text :
       {leave("nobody"), leave("alice"), leave("toString"), leave(""),
        std::string(R"({"type":"leave"})"), std::string(R"({"type":"leave","name":5})")}) {
    say(alice, text);
    EXPECT_THAT(alice.take(), IsEmpty()) << text;
  }
}

TEST_P(TutorialSession, ALeaveWithoutNameClearsTheOwnCalls) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(alice, bob);
  say(alice, R"({"type":"leave"})");
  EXPECT_THAT(bob.take(), IsEmpty());
  say(bob, message("candidate", "1", "alice"));
  EXPECT_THAT(alice.take(), IsEmpty());
  say(alice, message("candidate", "1", "bob"));
  EXPECT_THAT(bob.take(), IsEmpty());
}

TEST_P(TutorialSession, ALeaveIsHeardOnce) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(alice, bob);
  say(alice, leave("bob"));
  say(alice, leave("bob"));
  say(bob, leave("alice"));
  EXPECT_THAT(bob.take(), ElementsAre(kLeft));
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(TutorialSession, NamesOfJavaScriptsObjectsAreOrdinaryNames) {
  Client& alice = node.user("alice");
  for (const char* name : {"toString", "__proto__", "constructor", "hasOwnProperty"}) {
    say(alice, message("offer", "1", name));
    say(alice, leave(name));
    EXPECT_THAT(alice.take(), IsEmpty());
    Client& other = node.user(name);
    EXPECT_EQ(node.owner(name), other.address);
    call(alice, other);
    say(alice, leave(name));
    EXPECT_THAT(other.take(), ElementsAre(kLeft));
  }
}

TEST_P(TutorialSession, RefusesAPasswordThatIsNoStringWithoutLookingItUp) {
  node.stored["user1"] = "null";
  for (const char* text :
       {R"({"type":"login","name":"user1"})", R"({"type":"login","name":"user1","password":null})",
        R"({"type":"login","name":"user1","password":5})",
        R"({"type":"login","name":"user1","password":["null"]})",
        R"({"type":"login","name":"user1","password":{}})",
        R"({"type":"login","name":"user1","password":"\ud800"})"}) {
    Client& client = node.connect();
    client.take();
    say(client, text);
    EXPECT_THAT(client.take(), ElementsAre(kRefused)) << text;
  }
  EXPECT_EQ(node.checks(), 0U);
}

TEST_P(TutorialSession, RefusesANameThatCannotBeOneWithoutLookingItUp) {
  const std::string quoted_129(129, 'n');
  for (const std::string& name :
       {std::string("null"), std::string("5"), std::string("[\"user1\"]"), std::string("{}"),
        std::string("\"\""), "\"" + quoted_129 + "\"", std::string("\"a\\u0000\""),
        std::string("\"\\n\""), std::string("\"\\u007f\""), std::string("\"\\u0085\""),
        std::string("\"\\ud800\""), std::string("\"hg:u:{x}\""), std::string("\"hg:\"")}) {
    Client& client = node.connect();
    client.take();
    say(client, R"({"type":"login","password":"x","name":)" + name + "}");
    EXPECT_THAT(client.take(), ElementsAre(kRefused)) << name;
  }
  Client& client = node.connect();
  client.take();
  say(client, R"({"type":"login","password":"x"})");
  EXPECT_THAT(client.take(), ElementsAre(kRefused));
  EXPECT_EQ(node.checks(), 0U);
}

TEST_P(TutorialSession, AcceptsANameOf128Bytes) {
  Client& client = node.user(std::string(128, 'n'));
  EXPECT_TRUE(client.session->logged_in());
}

TEST_P(TutorialSession, ALoginWhoseSocketClosesLeavesTheNameFree) {
  node.stored["user1"] = "x";
  node.hold_logins = true;
  Client& gone = node.connect();
  say(gone, login("user1", "x"));
  node.disconnect(gone);
  node.answer_logins();
  node.carry();
  EXPECT_EQ(node.owner("user1"), std::nullopt);
  node.hold_logins = false;
  Client& next = node.user("user1");
  EXPECT_EQ(node.owner("user1"), std::nullopt);
  next.take();
  say(next, login("user1", "x"));
  EXPECT_THAT(next.take(), ElementsAre(kLoggedIn));
}

TEST_P(TutorialSession, AClaimWhoseSocketClosesLeavesTheNameFree) {
  node.stored["user1"] = "x";
  node.hold_logins = true;
  Client& gone = node.connect();
  node.say(gone, login("user1", "x"));
  node.answer_logins();  // with three workers, the claim is on its way now
  node.disconnect(gone);
  node.carry();
  EXPECT_EQ(node.owner("user1"), std::nullopt);
}

TEST_P(TutorialSession, ASecondLoginReleasesTheOldName) {
  Client& client = node.user("user1");
  Client& bob = node.user("bob");
  node.stored["user2"] = "x";
  call(client, bob);
  say(client, login("user2", "x"));
  EXPECT_THAT(client.take(), ElementsAre(kLoggedIn));
  EXPECT_THAT(bob.take(), ElementsAre(kLeft));
  EXPECT_EQ(node.owner("user1"), std::nullopt);
  EXPECT_EQ(node.owner("user2"), client.address);
  node.disconnect(client);
  node.carry();
  EXPECT_EQ(node.owner("user2"), std::nullopt);
}

TEST_P(TutorialSession, AFailedSecondLoginChangesNothing) {
  Client& client = node.user("user1");
  Client& bob = node.user("bob");
  call(client, bob);
  say(client, login("user2", "x"));
  say(client, login("bob", "password of bob"));
  EXPECT_THAT(client.take(), ElementsAre(kRefused, kRefused));
  EXPECT_EQ(node.owner("user1"), client.address);
  say(client, message("candidate", "1", "bob"));
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"candidate","candidate":1})"));
}

TEST_P(TutorialSession, ASecondLoginUnderTheSameNameKeepsNameAndCalls) {
  Client& client = node.user("user1");
  Client& bob = node.user("bob");
  call(client, bob);
  say(client, login("user1", "password of user1"));
  EXPECT_THAT(client.take(), ElementsAre(kLoggedIn));
  EXPECT_THAT(bob.take(), IsEmpty());
  EXPECT_EQ(node.owner("user1"), client.address);
}

TEST_P(TutorialSession, ADisconnectEndsTheCallAndFreesTheName) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(alice, bob);
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(bob.take(), ElementsAre(kLeft));
  EXPECT_EQ(node.owner("alice"), std::nullopt);
  EXPECT_TRUE(node.user("alice").session->logged_in());
}

TEST_P(TutorialSession, ADisconnectWhileRingingIsHeardByTheOtherEnd) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  bob.take();
  node.disconnect(bob);
  node.carry();
  EXPECT_THAT(alice.take(), ElementsAre(kLeft));

  Client& carol = node.user("carol");
  say(alice, message("offer", "1", "carol"));
  carol.take();
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(carol.take(), ElementsAre(kLeft));
}

TEST_P(TutorialSession, ADisconnectWithoutCallIsHeardByNobody) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(alice, bob);
  say(alice, leave("bob"));
  bob.take();
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(bob.take(), IsEmpty());
}

TEST_P(TutorialSession, DropsWhatBelongsToNoCall) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  Client& mallory = node.user("mallory");
  call(alice, bob);
  for (const char* type : {"answer", "candidate"}) {
    say(mallory, message(type, "1", "alice"));
    say(mallory, message(type, "1", "mallory"));
  }
  say(mallory, leave("alice"));
  EXPECT_THAT(alice.take(), IsEmpty());
  EXPECT_THAT(mallory.take(), IsEmpty());
  say(bob, message("candidate", "3", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"candidate","candidate":3})"));
}

TEST_P(TutorialSession, AnOfferToAnAbsentUserMakesNoCallForHimWhoComesLater) {
  Client& mallory = node.user("mallory");
  say(mallory, message("offer", "1", "alice"));
  Client& alice = node.user("alice");
  say(mallory, message("candidate", "1", "alice"));
  say(mallory, leave("alice"));
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(TutorialSession, AnOpenRelayBringsAnythingToAnybody) {
  Node open(GetParam(), {.open_relay = true});
  Client& alice = open.user("alice");
  Client& mallory = open.user("mallory");
  open.say(mallory, message("answer", "1", "alice"));
  open.say(mallory, message("candidate", "2", "alice"));
  open.say(mallory, leave("alice"));
  open.say(mallory, leave("nobody"));
  open.carry();
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer","answer":1})",
                                        R"({"type":"candidate","candidate":2})", kLeft));
  open.say(mallory, message("answer", "1", "mallory"));
  open.say(mallory, leave("mallory"));
  open.carry();
  EXPECT_THAT(mallory.take(), ElementsAre(R"({"type":"answer","answer":1})", kLeft));
}

TEST_P(TutorialSession, OfTwoLoginsWithOneNameExactlyOneWins) {
  node.stored["user1"] = "x";
  node.hold_logins = true;
  Client& first = node.connect();
  Client& second = node.connect();
  Client& third = node.connect();
  for (Client* client : {&first, &second, &third}) {
    client->take();
    node.say(*client, login("user1", "x"));
  }
  node.answer_logins();
  node.carry();
  std::vector<std::string> heard;
  for (Client* client : {&first, &second, &third}) {
    for (const std::string& text : client->take()) heard.push_back(text);
  }
  EXPECT_THAT(heard, testing::UnorderedElementsAre(kLoggedIn, kRefused, kRefused));
}

TEST_P(TutorialSession, AnOfferToAnAbsentUserIsMetWithSilence) {
  Client& alice = node.user("alice");
  for (const char* name : {"nobody", "", "hg:x", "a\\u0000"}) {
    say(alice, message("offer", "1", name));
    EXPECT_THAT(alice.take(), IsEmpty()) << name;
  }
  say(alice, R"({"type":"offer","offer":1})");
  say(alice, R"({"type":"offer","offer":1,"name":["bob"]})");
  EXPECT_THAT(alice.take(), IsEmpty());
}

TEST_P(TutorialSession, AnOfferToOneselfComesBack) {
  Client& alice = node.user("alice");
  say(alice, message("offer", "{}", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(offer_from("alice", "{}")));
}

TEST_P(TutorialSession, TheLastOfDuplicateMembersCounts) {
  node.stored["user1"] = "x";
  Client& client = node.connect();
  client.take();
  say(client, R"({"type":"offer","name":"a","password":"b","type":"login",)"
              R"("name":"user1","p\u0061ssword":"x"})");
  EXPECT_THAT(client.take(), ElementsAre(kLoggedIn));
  Client& bob = node.user("bob");
  say(client, R"({"type":"offer","offer":1,"name":"bob","offer":2})");
  EXPECT_THAT(bob.take(), ElementsAre(offer_from("user1", "2")));
}

TEST_P(TutorialSession, RelaysAsDeepAsTheLimitAndNoDeeper) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  say(alice, message("offer", nested(1023), "bob"));
  EXPECT_THAT(bob.take(), ElementsAre(offer_from("alice", nested(1023))));
  say(alice, message("offer", nested(1024), "bob"));
  EXPECT_THAT(bob.take(), IsEmpty());
  EXPECT_THAT(alice.take(), ElementsAre(no_command("undefined")));
}

TEST_P(TutorialSession, CallsGoOnWhileTheBackendIsDown) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  node.backend_up = false;
  call(alice, bob);
  say(bob, message("candidate", "1", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"candidate","candidate":1})"));
}

// Messages that wait for a login

TEST_P(TutorialSession, MessagesWaitForALoginInOrder) {
  Client& bob = node.user("bob");
  node.stored["alice"] = "x";
  node.hold_logins = true;
  Client& alice = node.connect();
  alice.take();
  say(alice, login("alice", "x"));
  say(alice, message("offer", "1", "bob"));
  say(alice, message("candidate", "2", "bob"));
  say(alice, R"({"type":"wat"})");
  say(alice, message("candidate", "3", "bob"));
  EXPECT_THAT(alice.take(), IsEmpty());
  node.answer_logins();
  node.carry();
  EXPECT_THAT(alice.take(), ElementsAre(kLoggedIn, no_command("wat")));
  EXPECT_THAT(bob.take(),
              ElementsAre(offer_from("alice", "1"), R"({"type":"candidate","candidate":2})",
                          R"({"type":"candidate","candidate":3})"));
}

TEST_P(TutorialSession, MessagesThatWaitedForAFailedLoginAreNotAuthenticated) {
  node.hold_logins = true;
  Client& alice = node.connect();
  alice.take();
  say(alice, login("alice", "x"));
  say(alice, message("offer", "1", "bob"));
  node.answer_logins();
  node.carry();
  EXPECT_THAT(alice.take(), ElementsAre(kRefused, kNotAuthenticated));
}

TEST_P(TutorialSession, ALoginThatWaitedForALoginIsCheckedNext) {
  node.stored["user1"] = "x";
  node.stored["user2"] = "x";
  node.hold_logins = true;
  Client& client = node.connect();
  client.take();
  say(client, login("user1", "wrong"));
  say(client, login("user2", "x"));
  say(client, "{}");
  say(client, login("user1", "x"));
  say(client, "{}");
  for (int i = 0; i < 3; ++i) {
    node.answer_logins();
    node.carry();
  }
  EXPECT_THAT(client.take(), ElementsAre(kRefused, kLoggedIn, no_command("undefined"), kLoggedIn,
                                         no_command("undefined")));
  EXPECT_EQ(node.owner("user1"), client.address);
  EXPECT_EQ(node.owner("user2"), std::nullopt);
}

TEST_P(TutorialSession, SixtyFourMessagesMayWait) {
  node.hold_logins = true;
  Client& client = node.connect();
  client.take();
  say(client, login("alice", "x"));
  for (int i = 0; i < 64; ++i) say(client, "{}");
  EXPECT_EQ(client.closed_with, std::nullopt);
  node.answer_logins();
  node.carry();
  EXPECT_EQ(client.take().size(), 65U);
}

TEST_P(TutorialSession, TheSixtyFifthMessageThatWaitsClosesTheConnection) {
  node.stored["alice"] = "x";
  node.hold_logins = true;
  Client& client = node.connect();
  client.take();
  node.say(client, login("alice", "x"));
  for (int i = 0; i < 65; ++i) node.say(client, "{}");
  EXPECT_EQ(client.closed_with, 1008);
  node.answer_logins();
  node.carry();
  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_EQ(node.owner("alice"), std::nullopt);
}

TEST_P(TutorialSession, AsManyBytesAsTheLimitMayWaitAndNotOneMore) {
  node.hold_logins = true;
  const std::string quarter(64UZ * 1024, ' ');
  for (const bool one_more : {false, true}) {
    Client& client = node.connect();
    node.say(client, login("alice", "x"));
    for (int i = 0; i < 4; ++i) node.say(client, quarter);
    if (one_more) node.say(client, " ");
    EXPECT_EQ(client.closed_with.has_value(), one_more);
  }
}

// Glare

TEST_P(TutorialSession, OfTwoOffersAtOnceOneArrives) {
  for (const bool alice_first : {true, false}) {
    Node fresh(GetParam());
    Client& alice = fresh.user("alice");
    Client& bob = fresh.user("bob");
    Client& first = alice_first ? alice : bob;
    Client& second = alice_first ? bob : alice;
    for (Client* client : {&first, &second}) {
      const char* const other = client == &alice ? "bob" : "alice";
      fresh.say(*client, message("offer", "1", other));
      fresh.say(*client, message("candidate", "2", other));
    }
    fresh.carry();
    // At once, the first is delivered before the second; crossing, the smaller name wins.
    const bool alice_wins = GetParam() > 1 || alice_first;
    Client& winner = alice_wins ? alice : bob;
    Client& loser = alice_wins ? bob : alice;
    const std::string winner_name(winner.session->name());
    const std::string loser_name(loser.session->name());
    EXPECT_THAT(winner.take(), IsEmpty());
    EXPECT_THAT(loser.take(),
                ElementsAre(offer_from(winner_name, "1"), R"({"type":"candidate","candidate":2})"));

    // The loser's candidates are held back until it answers.
    fresh.say(loser, message("candidate", "3", winner_name));
    fresh.say(loser, message("answer", "4", winner_name));
    fresh.say(loser, message("candidate", "5", winner_name));
    fresh.carry();
    EXPECT_THAT(winner.take(), ElementsAre(R"({"type":"answer","answer":4})",
                                           R"({"type":"candidate","candidate":5})"));
    fresh.say(winner, message("candidate", "6", loser_name));
    fresh.carry();
    EXPECT_THAT(loser.take(), ElementsAre(R"({"type":"candidate","candidate":6})"));
  }
}

TEST_P(TutorialSession, ACalleeMaySendCandidatesBeforeItsAnswer) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  say(bob, message("candidate", "2", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"candidate","candidate":2})"));
}

TEST_P(TutorialSession, AnOfferMayGoBackOnceTheOtherWasAnswered) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(alice, bob);
  say(bob, message("offer", "7", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(offer_from("bob", "7")));
}

TEST_P(TutorialSession, AnOfferMayGoBackOnceTheOtherWasLeft) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  say(bob, leave("alice"));
  say(bob, message("offer", "2", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(kLeft, offer_from("bob", "2")));
}

TEST_P(TutorialSession, AnOfferMayGoBackOnceTheCallerCameBack) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  node.disconnect(alice);
  node.carry();
  Client& again = node.user("alice");
  say(bob, message("offer", "2", "alice"));
  EXPECT_THAT(again.take(), ElementsAre(offer_from("bob", "2")));
}

TEST_P(TutorialSession, AnUnansweredOfferStopsTheOtherFor30Seconds) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  node.pass(29'999);
  say(bob, message("offer", "2", "alice"));
  EXPECT_THAT(alice.take(), IsEmpty());
  node.pass(1);
  say(bob, message("offer", "3", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(offer_from("bob", "3")));
}

TEST_P(TutorialSession, AnAnswerMayTakeLongerThan30Seconds) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  say(alice, message("offer", "1", "bob"));
  node.pass(60'000);
  say(bob, message("answer", "2", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(R"({"type":"answer","answer":2})"));
}

TEST_P(TutorialSession, AnOfferThatFoundNobodyDoesNotStopTheOther) {
  Client& alice = node.user("alice");
  say(alice, message("offer", "1", "bob"));
  Client& bob = node.user("bob");
  say(bob, message("offer", "2", "alice"));
  EXPECT_THAT(alice.take(), ElementsAre(offer_from("bob", "2")));
  say(alice, message("answer", "3", "bob"));
  EXPECT_THAT(bob.take(), ElementsAre(R"({"type":"answer","answer":3})"));
}

TEST_P(TutorialSession, GlareWithinARunningCallIsSettledToo) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  call(bob, alice);
  node.say(alice, message("offer", "1", "bob"));
  node.say(bob, message("offer", "2", "alice"));
  node.carry();
  EXPECT_THAT(bob.take(), ElementsAre(offer_from("alice", "1")));
  EXPECT_THAT(alice.take(), IsEmpty());
}

// Several calls

TEST_P(TutorialSession, AUserMayBeInSeveralCalls) {
  Client& alice = node.user("alice");
  Client& bob = node.user("bob");
  Client& carol = node.user("carol");
  call(alice, bob);
  call(carol, alice);
  node.disconnect(alice);
  node.carry();
  EXPECT_THAT(bob.take(), ElementsAre(kLeft));
  EXPECT_THAT(carol.take(), ElementsAre(kLeft));
}

TEST_P(TutorialSession, TheOldestUnansweredCallMakesRoomForTheSeventeenth) {
  Client& alice = node.user("alice");
  std::vector<Client*> others;
  for (int i = 0; i < 17; ++i) others.push_back(&node.user("user" + std::to_string(i)));
  for (int i = 0; i < 17; ++i) say(alice, message("offer", "1", "user" + std::to_string(i)));
  for (Client* other : others) {
    EXPECT_EQ(other->take().size(), 1U);
    say(*other, message("answer", "2", "alice"));
  }
  EXPECT_EQ(alice.take().size(), 16U);
  say(alice, message("candidate", "3", "user0"));
  EXPECT_THAT(others[0]->take(), IsEmpty());
  say(alice, message("candidate", "3", "user1"));
  EXPECT_EQ(others[1]->take().size(), 1U);
}

TEST_P(TutorialSession, AnsweredCallsAreNotGivenUpForAnother) {
  Client& alice = node.user("alice");
  std::vector<Client*> others;
  for (int i = 0; i < 17; ++i) {
    others.push_back(&node.user("user" + std::to_string(i)));
    if (i < 16) call(alice, *others.back());
  }
  say(alice, message("offer", "1", "user16"));
  say(*others[16], message("offer", "1", "alice"));
  EXPECT_THAT(others[16]->take(), IsEmpty());
  EXPECT_THAT(alice.take(), IsEmpty());
}

// Answers that come too late

TEST(Session, IgnoresAnswersToQuestionsThatItDoesNotAsk) {
  const Settings settings;
  TutorialDialect dialect;
  Session session({.node = 1, .worker = 0, .connection = 1}, settings, dialect);
  Effects effects;
  session.credential_checked(1, true, 0, effects);
  session.name_claimed(1, true, 0, effects);
  EXPECT_TRUE(effects.empty());

  session.receive(as_bytes(login("alice", "x")), 0, effects);
  ASSERT_EQ(effects.list().size(), 1U);
  const LoginId login_id = effects.list()[0].login;
  effects.clear();
  session.name_claimed(login_id, true, 0, effects);
  session.credential_checked(login_id + 1, true, 0, effects);
  session.credential_checked(login_id - 1, true, 0, effects);
  EXPECT_TRUE(effects.empty());
  session.credential_checked(login_id, true, 0, effects);
  ASSERT_EQ(effects.list().size(), 1U);
  EXPECT_EQ(effects.list()[0].kind, Effect::Kind::kClaimName);
  effects.clear();
  session.credential_checked(login_id, true, 0, effects);
  EXPECT_TRUE(effects.empty());
  EXPECT_FALSE(session.logged_in());
}

TEST(Session, TellsWhenToComeBackWhoHasAWordForIt) {
  const Settings settings;
  TutorialDialect tutorial;
  HeliographDialect heliograph(25'000);
  Effects effects;
  Session(Address{}, settings, tutorial).go_away(1500, effects);
  EXPECT_TRUE(effects.empty());
  Session(Address{}, settings, heliograph).go_away(1500, effects);
  ASSERT_EQ(effects.list().size(), 1U);
  EXPECT_EQ(effects.list()[0].kind, Effect::Kind::kReply);
}

TEST(Session, RelaysWithoutCopyingTheBody) {
  const Settings settings;
  TutorialDialect dialect;
  Session session({.node = 1, .worker = 0, .connection = 1}, settings, dialect);
  Effects effects;
  const auto receive = [&](const std::string& text) {
    effects.clear();
    session.receive(as_bytes(text), 0, effects);
  };
  receive(login("alice", "x"));
  const LoginId login_id = effects.list()[0].login;
  session.credential_checked(login_id, true, 0, effects);
  session.name_claimed(login_id, true, 0, effects);
  receive(message("offer", "1", "bob"));

  const std::string candidate = message("candidate", R"({"candidate":"x"})", "bob");
  receive(candidate);
  ASSERT_EQ(effects.list().size(), 1U);
  const Envelope& envelope = effects.list()[0].envelope;
  EXPECT_EQ(envelope.body->data(), candidate.data() + candidate.find("{\"candidate\":"));
  EXPECT_EQ(envelope.to.data(), candidate.data() + candidate.find("bob"));
  EXPECT_EQ(envelope.from, "alice");
}

// A connection that only waits must cost little.
static_assert(sizeof(Session) <= 160);

}  // namespace
}  // namespace heliograph::signal

#include "signal/dialect_heliograph.hpp"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heliograph::signal {
namespace {

using testing::ElementsAre;
using Kind = Command::Kind;

class HeliographDialectTest : public testing::Test {
 protected:
  Command read(std::string_view message) {
    buffer = std::string(message).append("}}}}");
    effects.clear();
    return dialect.read(as_bytes(buffer).first(message.size()), effects);
  }

  // The error of a message that cannot be read.
  std::optional<Error> error_of(std::string_view message) {
    const Command command = read(message);
    if (command.kind != Kind::kMalformed) return std::nullopt;
    return command.error;
  }

  std::string written(const Event& event) {
    effects.clear();
    dialect.write(event, effects);
    std::string text;
    for (const Effect& effect : effects.list()) {
      for (const std::string_view piece : effect.reply.pieces()) text += piece;
    }
    return text;
  }

  HeliographDialect dialect;
  Effects effects;
  std::string buffer;
};

// Reading

TEST_F(HeliographDialectTest, ReadsTheMessagesOfACall) {
  for (const auto& [type, kind] :
       {std::pair("offer", Kind::kOffer), std::pair("answer", Kind::kAnswer),
        std::pair("candidate", Kind::kCandidate)}) {
    const std::string text = std::string(R"({"call":"c-1_","x":[],"type":")") + type +
                             R"(","to":"bob",")" + type + R"(": {"a" : 1.0e0, "a":"\ud800"} })";
    const Command command = read(text);
    EXPECT_EQ(command.kind, kind) << type;
    EXPECT_EQ(command.name, "bob");
    EXPECT_EQ(command.call, "c-1_");
    EXPECT_EQ(command.body, R"({"a" : 1.0e0, "a":"\ud800"})");
  }
  const Command leave = read(R"({"type":"leave","to":"b\"ob","call":"c"})");
  EXPECT_EQ(leave.kind, Kind::kLeave);
  EXPECT_EQ(leave.name, "b\"ob");
  EXPECT_EQ(read(R"({"type":"busy","to":"bob","call":"c"})").kind, Kind::kBusy);
}

TEST_F(HeliographDialectTest, ReadsEveryWayToLogIn) {
  const Command password = read(R"({"type":"login","name":"alice","password":""})");
  EXPECT_EQ(password.kind, Kind::kLogin);
  EXPECT_EQ(password.proof, Command::Proof::kPassword);
  EXPECT_EQ(password.password, "");
  const Command ticket = read(R"({"type":"login","ticket":"a.b.c.d"})");
  EXPECT_EQ(ticket.proof, Command::Proof::kTicket);
  EXPECT_EQ(ticket.token, "a.b.c.d");
  EXPECT_EQ(read(R"({"type":"login","certificate":true})").proof, Command::Proof::kCertificate);
  EXPECT_EQ(read(R"({"type":"login","certificate":true,"name":"a"})").name, "a");
}

TEST_F(HeliographDialectTest, OneLoginHasOneProof) {
  for (const char* text :
       {R"({"type":"login"})", R"({"type":"login","name":"a"})",
        R"({"type":"login","name":"a","password":"b","ticket":"c"})",
        R"({"type":"login","certificate":true,"ticket":"c"})",
        R"({"type":"login","certificate":false})",
        R"({"type":"login","certificate":true,"name":1})", R"({"type":"login","password":"b"})",
        R"({"type":"login","name":"a","password":null})", R"({"type":"login","ticket":5})"}) {
    EXPECT_EQ(error_of(text), Error::kBadMessage) << text;
  }
}

TEST_F(HeliographDialectTest, ReadsTheOthers) {
  EXPECT_EQ(read(R"({"type":"resume","token":"t"})").token, "t");
  EXPECT_EQ(read(R"({"type":"logout"})").kind, Kind::kLogout);
  EXPECT_EQ(read(R"({"type":"ice"})").kind, Kind::kIce);
  EXPECT_EQ(read(R"({"type":"ping"})").kind, Kind::kPing);
  EXPECT_EQ(read(R"({"type":"join","room":"r"})").room, "r");
  EXPECT_EQ(read(R"({"type":"part","room":"r"})").kind, Kind::kPart);
  const Command names = read(R"({"type":"subscribe","names":[ "a" , "b\u0063" ]})");
  EXPECT_EQ(names.kind, Kind::kSubscribe);
  EXPECT_THAT(names.names, ElementsAre("a", "bc"));
  EXPECT_EQ(read(R"({"type":"unsubscribe","names":[]})").kind, Kind::kUnsubscribe);
}

TEST_F(HeliographDialectTest, WhatIsNoObjectIsBadJson) {
  for (const char* text :
       {"", "[]", "5", "null", "\"x\"", "{", R"({"type":"ping",})", "{\"type\":\"\xff\"}"}) {
    EXPECT_EQ(error_of(text), Error::kBadJson) << text;
  }
}

TEST_F(HeliographDialectTest, ATypeIsAString) {
  for (const char* text : {"{}", R"({"type":5})", R"({"type":null})", R"({"type":["ping"]})"}) {
    EXPECT_EQ(error_of(text), Error::kBadMessage) << text;
  }
  EXPECT_EQ(read(R"({"type":"Ping"})").kind, Kind::kUnknown);
  EXPECT_EQ(read(R"({"type":""})").kind, Kind::kUnknown);
}

TEST_F(HeliographDialectTest, ACallIdHas1To64OfItsCharacters) {
  const auto error = [&](const std::string& id) {
    return error_of(R"({"type":"leave","to":"bob","call":")" + id + R"("})");
  };
  EXPECT_EQ(error(std::string(64, 'x')), std::nullopt);
  EXPECT_EQ(error(std::string(65, 'x')), Error::kBadMessage);
  for (const char* id : {"", "a b", "a.b", "\xc3\xa4", "\\u0000", "a\\\""}) {
    EXPECT_EQ(error(id), Error::kBadMessage) << id;
  }
}

TEST_F(HeliographDialectTest, AnErrorNamesTheCallIfThatIsReadable) {
  EXPECT_EQ(read(R"({"type":"offer","to":"bob","call":"c"})").call, "c");
  EXPECT_EQ(read(R"({"type":"offer","to":5,"call":"c","offer":1})").call, "c");
  EXPECT_EQ(read(R"({"type":"offer","to":"bob","call":"c!","offer":1})").call, "");
}

TEST_F(HeliographDialectTest, ListsHave128NamesAndNotMore) {
  const auto list = [](std::size_t count) {
    std::string text = R"({"type":"subscribe","names":["n")";
    for (std::size_t i = 1; i < count; ++i) text += R"(,"n")";
    return text + "]}";
  };
  EXPECT_EQ(read(list(128)).names.size(), 128U);
  EXPECT_EQ(error_of(list(129)), Error::kTooManyNames);
}

TEST_F(HeliographDialectTest, NamesAndRoomsAreNames) {
  EXPECT_EQ(error_of(R"({"type":"subscribe","names":[""]})"), Error::kBadName);
  EXPECT_EQ(error_of(R"({"type":"subscribe","names":["\u0001"]})"), Error::kBadName);
  EXPECT_EQ(error_of(R"({"type":"subscribe","names":["a",5]})"), Error::kBadMessage);
  EXPECT_EQ(error_of(R"({"type":"subscribe","names":"a"})"), Error::kBadMessage);
  EXPECT_EQ(error_of(R"({"type":"subscribe"})"), Error::kBadMessage);
  EXPECT_EQ(error_of(R"({"type":"join","room":""})"), Error::kBadName);
  EXPECT_EQ(error_of(R"({"type":"join","room":")" + std::string(128, 'r') + R"("})"), std::nullopt);
  EXPECT_EQ(error_of(R"({"type":"join","room":")" + std::string(129, 'r') + R"("})"),
            Error::kBadName);
  EXPECT_EQ(error_of(R"({"type":"join"})"), Error::kBadMessage);
}

TEST_F(HeliographDialectTest, TokensAreNotEmptyAndNotLong) {
  const auto error = [&](std::size_t size) {
    return error_of(R"({"type":"resume","token":")" + std::string(size, 't') + R"("})");
  };
  EXPECT_EQ(error(0), Error::kBadMessage);
  EXPECT_EQ(error(256), std::nullopt);
  EXPECT_EQ(error(257), Error::kBadMessage);
}

// Writing

TEST_F(HeliographDialectTest, WritesTheMessagesOfACall) {
  EXPECT_EQ(written({.kind = Event::Kind::kOffer,
                     .name = "bob",
                     .body = R"({ "a":1.0})",
                     .call = "c",
                     .polite = true}),
            R"({"type":"offer","from":"bob","call":"c","offer":{ "a":1.0},"polite":true})");
  EXPECT_EQ(written({.kind = Event::Kind::kAnswer, .name = "b\"", .body = "1", .call = "c"}),
            R"({"type":"answer","from":"b\"","call":"c","answer":1})");
  EXPECT_EQ(written({.kind = Event::Kind::kCandidate, .name = "bob", .call = "c"}),
            R"({"type":"candidate","from":"bob","call":"c","candidate":null})");
  EXPECT_EQ(written({.kind = Event::Kind::kLeave, .name = "bob", .call = "c"}),
            R"({"type":"leave","from":"bob","call":"c","reason":"left"})");
  EXPECT_EQ(written({.kind = Event::Kind::kLeave, .name = "bob", .call = "c", .gone = true}),
            R"({"type":"leave","from":"bob","call":"c","reason":"gone"})");
  EXPECT_EQ(written({.kind = Event::Kind::kBusy, .name = "bob", .call = "c"}),
            R"({"type":"busy","from":"bob","call":"c"})");
  EXPECT_EQ(written({.kind = Event::Kind::kUnavailable, .name = "bob", .call = "c"}),
            R"({"type":"unavailable","to":"bob","call":"c"})");
}

TEST_F(HeliographDialectTest, WritesAWelcome) {
  EXPECT_EQ(written({.kind = Event::Kind::kLoggedIn, .name = "alice"}),
            R"({"type":"welcome","name":"alice","resumed":false,"heartbeat":25,"ice_servers":[],)"
            R"("ice_ttl":0})");
  auto servers = IceServers::make({"turn:t"}, as_bytes("north"), 3600);
  dialect.use_ice(std::make_shared<IceServers>(std::move(*servers)));
  dialect.tell_time(1'699'996'400);
  EXPECT_EQ(written({.kind = Event::Kind::kLoggedIn,
                     .name = "alice",
                     .resumed = true,
                     .token = "t1",
                     .resume_time = 30'000}),
            R"({"type":"welcome","name":"alice","resumed":true,"received":0,)"
            R"("resume":{"token":"t1","seconds":30},"heartbeat":25,)"
            R"("ice_servers":[{"urls":["turn:t"],"username":"1700000000:alice",)"
            R"("credential":"Cd/49soE35ICqcJF/bCTn8Z4OyE="}],"ice_ttl":3600})");
}

TEST_F(HeliographDialectTest, WritesTheOthers) {
  const std::array<std::string_view, 2> members = {"al\\ice", "bob"};
  EXPECT_EQ(written({.kind = Event::Kind::kGreeting}), "");
  EXPECT_EQ(written({.kind = Event::Kind::kIce, .name = "alice"}),
            R"({"type":"ice","ice_servers":[],"ice_ttl":0})");
  EXPECT_EQ(written({.kind = Event::Kind::kPong}), R"({"type":"pong"})");
  EXPECT_EQ(written({.kind = Event::Kind::kPresence, .name = "bob", .online = true}),
            R"({"type":"presence","name":"bob","online":true})");
  EXPECT_EQ(written({.kind = Event::Kind::kRoom, .room = "r", .names = members}),
            R"({"type":"room","room":"r","members":["al\\ice","bob"]})");
  EXPECT_EQ(written({.kind = Event::Kind::kRoom, .room = "r"}),
            R"({"type":"room","room":"r","members":[]})");
  EXPECT_EQ(written({.kind = Event::Kind::kJoined, .name = "bob", .room = "r"}),
            R"({"type":"joined","room":"r","name":"bob"})");
  EXPECT_EQ(written({.kind = Event::Kind::kLeft, .name = "bob", .room = "r"}),
            R"({"type":"left","room":"r","name":"bob"})");
  EXPECT_EQ(written({.kind = Event::Kind::kGoAway, .reconnect_after = 1500}),
            R"({"type":"goaway","reconnect_after":1500})");
}

TEST_F(HeliographDialectTest, WritesErrorsWithTheirCodes) {
  EXPECT_EQ(written({.kind = Event::Kind::kNotAuthenticated}),
            R"({"type":"error","code":"not-authenticated","message":"log in first"})");
  EXPECT_EQ(
      written({.kind = Event::Kind::kLoginRefused}),
      R"({"type":"error","code":"login-failed","message":"the login is wrong, or the name is in use"})");
  EXPECT_EQ(
      written({.kind = Event::Kind::kUnknownCommand, .type = "5"}),
      R"({"type":"error","code":"unknown-type","message":"there is no message of this type"})");
  EXPECT_EQ(written({.kind = Event::Kind::kError, .call = "c", .error = Error::kNoCall}),
            R"({"type":"error","code":"no-call","message":"there is no such call with this user",)"
            R"("call":"c"})");
}

}  // namespace
}  // namespace heliograph::signal

#include "server/channel.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/self_signed.hpp"
#include "tests/tls/test_client.hpp"
#include "tls/credential.hpp"

namespace heliograph::server {
namespace {

using Kind = Channel::Event::Kind;

constexpr std::string_view kUpgrade =
    "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::shared_ptr<const tls::ServerConfig> make_tls() {
  const std::vector<std::string> names = {"localhost"};
  const auto pair = crypto::make_self_signed(names, 1'700'000'000, 30).value();
  auto config = std::make_shared<tls::ServerConfig>();
  config->credentials.push_back(
      tls::load_credential(as_bytes(pair.certificate_pem), pair.private_key_pem, {}).value());
  config->application_protocols = {"http/1.1"};
  return config;
}

// A masked frame as a client sends it; the mask is zero.
std::string frame(int opcode, std::string_view payload) {
  std::string bytes = {static_cast<char>(0x80 | opcode),
                       static_cast<char>(0x80 | static_cast<int>(payload.size())),
                       0,
                       0,
                       0,
                       0};
  return bytes + std::string(payload);
}

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() { reset(); }

  // Another connection.
  void reset() {
    output_.clear();
    channel_.emplace(context_, now_, 1'700'000'000'000);
    std::destroy_at(&client_);
    std::construct_at(&client_);
  }

  // What the channel reports for these bytes from the client.
  std::vector<Kind> give(std::vector<std::uint8_t> wire, std::size_t chunk = 1 << 20) {
    std::vector<Kind> kinds;
    for (std::size_t at = 0; at < wire.size(); at += chunk) {
      Buffer piece;
      piece.append(Bytes(wire).subspan(at, std::min(chunk, wire.size() - at)));
      MutableBytes input = piece.mutable_bytes();
      channel_->heard(now_);
      for (;;) {
        const Channel::Event event = channel_->receive(input, output_, now_);
        if (event.kind == Kind::kNeedMore) break;
        kinds.push_back(event.kind);
        if (event.kind == Kind::kUpgrade) {
          EXPECT_TRUE(channel_->accept({}, {}, output_, now_));
        }
        if (event.kind == Kind::kPong) round_trip_ = event.round_trip;
        if (event.kind == Kind::kMessage) messages_.emplace_back(as_text(event.data));
        if (event.kind == Kind::kFinished) reason_ = event.reason;
      }
    }
    read_output();
    return kinds;
  }

  std::vector<Kind> give_text(std::string_view text, std::size_t chunk = 1 << 20) {
    return give(client_.data(text), chunk);
  }

  void read_output() {
    channel_->flush(output_);
    EXPECT_TRUE(client_.receive(output_.bytes())) << client_.problem;
    output_.clear();
  }

  void shake_hands(std::size_t chunk = 1 << 20) {
    EXPECT_TRUE(give(client_.client_hello(), chunk).empty());
    EXPECT_TRUE(give(client_.finished(), chunk).empty());
  }

  void open() {
    shake_hands();
    EXPECT_EQ(give_text(kUpgrade), std::vector{Kind::kUpgrade});
    EXPECT_TRUE(channel_->open());
    client_.received.clear();
  }

  // For what is opened from now on.
  void use_options() { context_.options = std::make_shared<const ChannelOptions>(options_); }

  // What the client has been sent since it was last asked.
  std::string received() { return std::exchange(client_.received, {}); }

  ChannelOptions options_;
  Milliseconds now_ = 1'000'000;
  ChannelContext context_{options_, make_tls()};
  std::optional<Channel> channel_;
  tls::test::TestClient client_;
  Milliseconds round_trip_ = 0;
  Buffer output_;
  std::vector<std::string> messages_;
  std::string reason_;
};

TEST_F(ChannelTest, UpgradesAndDeliversMessages) {
  shake_hands();
  EXPECT_EQ(give_text(kUpgrade), std::vector{Kind::kUpgrade});
  EXPECT_TRUE(received().starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_EQ(give_text(frame(1, "one") + frame(2, "two")),
            (std::vector{Kind::kMessage, Kind::kMessage}));
  EXPECT_EQ(messages_, (std::vector<std::string>{"one", "two"}));
}

// What is left is kept twice, and is used up by the last message that the second turn has room for.
TEST_F(ChannelTest, WhatWasKeptIsReadOnce) {
  open();
  std::vector<std::uint8_t> wire = client_.data(frame(1, "a") + frame(1, "b"));
  const auto second = client_.data(frame(1, "c"));
  wire.insert(wire.end(), second.begin(), second.end());
  MutableBytes input(wire);
  ASSERT_EQ(channel_->receive(input, output_, now_).kind, Kind::kMessage);
  channel_->keep(input);
  ASSERT_TRUE(channel_->keeps_input());
  input = channel_->kept_input();
  ASSERT_EQ(channel_->receive(input, output_, now_).kind, Kind::kMessage);
  ASSERT_EQ(channel_->receive(input, output_, now_).kind, Kind::kMessage);
  channel_->keep(input);
  EXPECT_FALSE(channel_->keeps_input());
}

TEST_F(ChannelTest, SendsNoPingBehindWhatIsNotRead) {
  open();
  now_ = channel_->deadline();
  channel_->on_timer(output_, now_);
  channel_->flush(output_);
  const std::size_t one_ping = output_.size();
  EXPECT_GT(one_ping, 0U);
  for (int i = 0; i < 100; ++i) {
    channel_->heard(now_);
    now_ = channel_->deadline();
    EXPECT_EQ(channel_->on_timer(output_, now_).kind, Kind::kNeedMore);
    channel_->flush(output_);
  }
  EXPECT_EQ(output_.size(), one_ping);
  output_.clear();
}

TEST_F(ChannelTest, ByteByByteIsTheSame) {
  shake_hands(1);
  EXPECT_EQ(give_text(std::string(kUpgrade) + frame(1, "early"), 1),
            (std::vector{Kind::kUpgrade, Kind::kMessage}));
  EXPECT_EQ(messages_, std::vector<std::string>{"early"});
}

// A record has a header of 5 bytes, the type of its content, and a tag of 16.
TEST_F(ChannelTest, MessagesOfOneTurnShareARecord) {
  open();
  const std::string small(100, 's');
  for (int i = 0; i < 10; ++i) {
    const Bytes piece = as_bytes(small);
    channel_->send(ws::Opcode::kText, {&piece, 1}, output_);
  }
  EXPECT_EQ(output_.size(), 0U);
  EXPECT_EQ(channel_->unsealed(), 10 * (2 + small.size()));
  channel_->flush(output_);
  EXPECT_EQ(channel_->unsealed(), 0U);
  EXPECT_EQ(output_.size(), 10 * (2 + small.size()) + 22);
  read_output();

  std::string expected;
  for (int i = 0; i < 400; ++i) {  // more than one record holds
    const Bytes piece = as_bytes(small);
    channel_->send(ws::Opcode::kText, {&piece, 1}, output_);
    EXPECT_LE(channel_->unsealed(), tls::kMaxPlaintext);
    expected += "\x81" + std::string(1, 100) + small;
  }
  const std::string large(5'000, 'l');
  const Bytes piece = as_bytes(large);
  channel_->send(ws::Opcode::kText, {&piece, 1}, output_);  // by itself, but behind the others
  EXPECT_EQ(channel_->unsealed(), 0U);
  expected += "\x81\x7e\x13\x88" + large;
  client_.received.clear();
  read_output();
  EXPECT_EQ(received(), expected);
}

TEST_F(ChannelTest, SendsATextFromPieces) {
  open();
  const std::vector<Bytes> pieces = {as_bytes("{\"a\":"), as_bytes("1"), as_bytes("}")};
  channel_->send(ws::Opcode::kText, pieces, output_);
  read_output();
  EXPECT_EQ(received(), "\x81\x07{\"a\":1}");
}

TEST_F(ChannelTest, SendsMessagesOfAnyNumberOfPieces) {
  open();
  for (const std::size_t count : {0U, 1U, 15U, 16U, 100U}) {
    const std::vector<Bytes> pieces(count, as_bytes("x"));
    channel_->send(ws::Opcode::kBinary, pieces, output_);
    read_output();
    EXPECT_EQ(received(),
              "\x82" + std::string(1, static_cast<char>(count)) + std::string(count, 'x'));
  }
}

TEST_F(ChannelTest, SendsNothingBeforeItIsOpen) {
  shake_hands();
  const std::vector<Bytes> pieces = {as_bytes("early")};
  channel_->send(ws::Opcode::kText, pieces, output_);
  EXPECT_TRUE(output_.empty());
}

TEST_F(ChannelTest, AnswersPlainRequestsOneAfterTheOther) {
  shake_hands();
  EXPECT_TRUE(
      give_text("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n").empty());
  const std::string answers = received();
  EXPECT_TRUE(answers.ends_with("\r\n\r\nOK"));
  EXPECT_NE(answers.find("OKHTTP/1.1 200 OK"), std::string::npos);
  EXPECT_EQ(give_text("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
            std::vector{Kind::kFinished});
  EXPECT_TRUE(channel_->finished());
}

TEST_F(ChannelTest, AClientThatAsksForMuchAndReadsNothingIsClosed) {
  shake_hands();
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  Buffer piece;
  for (std::size_t at = 0; at < requests.size(); at += 16'000) {
    piece.append(client_.data(requests.substr(at, 16'000)));
  }
  MutableBytes input = piece.mutable_bytes();
  Channel::Event event;
  do {
    event = channel_->receive(input, output_, now_);
  } while (event.kind == Kind::kNeedMore && !input.empty());
  EXPECT_EQ(event.kind, Kind::kFinished);
  EXPECT_LE(output_.size(), kMaxWaitingResponses + 1024);
}

TEST_F(ChannelTest, AnUpgradeThatIsNotThereYetIsClosedAtOnce) {
  shake_hands();
  EXPECT_EQ(channel_->close(ws::CloseCode::kGoingAway, "", output_, now_).kind, Kind::kFinished);
  EXPECT_TRUE(channel_->finished());
}

TEST_F(ChannelTest, RefusesABadHead) {
  shake_hands();
  EXPECT_EQ(give_text("GET / HTTP/1.1\nHost: h\n\n"), std::vector{Kind::kFinished});
  EXPECT_TRUE(received().starts_with("HTTP/1.1 400 "));
}

TEST_F(ChannelTest, RefusesAnUpgradeOfAnotherVersion) {
  shake_hands();
  std::string request(kUpgrade);
  request.replace(request.find("13"), 2, "12");
  EXPECT_EQ(give_text(request), std::vector{Kind::kFinished});
  const std::string refusal = received();
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 426 ")) << refusal;
  EXPECT_NE(refusal.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
}

TEST_F(ChannelTest, PlainHttpOnThePortIsAnsweredInPlainText) {
  Buffer piece;
  piece.append("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  MutableBytes input = piece.mutable_bytes();
  EXPECT_EQ(channel_->receive(input, output_, now_).kind, Kind::kFinished);
  EXPECT_TRUE(output_.text().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_NE(output_.text().find("https://"), std::string_view::npos);
}

TEST_F(ChannelTest, WhatIsKeptComesLater) {
  for (const std::size_t first_piece : {std::size_t{0}, std::size_t{20}}) {
    SCOPED_TRACE(first_piece);
    reset();
    open();
    std::vector<std::uint8_t> wire = client_.data(frame(1, "one") + frame(1, "two"));
    // A record in two pieces lies in the spill of TLS, a whole one where it was received.
    if (first_piece > 0) give({wire.begin(), wire.begin() + 20});
    wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(first_piece));
    const auto more = client_.data(frame(1, "three"));
    wire.insert(wire.end(), more.begin(), more.end());
    {
      Buffer received;
      received.append(wire);
      MutableBytes input = received.mutable_bytes();
      const Channel::Event event = channel_->receive(input, output_, now_);
      ASSERT_EQ(event.kind, Kind::kMessage);
      EXPECT_EQ(as_text(event.data), "one");
      channel_->keep(input);
      std::ranges::fill(received.mutable_bytes(), 0);  // the loop receives for another client
    }
    for (const std::string_view expected : {"two", "three"}) {
      ASSERT_TRUE(channel_->keeps_input());
      MutableBytes input = channel_->kept_input();
      const Channel::Event event = channel_->receive(input, output_, now_);
      ASSERT_EQ(event.kind, Kind::kMessage);
      EXPECT_EQ(as_text(event.data), expected);
      channel_->keep(input);
    }
    EXPECT_FALSE(channel_->keeps_input());
  }
}

TEST_F(ChannelTest, AnUpgradeWaitsForItsDecision) {
  shake_hands();
  Buffer received;
  received.append(client_.data(std::string(kUpgrade) + frame(1, "early")));
  MutableBytes input = received.mutable_bytes();
  const Channel::Event event = channel_->receive(input, output_, now_);
  ASSERT_EQ(event.kind, Kind::kUpgrade);
  EXPECT_EQ(event.upgrade->path, "/chat");
  EXPECT_TRUE(channel_->deciding());
  EXPECT_EQ(channel_->receive(input, output_, now_).kind, Kind::kNeedMore);
  EXPECT_FALSE(channel_->accept("soap", {}, output_, now_));  // which was not offered
  EXPECT_TRUE(channel_->accept({}, {}, output_, now_));
  EXPECT_EQ(channel_->receive(input, output_, now_).kind, Kind::kMessage);
  EXPECT_FALSE(channel_->reject({}, output_));
}

TEST_F(ChannelTest, MessagesAreCompressedIfTheBudgetAllows) {
  constexpr std::string_view kOffer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  std::string request(kUpgrade);
  request.replace(request.size() - 2, 2, kOffer);
  const auto ample = std::make_shared<ws::DeflateBudget>(1 << 20);
  options_.deflate_budget = ample;
  use_options();
  shake_hands();
  EXPECT_EQ(give_text(request), std::vector{Kind::kUpgrade});
  EXPECT_NE(received().find("permessage-deflate"), std::string::npos);
  const std::string text(1000, 'x');
  const std::vector<Bytes> pieces = {as_bytes(text).first(10), as_bytes(text).subspan(10)};
  channel_->send(ws::Opcode::kText, pieces, output_);
  read_output();
  const std::string compressed = received();
  EXPECT_EQ(compressed.front(), '\xc1');
  EXPECT_LT(compressed.size(), 100U);

  options_.deflate_budget = std::make_shared<ws::DeflateBudget>(1);
  use_options();
  reset();
  shake_hands();
  EXPECT_EQ(give_text(request), std::vector{Kind::kUpgrade});
  EXPECT_EQ(received().find("permessage-deflate"), std::string::npos);
}

TEST_F(ChannelTest, WithoutTlsItSpeaksInTheClear) {
  context_.tls = nullptr;
  reset();
  Buffer received;
  received.append(std::string(kUpgrade) + frame(2, "plain"));
  MutableBytes input = received.mutable_bytes();
  ASSERT_EQ(channel_->receive(input, output_, now_).kind, Kind::kUpgrade);
  ASSERT_TRUE(channel_->accept({}, {}, output_, now_));
  EXPECT_TRUE(output_.text().starts_with("HTTP/1.1 101 "));
  output_.clear();
  const Channel::Event event = channel_->receive(input, output_, now_);
  ASSERT_EQ(event.kind, Kind::kMessage);
  EXPECT_EQ(event.opcode, ws::Opcode::kBinary);
  const Bytes message = event.data;
  channel_->send(event.opcode, {&message, 1}, output_);
  EXPECT_EQ(output_.text(), "\x82\x05plain");
  EXPECT_EQ(channel_->receive_eof(output_).reason, "connection lost");
}

TEST_F(ChannelTest, APongTellsTheRoundTrip) {
  open();
  now_ += options_.ping_interval;
  channel_->on_timer(output_, now_);
  read_output();
  const std::string ping = received();
  now_ += 120;
  EXPECT_TRUE(give_text(frame(10, "unasked")).empty());
  EXPECT_EQ(give_text(frame(10, ping.substr(2))), std::vector{Kind::kPong});
  EXPECT_EQ(round_trip_, 120U);
}

TEST_F(ChannelTest, APingIsAnsweredAndACloseEndsIt) {
  open();
  EXPECT_TRUE(give_text(frame(9, "x")).empty());
  EXPECT_EQ(received(), std::string("\x8a\x01x"));
  EXPECT_EQ(give_text(frame(8, std::string("\x03\xe8", 2)) + frame(1, "late")),
            std::vector{Kind::kFinished});
  EXPECT_EQ(received(), std::string("\x88\x02\x03\xe8", 4));
  EXPECT_TRUE(messages_.empty());
}

TEST_F(ChannelTest, ABrokenFrameIsToldAndEndsIt) {
  open();
  EXPECT_EQ(give_text(std::string("\x81\x01x", 3)), std::vector{Kind::kFinished});
  EXPECT_EQ(received().substr(0, 1), "\x88");
  EXPECT_FALSE(reason_.empty());
}

TEST_F(ChannelTest, AHandshakeHasADeadlineThatBytesDoNotRenew) {
  const Milliseconds deadline = now_ + kHandshakeDeadline;
  EXPECT_EQ(channel_->deadline(), deadline);
  now_ += 5000;
  give(client_.client_hello());
  EXPECT_EQ(channel_->deadline(), deadline);
  EXPECT_EQ(channel_->on_timer(output_, deadline - 1).kind, Kind::kNeedMore);
  EXPECT_EQ(channel_->on_timer(output_, deadline).kind, Kind::kFinished);
}

TEST_F(ChannelTest, AnOpenOneIsPingedAndThenGivenUp) {
  open();
  EXPECT_EQ(channel_->deadline(), now_ + options_.ping_interval);
  channel_->on_timer(output_, now_ + options_.ping_interval);
  read_output();
  const std::string ping = received();
  ASSERT_EQ(ping.substr(0, 2), "\x89\x08");
  EXPECT_EQ(channel_->on_timer(output_, now_ + options_.idle_timeout - 1).kind, Kind::kNeedMore);
  EXPECT_EQ(channel_->on_timer(output_, now_ + options_.idle_timeout - 1).kind, Kind::kNeedMore);
  EXPECT_EQ(channel_->on_timer(output_, now_ + options_.idle_timeout).kind, Kind::kFinished);
}

TEST_F(ChannelTest, AByteFromTheClientPutsTheEndOff) {
  open();
  const Milliseconds gone = now_ + options_.idle_timeout;
  now_ += 1000;
  give_text(frame(10, ""));
  EXPECT_EQ(channel_->on_timer(output_, gone).kind, Kind::kNeedMore);
}

TEST_F(ChannelTest, ACloseOfOursWaitsForTheClientsHalfForATime) {
  open();
  channel_->close(ws::CloseCode::kGoingAway, "bye", output_, now_);
  read_output();
  EXPECT_EQ(received(), std::string("\x88\x05\x03\xe9"
                                    "bye",
                                    7));
  EXPECT_FALSE(channel_->open());
  EXPECT_TRUE(give_text(frame(1, "late")).empty());
  EXPECT_EQ(channel_->deadline(), now_ + kCloseWait);
  EXPECT_EQ(give_text(frame(8, std::string("\x03\xe9", 2))), std::vector{Kind::kFinished});
}

TEST_F(ChannelTest, AClientThatDoesNotCloseIsGivenUp) {
  open();
  channel_->close(ws::CloseCode::kGoingAway, "", output_, now_);
  EXPECT_EQ(channel_->on_timer(output_, now_ + kCloseWait).kind, Kind::kFinished);
}

TEST_F(ChannelTest, TheEndOfInputEndsItOnce) {
  open();
  EXPECT_EQ(channel_->receive_eof(output_).kind, Kind::kFinished);
  EXPECT_EQ(channel_->receive_eof(output_).kind, Kind::kNeedMore);
}

TEST_F(ChannelTest, AMessageOverTheLimitIsTooBig) {
  options_.limits.max_message = 4;
  use_options();
  open();
  EXPECT_EQ(give_text(frame(1, "four")), std::vector{Kind::kMessage});
  EXPECT_EQ(give_text(frame(1, "fives")), std::vector{Kind::kFinished});
  const std::string close = received();
  ASSERT_GE(close.size(), 4U);
  EXPECT_EQ(close.substr(2, 2), "\x03\xf1");  // 1009
}

TEST_F(ChannelTest, AWebSocketKeepsToTheOptionsWithWhichItWasOpened) {
  options_.limits.max_message = 100;  // it was accepted before
  use_options();
  open();
  std::string first = frame(1, "first ");
  first[0] = '\x01';  // not final
  EXPECT_TRUE(give_text(first).empty());
  options_.limits.max_message = 4;
  options_.idle_timeout = 1000;
  options_.origin = ws::OriginPolicy::same();
  use_options();
  EXPECT_EQ(give_text(frame(0, "second")), std::vector{Kind::kMessage});
  EXPECT_EQ(messages_.back(), "first second");
  EXPECT_EQ(channel_->on_timer(output_, now_ + 2000).kind, Kind::kNeedMore);

  reset();
  open();
  EXPECT_EQ(channel_->on_timer(output_, now_ + 1000).kind, Kind::kFinished);
  reset();
  shake_hands();
  std::string foreign(kUpgrade);
  foreign.insert(foreign.size() - 2, "Origin: https://example.org\r\n");
  EXPECT_EQ(give_text(foreign), std::vector{Kind::kFinished});
}

}  // namespace
}  // namespace heliograph::server

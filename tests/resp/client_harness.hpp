// A client without sockets: the test plays its owner and its servers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resp/client.hpp"
#include "tests/resp/test_client.hpp"

namespace heliograph::resp {

using Lines = std::vector<std::string>;

inline constexpr std::string_view kHello3 =
    "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n";
inline constexpr std::string_view kNoHello = "-ERR unknown command 'HELLO'\r\n";

inline std::string encoded(std::initializer_list<std::string_view> arguments) {
  Buffer output;
  encode(arguments, output);
  return std::string(output.text());
}

inline std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

// An array, or with ">" a push, of bulk strings; numbers are given as ":7".
inline std::string array(std::initializer_list<std::string_view> texts, char type = '*') {
  std::string stream = type + std::to_string(texts.size()) + "\r\n";
  for (const std::string_view text : texts) {
    stream += text.starts_with(':') || text == "_" ? std::string(text) + "\r\n" : bulk(text);
  }
  return stream;
}

struct Harness {
  explicit Harness(const std::string& url, const ClientOptions& options = {},
                   std::uint64_t seed = 1)
      : client(*parse_url(url), options, seed) {}

  // "connect 0 host:port", "close 0", since the last call, in order.
  Lines wishes() {
    Lines lines;
    while (const auto wish = client.next_wish()) {
      const bool connects = wish->kind == Wish::Kind::kConnect;
      const Target& target = client.target(wish->link);
      std::string line = (connects ? "connect " : "close ") + std::to_string(wish->link);
      if (connects) {
        line += " " + (target.path.empty() ? to_text(target.address) : target.path);
        if (target.tls) line += " tls";
      } else {
        client.output(wish->link).clear();
      }
      lines.push_back(line);
    }
    return lines;
  }
  // What came of timers, and of what the test did itself.
  Lines events() {
    Lines lines;
    while (const auto event = client.next_event()) {
      lines.push_back(heliograph::testing::to_line(*event));
    }
    return lines;
  }
  void tick() { client.on_timer(now); }
  // Lets the next deadline come.
  void tick_at_deadline() {
    now = std::max(now, client.deadline());
    tick();
  }
  // Ticks until it wants something, and returns that.
  Lines next_wishes() {
    for (int i = 0; i < 100; ++i) {
      if (Lines lines = wishes(); !lines.empty()) return lines;
      tick_at_deadline();
    }
    return {};
  }
  std::string sent(LinkId link) {
    std::string text(client.output(link).text());
    client.output(link).clear();
    return text;
  }
  // What the bytes of a server lead to, at once and through next_event().
  Lines feed(LinkId link, std::string_view text) {
    Lines lines;
    std::vector<std::uint8_t> bytes(text.begin(), text.end());
    MutableBytes input = bytes;
    while (const auto event = client.receive(link, input, now)) {
      lines.push_back(heliograph::testing::to_line(*event));
    }
    EXPECT_TRUE(input.empty());
    for (std::string& line : events()) lines.push_back(std::move(line));
    return lines;
  }
  Lines feed_bytewise(LinkId link, std::string_view text) {
    Lines lines;
    for (const char& c : text) {
      for (std::string& line : feed(link, {&c, 1})) lines.push_back(std::move(line));
    }
    return lines;
  }
  // The transport of a link that was asked for, up to the end of the handshake.
  Lines open(LinkId link, std::string_view hello = kHello3) {
    client.opened(link, now);
    sent(link);
    return feed(link, hello);
  }
  Lines lose(LinkId link) {
    client.lost(link, now);
    client.output(link).clear();
    return events();
  }
  // Link 0 of a single server.
  void become_ready(std::string_view hello = kHello3) {
    while (wishes().empty()) tick_at_deadline();
    open(0, hello);
    ASSERT_TRUE(client.up());
  }
  bool command(const Command& what, Token token) { return client.command(what, token, now); }
  bool subscribe(std::string_view channel, ChannelKind kind = ChannelKind::kPlain) {
    return client.subscribe(kind, channel, now);
  }
  void unsubscribe(std::string_view channel, ChannelKind kind = ChannelKind::kPlain) {
    client.unsubscribe(kind, channel, now);
  }

  Client client;
  Milliseconds now = 1'000'000;
};

}  // namespace heliograph::resp

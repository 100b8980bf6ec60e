#include "load/signaling.hpp"

#include <algorithm>

namespace heliograph::bench {

namespace {

// Logins on their way at once.
constexpr std::size_t kLoginsAtOnce = 64;

std::string member(std::string_view name, std::string_view text) {
  std::string json = ",\"";
  json += name;
  json += "\":\"";
  json += text;
  json += '"';
  return json;
}

constexpr std::string_view kCandidate =
    R"({"type":"candidate","candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 )";
constexpr std::string_view kCandidateEnd = R"(","sdpMid":"0","sdpMLineIndex":0})";

}  // namespace

std::string user_name(std::size_t number) {
  return "user" + std::to_string(number + 1);
}

std::string login_message(std::size_t number) {
  return R"({"type":"login")" + member("name", user_name(number)) +
         member("password", "password" + std::to_string(number + 1)) + '}';
}

std::string candidate_message(std::size_t number, std::size_t size) {
  std::string message = candidate_told(number, size);
  message.pop_back();
  return message + member("name", user_name(partner_of(number))) + '}';
}

std::string candidate_told(std::size_t number, std::size_t size) {
  const std::string addressee = member("name", user_name(partner_of(number)));
  const std::size_t fixed = kCandidate.size() + kCandidateEnd.size() + addressee.size() + 1;
  std::string message(kCandidate);
  message.append(size > fixed ? size - fixed : 0, '5');
  message += kCandidateEnd;
  return message + '}';
}

void Lobby::on_message(Connection& connection, std::string_view message) {
  if (messages_.size() <= connection.number()) messages_.resize(connection.number() + 1);
  messages_[connection.number()].emplace_back(message);
}

void Lobby::expect(Fleet& fleet, std::size_t number, std::string_view message) {
  fleet.turn_until([&] { return number < messages_.size() && !messages_[number].empty(); });
  const std::string got = std::move(messages_[number].front());
  messages_[number].pop_front();
  if (got != message) throw ConnectionError("unexpected message: " + got);
}

void Lobby::say(Fleet& fleet, std::size_t number, std::string_view message) {
  fleet[number].send(text_frame(message));
  fleet.flush(fleet[number]);
}

void Lobby::log_in(Fleet& fleet, std::size_t first, std::size_t end) {
  while (first < end) {
    const std::size_t until = std::min(first + kLoginsAtOnce, end);
    for (std::size_t i = first; i < until; ++i) say(fleet, i, login_message(i));
    for (; first < until; ++first) {
      expect(fleet, first, kGreeting);
      expect(fleet, first, kLoggedIn);
    }
  }
}

void Lobby::call(Fleet& fleet, std::size_t first, std::size_t end) {
  for (std::size_t caller = first; caller + 1 < end; caller += 2) {
    const std::size_t callee = partner_of(caller);
    say(fleet, caller, R"({"type":"offer","offer":1)" + member("name", user_name(callee)) + '}');
    expect(fleet, callee, R"({"type":"offer","offer":1)" + member("name", user_name(caller)) + '}');
    say(fleet, callee, R"({"type":"answer","answer":2)" + member("name", user_name(caller)) + '}');
    expect(fleet, caller, R"({"type":"answer","answer":2})");
  }
}

}  // namespace heliograph::bench

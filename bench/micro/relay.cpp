#include "bench/micro/relay.hpp"

#include <algorithm>

#include "bench/micro/primitives.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "ws/connection.hpp"

namespace heliograph::bench {
namespace {

using Kind = signal::Effect::Kind;

constexpr Milliseconds kNow = 1'000;

std::unique_ptr<signal::Dialect> make_dialect(Speaks dialect) {
  if (dialect == Speaks::kTutorial) return std::make_unique<signal::TutorialDialect>();
  return std::make_unique<signal::HeliographDialect>();
}

}  // namespace

Relay::Relay(Speaks dialect)
    : speaks_(dialect),
      dialect_(make_dialect(dialect)),
      user1_({.node = 1, .worker = 0, .connection = 1}, settings_, *dialect_),
      user2_({.node = 1, .worker = 0, .connection = 2}, settings_, *dialect_) {
  log_in(user1_, "user1");
  log_in(user2_, "user2");
  Buffer ignored;
  require(relay(as_bytes(offer(200)), ignored), "a call is offered");
  const std::string answer = say("answer", R"({"type":"answer","sdp":"v=0"})", "user1");
  require(relay(user2_, user1_, as_bytes(answer), ignored), "it is answered");
}

void Relay::log_in(signal::Session& session, std::string_view name) {
  std::string message = R"({"type":"login","password":"secret","name":")";
  message.append(name).append("\"}");
  session.opened(said_);
  said_.clear();
  session.receive(as_bytes(message), kNow, said_);
  const auto check = std::ranges::find(said_.list(), Kind::kCheckCredential, &signal::Effect::kind);
  require(check != said_.list().end(), "a login asks for the password");
  const signal::LoginId login = check->login;
  said_.clear();
  session.credential_checked(login, true, kNow, said_);
  said_.clear();
  session.name_claimed(login, true, kNow, said_);
  said_.clear();
  require(session.logged_in(), "the user is there");
}

bool Relay::relay(Bytes message, Buffer& output) {
  return relay(user1_, user2_, message, output);
}

bool Relay::relay(signal::Session& from, signal::Session& to, Bytes message, Buffer& output) {
  said_.clear();
  told_.clear();
  from.receive(message, kNow, said_);
  for (const signal::Effect& effect : said_.list()) {
    if (effect.kind == Kind::kSend) to.deliver(effect.envelope, kNow, told_);
  }
  if (told_.list().size() != 1 || told_.list()[0].kind != Kind::kReply) return false;
  std::size_t size = 0;
  const signal::Reply& reply = told_.list()[0].reply;
  for (const std::string_view piece : reply.pieces()) size += piece.size();
  output.append(ws::Connection::message_header(ws::Opcode::kText, size).view());
  for (const std::string_view piece : reply.pieces()) output.append(piece);
  return true;
}

std::string Relay::say(std::string_view type, std::string_view body, std::string_view to) const {
  std::string message = R"({"type":")";
  message.append(type).append(R"(",")").append(type).append("\":").append(body);
  message += speaks_ == Speaks::kTutorial ? R"(,"name":")" : R"(,"call":"c-1","to":")";
  return message.append(to).append("\"}");
}

std::string Relay::offer(std::size_t body) const {
  std::string sdp =
      R"({"type":"offer","sdp":"v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n)";
  sdp.resize(std::max(body - 2, sdp.size()), 'a');
  return say("offer", sdp + "\"}", "user2");
}

std::string Relay::candidate(std::size_t body) const {
  std::string text =
      R"({"sdpMLineIndex":0,"sdpMid":"0","candidate":"candidate:842163049 1 udp 1677729535 )";
  text.resize(std::max(body - 2, text.size()), '1');
  return say("candidate", text + "\"}", "user2");
}

}  // namespace heliograph::bench

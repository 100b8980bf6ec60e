#include "resp/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "resp/encoder.hpp"
#include "resp/random.hpp"

namespace heliograph::resp {

namespace {

// What a RESP2 server sends to subscribers as arrays.
constexpr std::array<std::string_view, 9> kPushes = {"message",      "pmessage",    "smessage",
                                                     "subscribe",    "unsubscribe", "psubscribe",
                                                     "punsubscribe", "ssubscribe",  "sunsubscribe"};

constexpr unsigned kMostDoublings = 16;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, upper, upper);
}

// A server that does not know HELLO, or whose access list withholds it, may still speak RESP2.
bool refuses_hello_only(const Reply& error) {
  static constexpr std::string_view kUnknownCommand = "ERR unknown command";
  return error.error_code() == "NOPROTO" || error.error_code() == "NOPERM" ||
         equal_ignoring_case(error.text().substr(0, kUnknownCommand.size()), kUnknownCommand);
}

}  // namespace

Connection::Connection(const ClientOptions& options, const Account& account, bool subscriber,
                       std::uint64_t seed)
    : options_(options),
      account_(account),
      subscriber_(subscriber),
      random_(seed),
      parser_(options.limits) {}

// ---- Connecting and the handshake ----

void Connection::opened(Milliseconds now, Buffer& output) {
  if (state_ != State::kConnecting) return;
  parser_.reset();
  slots_.clear();
  heard_at_ = now;
  state_ = State::kHello;
  std::array<std::string_view, 7> hello = {"HELLO", "3"};
  std::size_t count = 2;
  if (!account_.password.empty()) {
    hello[count++] = "AUTH";
    hello[count++] = account_.user.empty() ? "default" : std::string_view(account_.user);
    hello[count++] = account_.password;
  }
  if (!options_.client_name.empty()) {
    hello[count++] = "SETNAME";
    hello[count++] = options_.client_name;
  }
  encode(Arguments(hello).first(count), output);
}

Result<Event, Error> Connection::handshake_reply(const Reply& reply, Milliseconds now,
                                                 Buffer& output) {
  if (state_ == State::kHello && reply.is_error() && refuses_hello_only(reply)) {
    protocol_ = 2;
    return continue_handshake(now, output);
  }
  if (reply.is_error()) return refuse(reply, now);
  if (state_ == State::kHello) {
    if (reply.type() != Type::kMap || reply.find("proto").integer() != 3) {
      return fail(Error::kWrongReplyType);
    }
    protocol_ = 3;
    state_ = State::kSetName;
  } else if (reply.text() != "OK") {
    return fail(Error::kWrongReplyType);
  }
  return continue_handshake(now, output);
}

// Sends what follows in kHello (not understood), kAuth, kSetName, kSelect; each step is sent alone.
Event Connection::continue_handshake(Milliseconds now, Buffer& output) {
  if (state_ == State::kHello) {
    state_ = State::kAuth;
    if (!account_.password.empty()) {
      if (account_.user.empty()) {
        encode({"AUTH", account_.password}, output);
      } else {
        encode({"AUTH", account_.user, account_.password}, output);
      }
      return {};
    }
  }
  if (state_ == State::kAuth) {
    state_ = State::kSetName;
    if (!options_.client_name.empty()) {
      encode({"CLIENT", "SETNAME", options_.client_name}, output);
      return {};
    }
  }
  if (state_ == State::kSetName) {
    state_ = State::kSelect;
    if (account_.database != 0) {
      encode({"SELECT", std::to_string(account_.database)}, output);
      return {};
    }
  }
  state_ = State::kReady;
  ready_since_ = now;
  refusal_.clear();
  return {.kind = Event::Kind::kReady};
}

Event Connection::refuse(const Reply& reply, Milliseconds now) {
  const std::string_view text = reply.text();
  refusal_ = text.substr(0, text.find("with args"));
  refusal_.erase(refusal_.find_last_not_of(", ") + 1);
  const bool quotes_password = !account_.password.empty() && refusal_.contains(account_.password);
  if (refusal_.empty() || quotes_password) {
    refusal_ = "the server refuses the handshake";
  }
  go_down(now, options_.refused_backoff);
  return {.kind = Event::Kind::kRefused, .reply = reply};
}

// ---- Losing the connection ----

void Connection::lost(Milliseconds now) {
  if (state_ != State::kDown) go_down(now, 0);
}

void Connection::go_down(Milliseconds now, Milliseconds least_backoff) {
  const bool was_stable = state_ == State::kReady && now - ready_since_ >= options_.longest_backoff;
  if (was_stable) attempts_ = 0;
  state_ = State::kDown;
  retry_at_ = now + least_backoff + backoff();
}

void Connection::hurry(Milliseconds now) {
  retry_at_ = std::min(retry_at_, now);
}

Milliseconds Connection::backoff() {
  const Milliseconds longest = std::min(
      options_.first_backoff << std::min(attempts_, kMostDoublings), options_.longest_backoff);
  ++attempts_;
  return next_random(random_) % (longest + 1);
}

std::optional<Token> Connection::next_unanswered() {
  while (!ready() && !slots_.empty()) {
    const Slot slot = slots_.front();
    slots_.pop_front();
    if (!slot.silent) return slot.token;
  }
  return std::nullopt;
}

// ---- Commands ----

void Connection::forward(Bytes command, Token token, Buffer& output) {
  slots_.push_back({.token = token});
  output.append(command);
}

void Connection::forward_silently(Bytes command, Milliseconds now, Buffer& output) {
  slots_.push_back({.deadline = now + options_.command_deadline, .silent = true});
  output.append(command);
}

void Connection::subscriptions(Bytes commands, Milliseconds now, Buffer& output) {
  forward_silently(commands, now, output);
  Slot& slot = slots_[slots_.size() - 1];
  slot.subscriptions = true;
  slot.token = ++last_ping_;
  encode({"PING", std::to_string(last_ping_)}, output);
}

// ---- Replies ----

Result<Event, Error> Connection::receive(MutableBytes& input, Milliseconds now, Buffer& output) {
  while (state_ > State::kConnecting) {
    const auto reply = parser_.receive(input);
    if (!reply) return broken(reply.error(), input, now);
    if (!*reply) return Event{};
    heard_at_ = now;
    Result<Event, Error> event;
    if (is_push(**reply)) {
      event = Event{.kind = Event::Kind::kPush, .reply = **reply};
    } else if (!ready()) {
      event = handshake_reply(**reply, now, output);
    } else {
      event = answer(**reply);
    }
    if (!event) return broken(event.error(), input, now);
    if (event->kind != Event::Kind::kNeedMore) return event;
  }
  input = {};
  return Event{};
}

Result<Event, Error> Connection::broken(Error error, MutableBytes& input, Milliseconds now) {
  input = {};
  go_down(now, 0);
  return fail(error);
}

bool Connection::is_push(const Reply& reply) const {
  if (reply.type() == Type::kPush) return true;
  return subscriber_ && protocol_ == 2 && ready() && reply.type() == Type::kArray &&
         std::ranges::find(kPushes, reply[0].text()) != kPushes.end();
}

// The reply to the oldest command; nothing if nobody waits for it.
Result<Event, Error> Connection::answer(const Reply& reply) {
  if (slots_.empty()) return fail(Error::kUnexpectedReply);
  const Slot slot = slots_.front();
  if (slot.subscriptions) return subscription_answer(reply);
  slots_.pop_front();
  if (slot.silent) return Event{};
  return Event{.kind = Event::Kind::kReply, .token = slot.token, .reply = reply};
}

// To a subscriber in RESP2, PING is answered by ["pong", argument].
Result<Event, Error> Connection::subscription_answer(const Reply& reply) {
  if (reply.is_error()) return Event{.kind = Event::Kind::kSubscriptionError, .reply = reply};
  const Reply pong = reply.type() == Type::kArray && protocol_ == 2 ? reply[1] : reply;
  if (pong.text() != std::to_string(slots_.front().token)) return fail(Error::kUnexpectedReply);
  slots_.pop_front();
  return Event{.kind = Event::Kind::kSubscriptionsDone};
}

// ---- Time ----

Milliseconds Connection::deadline() const {
  if (state_ == State::kDown) return retry_at_;
  if (!ready()) return setup_until_;
  return slots_.empty() ? heard_at_ + options_.ping_after : slots_.front().deadline;
}

Action Connection::on_timer(Milliseconds now, Buffer& output) {
  if (ready()) return on_timer_ready(now, output);
  if (state_ == State::kDown) {
    if (now < retry_at_) return Action::kNothing;
    state_ = State::kConnecting;
    setup_until_ = now + options_.setup_deadline;
    return Action::kConnect;
  }
  if (now < setup_until_) return Action::kNothing;
  go_down(now, 0);
  return Action::kClose;
}

Action Connection::on_timer_ready(Milliseconds now, Buffer& output) {
  if (now < deadline()) return Action::kNothing;
  if (!slots_.empty()) {
    go_down(now, 0);
    return Action::kClose;
  }
  slots_.push_back({.deadline = now + options_.command_deadline, .silent = true});
  encode({"PING"}, output);
  return Action::kNothing;
}

}  // namespace heliograph::resp

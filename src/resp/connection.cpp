#include "resp/connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "resp/command.hpp"
#include "resp/random.hpp"

namespace heliograph::resp {

namespace {

// Reads that may run twice, and may wait for a connection.
constexpr std::array<std::string_view, 5> kMayResend = {"GET", "MGET", "HGET", "HMGET", "HGETALL"};

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

bool names_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [name](auto n) { return equal_ignoring_case(name, n); });
}

// A server that does not know HELLO, or whose access list withholds it, may still speak RESP2.
bool refuses_hello_only(const Reply& error) {
  static constexpr std::string_view kUnknownCommand = "ERR unknown command";
  return error.error_code() == "NOPROTO" || error.error_code() == "NOPERM" ||
         equal_ignoring_case(error.text().substr(0, kUnknownCommand.size()), kUnknownCommand);
}

}  // namespace

Connection::Connection(Options options, std::uint64_t seed)
    : options_(std::move(options)), random_(seed), parser_(options_.limits) {}

// ---- Connecting and the handshake ----

void Connection::opened(Milliseconds now, Buffer& output) {
  if (state_ != State::kConnecting) return;
  parser_.reset();
  heard_at_ = now;
  state_ = State::kHello;
  std::array<std::string_view, 7> hello = {"HELLO", "3"};
  std::size_t count = 2;
  if (!options_.password.empty()) {
    hello[count++] = "AUTH";
    hello[count++] = options_.user.empty() ? "default" : std::string_view(options_.user);
    hello[count++] = options_.password;
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
    if (!options_.password.empty()) {
      if (options_.user.empty()) {
        encode({"AUTH", options_.password}, output);
      } else {
        encode({"AUTH", options_.user, options_.password}, output);
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
    if (options_.database != 0) {
      encode({"SELECT", std::to_string(options_.database)}, output);
      return {};
    }
  }
  return become_ready(now, output);
}

Event Connection::become_ready(Milliseconds now, Buffer& output) {
  state_ = State::kReady;
  ready_since_ = now;
  refusal_.clear();
  output.append(kept_.bytes());
  sent_ = slots_.size();
  return {.kind = Event::Kind::kReady};
}

Event Connection::refuse(const Reply& reply, Milliseconds now) {
  const std::string_view text = reply.text();
  refusal_ = text.substr(0, text.find("with args"));
  refusal_.erase(refusal_.find_last_not_of(", ") + 1);
  const bool quotes_password = !options_.password.empty() && refusal_.contains(options_.password);
  if (refusal_.empty() || quotes_password) {
    refusal_ = "the server refuses the handshake";
  }
  go_down(now, options_.refused_backoff);
  while (!slots_.empty()) fail_slot(0);
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
  requeue(now);
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

// What was under way fails, or waits to be sent once more.
void Connection::requeue(Milliseconds now) {
  const Ring<Slot> slots = std::exchange(slots_, {});
  Buffer kept = std::exchange(kept_, {});
  queued_bytes_ = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot slot = slots[i];
    const Bytes bytes = kept.bytes().first(slot.may_resend ? slot.size : 0);
    const bool sent = i < sent_;
    if (!sent || (slot.may_resend && !slot.sent_before && !slot.silent && now < slot.deadline)) {
      slot.sent_before |= sent;
      kept_.append(bytes);
      queued_bytes_ += slot.size;
      slots_.push_back(slot);
    } else if (!slot.silent) {
      failures_.push_back(
          {.kind = Event::Kind::kFailed, .token = slot.token, .may_have_run = true});
    }
    kept.consume(bytes.size());
  }
  sent_ = 0;
}

std::optional<Event> Connection::next_failure() {
  if (failures_.empty()) return std::nullopt;
  const Event failure = failures_.front();
  failures_.pop_front();
  return failure;
}

// ---- Commands ----

bool Connection::command(Arguments arguments, Token token, Milliseconds now, Buffer& output) {
  if (!has_one_reply(arguments)) return false;
  const bool may_resend = names_one_of(arguments[0], kMayResend);
  const bool may_wait = may_resend && refusal_.empty();
  if (!ready() && !may_wait) return false;
  const std::size_t size = encoded_size(arguments);
  if (slots_.size() >= options_.queue_commands || size > options_.queue_bytes - queued_bytes_) {
    return false;
  }
  push_slot({.token = token,
             .deadline = now + options_.command_deadline,
             .size = size,
             .may_resend = may_resend},
            arguments, output);
  return true;
}

void Connection::push_slot(const Slot& slot, Arguments arguments, Buffer& output) {
  slots_.push_back(slot);
  queued_bytes_ += slot.size;
  if (slot.may_resend) encode(arguments, kept_);
  if (!ready()) return;
  encode(arguments, output);
  ++sent_;
}

void Connection::cancel(Token token) {
  std::erase_if(failures_, [token](const Event& failure) { return failure.token == token; });
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].token != token || slots_[i].silent) continue;
    if (i < sent_) {
      slots_[i].silent = true;
    } else {
      remove_slot(i);
    }
    return;
  }
}

void Connection::forward(Bytes command, Token token, Buffer& output) {
  slots_.push_back({.token = token, .deadline = kNever});
  ++sent_;
  output.append(command);
}

void Connection::forward_silently(Bytes command, Milliseconds now, Buffer& output) {
  slots_.push_back({.deadline = now + options_.command_deadline, .silent = true});
  ++sent_;
  output.append(command);
}

void Connection::subscriptions(Bytes commands, Milliseconds now, Buffer& output) {
  forward_silently(commands, now, output);
  Slot& slot = slots_[slots_.size() - 1];
  slot.subscriptions = true;
  slot.token = ++last_ping_;
  encode({"PING", std::to_string(last_ping_)}, output);
}

void Connection::fail_slot(std::size_t index) {
  const Slot& slot = slots_[index];
  failures_.push_back(
      {.kind = Event::Kind::kFailed, .token = slot.token, .may_have_run = slot.sent_before});
  remove_slot(index);
}

void Connection::remove_slot(std::size_t index) {
  const Slot slot = slots_[index];
  queued_bytes_ -= slot.size;
  if (slot.may_resend) remove_kept(index);
  slots_.erase(index);
}

void Connection::remove_kept(std::size_t index) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < index; ++i) before += slots_[i].may_resend ? slots_[i].size : 0;
  const std::size_t size = slots_[index].size;
  if (before > 0) {
    const MutableBytes bytes = kept_.mutable_bytes();
    std::ranges::move_backward(bytes.first(before),
                               bytes.begin() + static_cast<std::ptrdiff_t>(before + size));
  }
  kept_.consume(size);
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
  return options_.subscriber && protocol_ == 2 && ready() && reply.type() == Type::kArray &&
         std::ranges::find(kPushes, reply[0].text()) != kPushes.end();
}

// The reply to the oldest command; nothing if nobody waits for it.
Result<Event, Error> Connection::answer(const Reply& reply) {
  if (sent_ == 0) return fail(Error::kUnexpectedReply);
  const Slot slot = slots_.front();
  if (slot.subscriptions) return subscription_answer(reply);
  remove_slot(0);
  --sent_;
  if (slot.silent) return Event{};
  return Event{.kind = Event::Kind::kReply, .token = slot.token, .reply = reply};
}

// To a subscriber in RESP2, PING is answered by ["pong", argument].
Result<Event, Error> Connection::subscription_answer(const Reply& reply) {
  if (reply.is_error()) return Event{.kind = Event::Kind::kSubscriptionError, .reply = reply};
  const Reply pong = reply.type() == Type::kArray && protocol_ == 2 ? reply[1] : reply;
  if (pong.text() != std::to_string(slots_.front().token)) return fail(Error::kUnexpectedReply);
  remove_slot(0);
  --sent_;
  return Event{.kind = Event::Kind::kSubscriptionsDone};
}

// ---- Time ----

Milliseconds Connection::deadline() const {
  const Milliseconds oldest = slots_.empty() ? kNever : slots_.front().deadline;
  if (state_ == State::kDown) return std::min(oldest, retry_at_);
  if (!ready()) return std::min(oldest, setup_until_);
  return slots_.empty() ? heard_at_ + options_.ping_after : oldest;
}

Action Connection::on_timer(Milliseconds now, Buffer& output) {
  if (ready()) return on_timer_ready(now, output);
  while (!slots_.empty() && slots_.front().deadline <= now) fail_slot(0);
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
  const std::array<std::string_view, 1> ping = {"PING"};
  push_slot(
      {.deadline = now + options_.command_deadline, .size = encoded_size(ping), .silent = true},
      ping, output);
  return Action::kNothing;
}

}  // namespace heliograph::resp

#include "server/redis_link.hpp"

#include <array>
#include <utility>

#include <spdlog/spdlog.h>

#include "net/socket.hpp"
#include "server/log_text.hpp"

namespace heliograph::server {

namespace {

constexpr std::size_t kReadSize = 16 * 1024;

resp::Options make_options(const resp::Url& url) {
  resp::Options options;
  options.user = url.user;
  options.password = url.password;
  options.client_name = "heliograph";
  options.database = url.database;
  return options;
}

}  // namespace

RedisLink::RedisLink(const resp::Url& url, net::Poller& poller, net::PollToken token,
                     std::uint64_t seed)
    : url_(url), poller_(poller), token_(token), machine_(make_options(url), seed) {}

bool RedisLink::get(std::string_view key, resp::Token token, Milliseconds now) {
  return machine_.command({"GET", key}, token, now, output_);
}

void RedisLink::on_ready(const net::Ready& ready, Milliseconds now) {
  if (!socket_.valid()) return;
  if (connecting_) {
    finish_connecting(now);
  } else if (ready.readable) {
    read(now);
  }
}

RedisLink::Wish RedisLink::on_timer(Milliseconds now) {
  if (machine_.deadline() > now) return Wish::kNothing;
  const resp::Action action = machine_.on_timer(now, output_);
  collect_failures();
  switch (action) {
    case resp::Action::kNothing:
      return Wish::kNothing;
    case resp::Action::kClose:
      drop("it does not answer in time", now);
      return Wish::kNothing;
    case resp::Action::kConnect:
      break;
  }
  resolving_ = true;
  if (url_.path.empty()) return Wish::kResolve;
  auto endpoint = net::unix_endpoint(url_.path);
  resolved(endpoint ? std::vector{*endpoint} : std::vector<net::Endpoint>{},
           endpoint ? std::string() : endpoint.error(), now);
  return Wish::kNothing;
}

void RedisLink::resolved(std::vector<net::Endpoint> endpoints, const std::string& error,
                         Milliseconds now) {
  if (!resolving_) return;  // too late: the attempt was given up
  resolving_ = false;
  endpoints_ = std::move(endpoints);
  if (endpoints_.empty()) return drop(error, now);
  connect_next(now);
}

void RedisLink::connect_next(Milliseconds now) {
  const net::Endpoint& endpoint = endpoints_[next_endpoint_++ % endpoints_.size()];
  auto socket = net::connect(endpoint);
  if (!socket) return drop(socket.error(), now);
  socket_ = std::move(*socket);
  connecting_ = true;
  interest_ = {.readable = false, .writable = true};
  if (!poller_.add(socket_.get(), token_, interest_)) drop("it cannot be watched", now);
}

void RedisLink::finish_connecting(Milliseconds now) {
  connecting_ = false;
  const std::string reason = net::connect_outcome(socket_.get());
  if (!reason.empty()) return drop(reason, now);
  machine_.opened(now, output_);
  flush(now);
}

void RedisLink::read(Milliseconds now) {
  std::array<std::uint8_t, kReadSize> block;
  const auto count = net::receive(socket_.get(), block);
  if (!count) {
    if (count.error() != net::IoError::kWouldBlock) drop("it closed the connection", now);
    return;
  }
  MutableBytes input = MutableBytes(block).first(*count);
  for (;;) {
    const auto event = machine_.receive(input, now, output_);
    if (!event) return drop(resp::describe(event.error()), now);
    if (event->kind == resp::Event::Kind::kNeedMore) break;
    if (event->kind == resp::Event::Kind::kRefused) return drop(machine_.refusal(), now);
    handle(*event);
  }
  collect_failures();
}

void RedisLink::handle(const resp::Event& event) {
  if (event.kind == resp::Event::Kind::kReady) {
    announced_down_ = false;
    spdlog::info("event=redis_up protocol={}", machine_.protocol());
  } else if (event.kind == resp::Event::Kind::kReply) {
    Answer answer{.token = event.token, .kind = Answer::Kind::kFailed, .value = {}};
    if (event.reply.is_null()) {
      answer.kind = Answer::Kind::kMissing;
    } else if (event.reply.is_string()) {
      answer.kind = Answer::Kind::kValue;
      answer.value = event.reply.text();
    } else if (event.reply.is_error()) {
      spdlog::warn("event=redis_error text={}", quoted(event.reply.text()));
    }
    answers_.push_back(std::move(answer));
  }
}

void RedisLink::collect_failures() {
  while (const auto failure = machine_.next_failure()) {
    answers_.push_back({.token = failure->token, .kind = Answer::Kind::kFailed, .value = {}});
  }
}

void RedisLink::drop(std::string_view reason, Milliseconds now) {
  if (!announced_down_) {
    announced_down_ = true;
    spdlog::warn("event=redis_down reason={}", quoted(reason));
  }
  if (socket_.valid()) poller_.remove(socket_.get());
  socket_.reset();
  resolving_ = false;
  connecting_ = false;
  output_.release();
  machine_.lost(now);
  collect_failures();
}

void RedisLink::flush(Milliseconds now) {
  if (!socket_.valid() || connecting_) return;
  while (!output_.empty()) {
    const auto sent = net::send(socket_.get(), output_.bytes());
    if (!sent && sent.error() != net::IoError::kWouldBlock) {
      return drop("it closed the connection", now);
    }
    if (!sent) break;
    output_.consume(*sent);
  }
  update_interest(now);
}

void RedisLink::update_interest(Milliseconds now) {
  const net::Interest wanted = {.readable = true, .writable = !output_.empty()};
  if (wanted == interest_) return;
  interest_ = wanted;
  if (!poller_.modify(socket_.get(), token_, interest_)) drop("it cannot be watched", now);
}

}  // namespace heliograph::server

#include "app/redis_client.hpp"

#include "app/exit_status.hpp"
#include "crypto/random.hpp"
#include "net/clock.hpp"
#include "net/endpoint.hpp"
#include "net/socket.hpp"

namespace heliograph::app {

namespace {

resp::Options make_options(const resp::Url& url) {
  resp::Options options;
  options.user = url.user;
  options.password = url.password;
  options.client_name = "heliograph-user";
  options.database = url.database;
  return options;
}

std::vector<net::Endpoint> endpoints_of(const resp::Url& url) {
  if (url.path.empty()) {
    auto found = net::resolve(url.host, url.port);
    if (!found) throw Failure(EX_NOHOST, found.error());
    return std::move(*found);
  }
  auto endpoint = net::unix_endpoint(url.path);
  if (!endpoint) throw Failure(EX_USAGE, "--redis: " + endpoint.error());
  return {*endpoint};
}

}  // namespace

RedisClient::RedisClient(const resp::Url& url)
    : where_(url.path.empty() ? url.host + ":" + std::to_string(url.port) : "unix:" + url.path),
      machine_(make_options(url), crypto::random_u64()) {
  connect(url);
  std::ignore = machine_.on_timer(net::monotonic_now(), output_);
  machine_.opened(net::monotonic_now(), output_);
  while (!machine_.ready()) next_event();
}

void RedisClient::connect(const resp::Url& url) {
  std::string reason = "it has no address";
  for (const net::Endpoint& endpoint : endpoints_of(url)) {
    auto socket = net::connect(endpoint);
    if (!socket) {
      reason = socket.error();
      continue;
    }
    socket_ = std::move(*socket);
    if (!poller_.add(socket_.get(), 0, {.readable = false, .writable = true})) {
      fail("it cannot be watched");
    }
    poller_.wait(resp::Options{}.setup_deadline);
    reason = net::connect_outcome(socket_.get());
    if (reason.empty()) return;
    poller_.remove(socket_.get());
  }
  fail(reason);
}

resp::Reply RedisClient::command(std::initializer_list<std::string_view> arguments) {
  if (!machine_.command(arguments, ++last_token_, net::monotonic_now(), output_)) {
    fail("it takes no command");
  }
  for (;;) {
    const resp::Event event = next_event();
    if (event.kind != resp::Event::Kind::kReply || event.token != last_token_) continue;
    if (event.reply.is_error()) fail(event.reply.text());
    return event.reply;
  }
}

resp::Event RedisClient::next_event() {
  for (;;) {
    send_output();
    if (input_.empty()) read_input();
    const auto event = machine_.receive(input_, net::monotonic_now(), output_);
    if (!event) fail(resp::describe(event.error()));
    if (event->kind == resp::Event::Kind::kRefused) fail(machine_.refusal());
    if (event->kind != resp::Event::Kind::kNeedMore) return *event;
  }
}

void RedisClient::send_output() {
  while (!output_.empty()) {
    const auto sent = net::send(socket_.get(), output_.bytes());
    if (sent) {
      output_.consume(*sent);
    } else if (sent.error() == net::IoError::kWouldBlock) {
      wait({.readable = false, .writable = true});
    } else {
      fail("it closed the connection");
    }
  }
}

void RedisClient::read_input() {
  for (;;) {
    const auto count = net::receive(socket_.get(), block_);
    if (count) {
      input_ = MutableBytes(block_).first(*count);
      return;
    }
    if (count.error() != net::IoError::kWouldBlock) fail("it closed the connection");
    wait({.readable = true, .writable = false});
  }
}

void RedisClient::wait(net::Interest interest) {
  if (!poller_.modify(socket_.get(), 0, interest)) fail("it cannot be watched");
  const Milliseconds now = net::monotonic_now();
  const Milliseconds deadline = machine_.deadline();
  const Milliseconds timeout = deadline > now ? deadline - now : 0;
  if (poller_.wait(timeout).empty() && net::monotonic_now() >= deadline) {
    if (machine_.on_timer(net::monotonic_now(), output_) == resp::Action::kClose) {
      fail("it does not answer in time");
    }
  }
}

void RedisClient::fail(std::string_view reason) const {
  throw Failure(EX_UNAVAILABLE, "Redis at " + where_ + ": " + std::string(reason));
}

}  // namespace heliograph::app

#include "app/redis_client.hpp"

#include <algorithm>
#include <utility>

#include "app/exit_status.hpp"
#include "crypto/random.hpp"
#include "net/clock.hpp"
#include "net/endpoint.hpp"

namespace heliograph::app {

namespace {

std::string place(const resp::Url& url) {
  if (!url.path.empty()) return "unix:" + url.path;
  return resp::to_text({.host = url.host, .port = url.port});
}

int exit_status(server::RedisLoss::Kind kind) {
  switch (kind) {
    case server::RedisLoss::Kind::kNoHost:
      return EX_NOHOST;
    case server::RedisLoss::Kind::kUnreachable:
      return EX_UNAVAILABLE;
    case server::RedisLoss::Kind::kDisbelieved:
      return EX_NOPERM;
    case server::RedisLoss::Kind::kTls:
      return EX_PROTOCOL;
  }
  std::unreachable();
}

}  // namespace

RedisClient::RedisClient(const server::RedisOptions& options)
    : where_(place(options.url)),
      patience_(2 * options.client.setup_deadline),
      link_(options, poller_, 0, crypto::random_u64()) {
  const Milliseconds until = net::monotonic_now() + patience_;
  while (!link_.client().up()) {
    const resp::ClientEvent event = next_event(until);
    if (event.kind == resp::ClientEvent::Kind::kDown) {
      const auto& loss = link_.last_loss();
      const std::string reason = "Redis at " + where_ + ": " + std::string(event.text);
      throw Failure(loss && loss->text == event.text ? exit_status(loss->kind) : EX_UNAVAILABLE,
                    reason);
    }
  }
}

resp::Reply RedisClient::command(const resp::Command& command) {
  const resp::Reply reply = ask(command);
  if (reply.is_error()) fail(reply.text());
  return reply;
}

resp::Reply RedisClient::ask(const resp::Command& command) {
  if (!link_.command(command, ++last_token_, net::monotonic_now())) fail("it takes no command");
  const Milliseconds until = net::monotonic_now() + patience_;
  for (;;) {
    const resp::ClientEvent event = next_event(until);
    if (event.token != last_token_) continue;
    if (event.kind == resp::ClientEvent::Kind::kReply) return event.reply;
    if (event.kind == resp::ClientEvent::Kind::kFailed) fail(resp::describe(event.failure));
  }
}

resp::ClientEvent RedisClient::next_event(Milliseconds until) {
  for (;;) {
    if (const auto event = link_.next(net::monotonic_now())) return *event;
    if (net::monotonic_now() >= until) fail("it does not answer");
    if (const auto lookup = link_.next_lookup()) {
      auto found = net::resolve(lookup->host, lookup->port);
      const std::string error = found ? std::string() : found.error();
      link_.resolved(lookup->id, std::move(found).value_or(std::vector<net::Endpoint>()), error);
    } else if (!ready_.empty()) {
      link_.on_ready(ready_.front());
      ready_ = ready_.subspan(1);
    } else if (link_.deadline() <= net::monotonic_now()) {
      link_.on_timer(net::monotonic_now());
    } else {
      link_.flush();
      const Milliseconds now = net::monotonic_now();
      ready_ = poller_.wait(std::max(std::min(link_.deadline(), until), now) - now);
    }
  }
}

const tls::Negotiated* RedisClient::negotiated() const {
  for (resp::LinkId id = 0; id < link_.client().links(); ++id) {
    if (const auto* const negotiated = link_.negotiated(id)) return negotiated;
  }
  return nullptr;
}

void RedisClient::fail(std::string_view reason) const {
  throw Failure(EX_UNAVAILABLE, "Redis at " + where_ + ": " + std::string(reason));
}

}  // namespace heliograph::app

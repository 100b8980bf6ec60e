#include "server/redis_link.hpp"

#include <algorithm>
#include <utility>

namespace heliograph::server {

namespace {

// Tokens are used again after so many connections.
constexpr std::uint32_t kTokens = 1u << 31;

}  // namespace

RedisLink::RedisLink(RedisOptions options, net::Poller& poller, net::PollToken first_token,
                     std::uint64_t seed)
    : options_(std::move(options)),
      poller_(poller),
      first_token_(first_token),
      client_(options_.url, options_.client, seed) {}

std::optional<resp::LinkId> RedisLink::find(net::PollToken token) const {
  const auto found = std::ranges::find_if(links_, [token](const Link& link) {
    return link.transport && link.transport->token() == token;
  });
  if (found == links_.end()) return std::nullopt;
  return static_cast<resp::LinkId>(found - links_.begin());
}

void RedisLink::on_ready(const net::Ready& ready) {
  const auto id = find(ready.token);
  if (!id) return;  // it was closed earlier in this turn
  reading_ = id;
  note(*id, links_[*id].transport->on_ready(ready, block_));
}

void RedisLink::on_timer(Milliseconds now) {
  if (client_.deadline() <= now) client_.on_timer(now);
}

void RedisLink::resolved(net::PollToken id, std::vector<net::Endpoint> endpoints,
                         const std::string& error) {
  std::erase_if(under_way_, [id](const Lookup& lookup) { return lookup.id == id; });
  const auto link = find(id);
  if (!link || !links_[*link].transport->resolving()) return;  // the attempt was given up
  note(*link, links_[*link].transport->resolved(std::move(endpoints), error));
}

std::optional<RedisLink::Lookup> RedisLink::next_lookup() {
  // Attempts that were given up.
  std::erase_if(lookups_, [this](const Lookup& lookup) { return !find(lookup.id); });
  const auto next = std::ranges::find_if(lookups_, [this](const Lookup& lookup) {
    return std::ranges::find(under_way_, lookup.host, &Lookup::host) == under_way_.end();
  });
  if (next == lookups_.end()) return std::nullopt;
  Lookup lookup = std::move(*next);
  lookups_.erase(next);
  under_way_.push_back(lookup);
  return lookup;
}

// Wishes come first: a link that is to be closed is told nothing any more.
std::optional<resp::ClientEvent> RedisLink::next(Milliseconds now) {
  for (;;) {
    while (const auto wish = client_.next_wish()) grant(*wish);
    if (const auto event = client_.next_event()) return event;
    if (!outcomes_.empty()) {
      const Outcome outcome = std::move(outcomes_.front());
      outcomes_.pop_front();
      tell(outcome, now);
    } else if (!data_.empty()) {
      if (const auto event = client_.receive(*reading_, data_, now)) return event;
    } else if (reading_) {
      RedisTransport& transport = *links_[*reading_].transport;
      auto outcome = transport.next();
      if (outcome == RedisTransport::Progress::kData) {
        data_ = transport.data();
      } else if (outcome == RedisTransport::Progress::kNothing) {
        reading_.reset();
      } else {
        note(*reading_, std::move(outcome));
      }
    } else {
      return std::nullopt;
    }
  }
}

void RedisLink::grant(const resp::Wish& wish) {
  close(wish.link);
  if (wish.kind == resp::Wish::Kind::kClose) return;
  if (links_.size() <= wish.link) links_.resize(wish.link + 1);
  Link& link = links_[wish.link];
  last_token_ = (last_token_ + 1) % kTokens;
  link.transport = std::make_unique<RedisTransport>(
      client_.target(wish.link), options_.tls, poller_, first_token_ + last_token_, link.attempts++,
      std::exchange(link.session, nullptr));
  auto outcome = link.transport->start();
  if (!outcome || !link.transport->resolving()) return note(wish.link, std::move(outcome));
  const resp::Address& address = link.transport->target().address;
  lookups_.push_back({.id = link.transport->token(), .host = address.host, .port = address.port});
}

void RedisLink::note(resp::LinkId id, RedisTransport::Outcome outcome) {
  if (outcome != RedisTransport::Progress::kNothing) outcomes_.push_back({id, std::move(outcome)});
}

void RedisLink::tell(const Outcome& outcome, Milliseconds now) {
  if (outcome.outcome) return client_.opened(outcome.link, now);
  last_loss_ = outcome.outcome.error();
  close(outcome.link);
  client_.lost(outcome.link, now, last_loss_->text);
}

void RedisLink::close(resp::LinkId id) {
  if (id < links_.size() && links_[id].transport) {
    links_[id].session = links_[id].transport->take_session();
    links_[id].transport.reset();
  }
  std::erase_if(outcomes_, [id](const Outcome& outcome) { return outcome.link == id; });
  if (reading_ != id) return;
  reading_.reset();
  data_ = {};
}

void RedisLink::flush() {
  for (resp::LinkId id = 0; id < links_.size(); ++id) {
    if (links_[id].transport) links_[id].transport->flush(client_.output(id));
  }
}

// At once, if next() has something to do: a wish may have come of what the owner did.
Milliseconds RedisLink::deadline() const {
  return outcomes_.empty() ? client_.deadline() : 0;
}

const tls::Negotiated* RedisLink::negotiated(resp::LinkId id) const {
  return id < links_.size() && links_[id].transport ? links_[id].transport->negotiated() : nullptr;
}

}  // namespace heliograph::server

// Commands of a client: accepted, sent over the right link, waiting for it, failed.
#include <algorithm>
#include <utility>

#include "resp/client_machine.hpp"

namespace heliograph::resp {

namespace {

// Between attempts of a command that the server could not run yet: a random part of
// min(first * 2^n, longest), and at least the first.
constexpr Milliseconds kFirstRetry = 10;
constexpr Milliseconds kLongestRetry = 320;
constexpr unsigned kMostDoublings = 5;

constexpr std::array<std::string_view, 1> kAsking = {"ASKING"};

}  // namespace

bool Client::Machine::command(const Command& command, Token token, Milliseconds now) {
  if (!command.has_one_reply() || pending_.size() >= options_.queue_commands) return false;
  if (pending_.bytes() + command.encoded_size() > options_.queue_bytes) return false;
  const Index index = pending_.add(command, now + options_.command_deadline);
  Pending& pending = pending_[index];
  pending.token = token;
  if (topology_ == Topology::kCluster && command.key()) pending.slot = key_slot(*command.key());
  Link* link = nullptr;
  switch (route(pending, link)) {
    case Route::kReady:
      send(*link, index, now);
      break;
    case Route::kWait:
      waiting_.push_back(index);
      break;
    case Route::kRefused:
      remove(index);
      return false;
  }
  ++usage_.commands;
  return true;
}

void Client::Machine::cancel(Token token) {
  std::erase_if(events_, [token](const Queued& queued) {
    return queued.event.kind == ClientEvent::Kind::kFailed && queued.event.token == token;
  });
  for (Index i = pending_.oldest(); i != PendingTable::kNone; i = pending_[i].newer) {
    Pending& pending = pending_[i];
    if (pending.token != token || pending.purpose != Purpose::kCommand || pending.abandoned) {
      continue;
    }
    pending.abandoned = pending.link != kNoLink;
    if (pending.abandoned) return;
    std::erase(waiting_, i);
    return remove(i);
  }
}

// ---- To a link ----

Client::Machine::Route Client::Machine::route(const Pending& pending, Link*& link) {
  if (topology_ == Topology::kCluster) return route_in_cluster(pending, link);
  link = &data_link();
  if (link->usable) return Route::kReady;
  return link->connection.refusal().empty() ? Route::kWait : Route::kRefused;
}

Client::Machine::Route Client::Machine::route_in_cluster(const Pending& pending, Link*& link) {
  if (pending.ask != kNoLink) {
    link = links_[pending.ask].get();
  } else if (pending.slot == kAnySlot) {
    link = any_usable();
  } else if (const SlotTable::Node node = slots_.owner(pending.slot); node != SlotTable::kNoNode) {
    link = links_[node_links_[node]].get();
  }
  if (link == nullptr) {
    slots_wanted_ = true;
    return Route::kWait;
  }
  if (link->usable) return Route::kReady;
  link->wanted = true;
  return link->connection.refusal().empty() ? Route::kWait : Route::kRefused;
}

void Client::Machine::dispatch(Index index, Milliseconds now) {
  Link* link = nullptr;
  switch (route(pending_[index], link)) {
    case Route::kReady:
      return send(*link, index, now);
    case Route::kWait:
      return waiting_.push_back(index);
    case Route::kRefused:
      return fail_command(index, Failure::kRefused, pending_[index].resent);
  }
}

void Client::Machine::dispatch_waiting(Milliseconds now) {
  waiting_until_ = kNever;
  if (waiting_.empty()) return;
  for (const Index index : std::exchange(waiting_, {})) {
    if (pending_[index].not_before <= now) {
      dispatch(index, now);
    } else {
      waiting_until_ = std::min(waiting_until_, pending_[index].not_before);
      waiting_.push_back(index);
    }
  }
}

void Client::Machine::send(Link& link, Index index, Milliseconds now) {
  Pending& pending = pending_[index];
  if (std::exchange(pending.ask, kNoLink) != kNoLink) {
    scratch_.clear();
    encode(kAsking, scratch_);
    link.connection.forward_silently(scratch_.bytes(), now, link.output);
  }
  pending.link = link.id;
  link.connection.forward(pending.bytes.bytes(), index, link.output);
}

// ---- Our own ----

void Client::Machine::ask_own(Link& link, Purpose purpose, const Command& command,
                              Milliseconds now) {
  const Index index = pending_.add(command, now + options_.command_deadline);
  pending_[index].purpose = purpose;
  pending_[index].expected = Types::any();
  ++own_[static_cast<std::size_t>(purpose)];
  send(link, index, now);
}

bool Client::Machine::asking(Purpose purpose) const {
  return own_[static_cast<std::size_t>(purpose)] > 0;
}

void Client::Machine::remove(Index index) {
  const Purpose purpose = pending_[index].purpose;
  if (purpose != Purpose::kCommand) --own_[static_cast<std::size_t>(purpose)];
  pending_.remove(index);
}

// ---- Not answered ----

// The server has not run it, but may soon.
void Client::Machine::retry_later(Index index, Milliseconds now) {
  Pending& pending = pending_[index];
  const Milliseconds longest =
      std::min(kFirstRetry << std::min<unsigned>(pending.retries, kMostDoublings), kLongestRetry);
  if (pending.retries < kMostDoublings) ++pending.retries;
  pending.link = kNoLink;
  pending.not_before = now + kFirstRetry + random_part(longest);
  waiting_.push_back(index);
  waiting_until_ = std::min(waiting_until_, pending.not_before);
  ++usage_.retries;
}

// Its connection broke.
void Client::Machine::give_back(Index index, Milliseconds now) {
  Pending& pending = pending_[index];
  pending.link = kNoLink;
  if (pending.abandoned || pending.purpose != Purpose::kCommand) return remove(index);
  if (!pending.may_resend || pending.resent || now >= pending.deadline) {
    return fail_command(index, Failure::kLost, true);
  }
  pending.resent = true;
  ++usage_.resent;
  waiting_.push_back(index);
}

void Client::Machine::fail_command(Index index, Failure failure, bool may_have_run) {
  const Pending& pending = pending_[index];
  if (!pending.abandoned && pending.purpose == Purpose::kCommand) {
    push_event({.kind = ClientEvent::Kind::kFailed,
                .token = pending.token,
                .failure = failure,
                .may_have_run = may_have_run});
  }
  remove(index);
}

// A command that is late takes its connection with it.
void Client::Machine::expire(Milliseconds now) {
  while (pending_.oldest() != PendingTable::kNone) {
    const Index index = pending_.oldest();
    Pending& pending = pending_[index];
    if (pending.deadline > now) return;
    if (pending.link == kNoLink) {
      std::erase(waiting_, index);
      fail_command(index, Failure::kLate, pending.resent);
      continue;
    }
    if (!std::exchange(pending.abandoned, true) && pending.purpose == Purpose::kCommand) {
      push_event({.kind = ClientEvent::Kind::kFailed,
                  .token = pending.token,
                  .failure = Failure::kLate,
                  .may_have_run = true});
    }
    close(*links_[pending.link], describe(Failure::kLate), now);
  }
}

}  // namespace heliograph::resp

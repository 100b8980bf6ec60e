// Replies to a client: to whom they belong, and what those mean that say that a command has not
// run.
#include <utility>

#include "resp/client_machine.hpp"

namespace heliograph::resp {

namespace {

// Servers that have not heard of a move send a command to and fro. Further redirects are followed
// after a pause, in which they may.
constexpr unsigned kPromptRedirects = 2;

}  // namespace

std::optional<ClientEvent> Client::Machine::receive(LinkId id, MutableBytes& input,
                                                    Milliseconds now) {
  Link& link = *links_[id];
  while (link.open) {
    const auto event = link.connection.receive(input, now, link.output);
    if (event && event->kind == Event::Kind::kNeedMore) break;
    std::optional<ClientEvent> result;
    if (event) {
      result = handle(link, *event, now);
    } else {
      unreadable(link, event.error(), now);
    }
    if (dirty_) settle(now);
    if (result) return result;
  }
  input = {};
  return std::nullopt;
}

std::optional<ClientEvent> Client::Machine::handle(Link& link, const Event& event,
                                                   Milliseconds now) {
  switch (event.kind) {
    case Event::Kind::kReply:
      return reply(link, static_cast<Index>(event.token), event.reply, now);
    case Event::Kind::kPush:
      return push(link, event.reply, now);
    case Event::Kind::kReady:
      become_ready(link, now);
      break;
    case Event::Kind::kRefused:
      refused(link, now);
      break;
    case Event::Kind::kSubscriptionError:
      subscription_error(link, event.reply, now);
      break;
    case Event::Kind::kSubscriptionsDone:
      batch_done(link, now);
      break;
    case Event::Kind::kNeedMore:
      break;
  }
  return std::nullopt;
}

std::optional<ClientEvent> Client::Machine::reply(Link& link, Index index, const Reply& reply,
                                                  Milliseconds now) {
  Pending& pending = pending_[index];
  pending.link = kNoLink;
  if (pending.purpose != Purpose::kCommand) {
    const Purpose purpose = pending.purpose;
    remove(index);
    own_reply(link, purpose, reply, now);
    return std::nullopt;
  }
  if (pending.abandoned) {
    remove(index);
    return std::nullopt;
  }
  if (reply.is_error()) {
    if (handle_error(link, index, reply, now)) return std::nullopt;
  } else if (!pending.expected.contains(reply.type())) {
    broken(link, index, Error::kWrongReplyType, now);
    return std::nullopt;
  }
  const Token token = pending.token;
  remove(index);
  return ClientEvent{.kind = ClientEvent::Kind::kReply, .token = token, .reply = reply};
}

void Client::Machine::broken(Link& link, Index index, Error error, Milliseconds now) {
  fail_command(index, Failure::kLost, true);
  close(link, describe(error), now);
}

// Asked again, the command whose reply this is would break the next connection too.
void Client::Machine::unreadable(Link& link, Error error, Milliseconds now) {
  if (const auto first = link.connection.next_unanswered()) {
    fail_command(static_cast<Index>(*first), Failure::kLost, true);
  }
  close(link, describe(error), now);
}

// ---- Errors that are no answers ----

// False: it is one.
bool Client::Machine::handle_error(Link& link, Index index, const Reply& error, Milliseconds now) {
  Pending& pending = pending_[index];
  if (pending.script != nullptr && error.error_code() == "NOSCRIPT") {
    scratch_.clear();
    encode_eval(pending.bytes.bytes(), *std::exchange(pending.script, nullptr), scratch_);
    pending_.replace(index, scratch_);
    ++usage_.scripts_sent;
    send(link, index, now);
    return true;
  }
  const auto redirect = parse_redirect(error);
  if (!redirect) {
    broken(link, index, redirect.error(), now);
    return true;
  }
  return *redirect && follow(link, index, **redirect, now);
}

bool Client::Machine::follow(Link& link, Index index, const Redirect& redirect, Milliseconds now) {
  const bool replica =
      redirect.kind == Redirect::Kind::kReadOnly || redirect.kind == Redirect::Kind::kMasterDown;
  if (topology_ == Topology::kCluster) return follow_in_cluster(link, index, redirect, now);
  if (redirect.kind == Redirect::Kind::kLoading) {
    retry_later(index, now);
    return true;
  }
  if (topology_ != Topology::kSentinel || !replica) return false;
  retry_later(index, now);
  close(link, "the server is no master any more", now);
  return true;
}

bool Client::Machine::follow_in_cluster(Link& link, Index index, const Redirect& redirect,
                                        Milliseconds now) {
  Pending& pending = pending_[index];
  if (redirect.kind > Redirect::Kind::kAsk) {
    if (redirect.kind != Redirect::Kind::kTryAgain) slots_wanted_ = dirty_ = true;
    retry_later(index, now);
    return true;
  }
  ++usage_.redirects;
  if (++pending.redirects > kMostRedirects) {
    fail_command(index, Failure::kTooManyRedirects, false);
    return true;
  }
  const Address address = redirect_address(link, redirect);
  if (redirect.kind == Redirect::Kind::kAsk) {
    Link* const target = link_to(address);
    if (target == nullptr) {
      fail_command(index, Failure::kTooManyRedirects, false);
      return true;
    }
    target->wanted = !target->usable;
    pending.ask = target->id;
  } else {
    pending.slot = redirect.slot;
    slot_is_at(redirect.slot, address);
  }
  if (pending.redirects <= kPromptRedirects) {
    dispatch(index, now);
  } else {
    retry_later(index, now);
  }
  return true;
}

Address Client::Machine::redirect_address(const Link& link, const Redirect& redirect) {
  return {.host = redirect.host.empty() ? link.target.address.host : std::string(redirect.host),
          .port = redirect.port};
}

void Client::Machine::own_reply(Link& link, Purpose purpose, const Reply& reply, Milliseconds now) {
  switch (purpose) {
    case Purpose::kRole:
      return role_is(link, reply, now);
    case Purpose::kMaster:
      return master_is(link, reply, now);
    case Purpose::kSlots:
      return slots_are(link, reply, now);
    case Purpose::kProbe:
    case Purpose::kCommand:
      return;
  }
}

}  // namespace heliograph::resp

// The worker's part in the admin endpoint: what is asked of it, and what it counts once a turn.

#include <algorithm>
#include <utility>

#include "server/log.hpp"
#include "server/worker.hpp"

namespace heliograph::server {

void Worker::on_letter(Question& letter) {
  std::visit([this](auto& question) { answer(question); }, letter.what);
}

void Worker::answer(ListUsers& question) {
  std::vector<std::pair<std::string_view, SlotId>> names;
  const auto add = [&](SlotId id, const Member& member) {
    const std::string_view name = member.session.name();
    if (member.session.logged_in() && name > question.after) names.emplace_back(name, id);
  };
  members_.for_each(add);
  for (const auto& [id, member] : adrift_) add(id, *member);
  const std::size_t count = std::min(question.limit, names.size());
  std::ranges::partial_sort(names, names.begin() + static_cast<std::ptrdiff_t>(count));
  names.resize(count);
  UserList list{.question = question.question, .users = {}};
  for (const auto& [name, id] : names) list.users.push_back(describe(id, *session_at(id)));
  node_.reports.post(std::move(list));
}

ListedUser Worker::describe(SlotId id, const Member& member) const {
  ListedUser user{.name = std::string(member.session.name()),
                  .since = member.logged_in_at,
                  .address = std::nullopt};
  const auto client = member.lifeline ? member.lifeline->client : address_of(id);
  if (client) user.address = member.peer.text();
  return user;
}

void Worker::answer(KickName& question) {
  const auto address = directory_.find(question.name);
  if (!address) return node_.reports.post(KickOutcome{question.question, false});
  post(address->worker, Question{KickConnection{.question = question.question,
                                                .name = std::move(question.name),
                                                .connection = address->connection}});
}

// Who is away is gone for good at once.
void Worker::answer(KickConnection& question) {
  Member* const member = session_at(question.connection);
  const bool found = member != nullptr && member->session.name() == question.name;
  node_.reports.post(KickOutcome{question.question, found});
  if (!found) return;
  log::info("kicked", {{"user", question.name}});
  close_client(question.connection, *member, signal::kKicked, "closed by the operator");
  end_session(question.connection, *member);  // at once: it must not be resumed meanwhile
}

void Worker::count_calls(std::size_t before, const Member& member, std::optional<CallEnd> end) {
  const std::size_t after = member.session.calls();
  Metrics& metrics = loop_.metrics();
  metrics.call_parties.set(metrics.call_parties.value() + after - before);
  if (end && after < before) metrics.calls[*end].add(before - after);
}

// One that is right and leads to a claim is counted with that, and what the session no longer waits
// for has been counted as something else.
void Worker::count_checked(const CredentialChecked& checked, const Member& member) {
  auto& logins = loop_.metrics().logins;
  switch (checked.outcome) {
    case CredentialChecked::Outcome::kRight:
      if (member.session.name() == checked.name) logins[LoginResult::kOk].add();
      return;
    case CredentialChecked::Outcome::kWrong:
      return logins[LoginResult::kWrong].add();
    case CredentialChecked::Outcome::kRefused:
      return logins[LoginResult::kRefused].add();
    case CredentialChecked::Outcome::kUnavailable:
      return logins[LoginResult::kUnavailable].add();
  }
}

void Worker::count_identified(const Identified& identified, const Member& member) {
  auto& logins = loop_.metrics().logins;
  if (!identified.name) return logins[LoginResult::kWrong].add();
  if (member.session.name() == *identified.name) logins[LoginResult::kOk].add();
}

void Worker::count_redis_failure(resp::Failure failure) {
  auto& errors = loop_.metrics().redis_errors;
  switch (failure) {
    case resp::Failure::kLate:
      return errors[RedisError::kLate].add();
    case resp::Failure::kLost:
      return errors[RedisError::kLost].add();
    case resp::Failure::kRefused:
      return errors[RedisError::kRefused].add();
    case resp::Failure::kTooManyRedirects:
      return errors[RedisError::kTooManyRedirects].add();
  }
}

void Worker::count_tally(const signal::Tally& tally) {
  Metrics& metrics = loop_.metrics();
  for (std::size_t i = 0; i < tally.received.size(); ++i) {
    metrics.messages_in[static_cast<signal::Command::Kind>(i)].add(tally.received[i]);
  }
  for (std::size_t i = 0; i < tally.sent.size(); ++i) {
    metrics.messages_out[static_cast<signal::Event::Kind>(i)].add(tally.sent[i]);
  }
  metrics.glares.add(tally.glares);
}

void Worker::count_turn() {
  for (signal::Effects& effects : effects_) count_tally(effects.take_tally());
  loop_.metrics().redis_up.set(redis_ && redis_->client().up() ? 1 : 0);
}

}  // namespace heliograph::server

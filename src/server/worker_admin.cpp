// The worker's part in the admin endpoint: what is asked of it, and what it counts once a turn.

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "server/log_text.hpp"
#include "server/worker.hpp"

namespace heliograph::server {

namespace {

// A close code of applications (RFC 6455 section 7.4.2) from the range after which clients do not
// come back.
constexpr auto kKicked = static_cast<ws::CloseCode>(4500);

}  // namespace

void Worker::on_letter(Question& letter) {
  std::visit([this](auto& question) { answer(question); }, letter.what);
}

void Worker::answer(const Ping& /*question*/) {
  node_.reports.post(Alive{.worker = number_});
}

void Worker::answer(ListUsers& question) {
  UserList list{.question = question.question, .users = {}};
  std::vector<std::pair<std::string_view, SlotId>> names;
  members_.for_each([&](SlotId id, const Member& member) {
    const std::string_view name = member.session.name();
    if (member.session.logged_in() && name > question.after) names.emplace_back(name, id);
  });
  const std::size_t count = std::min(question.limit, names.size());
  std::ranges::partial_sort(names, names.begin() + static_cast<std::ptrdiff_t>(count));
  names.resize(count);
  for (const auto& [name, id] : names) {
    list.users.push_back({.name = std::string(name),
                          .since = members_.find(id)->logged_in_at,
                          .address = loop_.peer(id).text()});
  }
  node_.reports.post(std::move(list));
}

void Worker::answer(KickName& question) {
  const auto address = directory_.find(question.name);
  if (!address) return node_.reports.post(KickOutcome{question.question, false});
  post(address->worker, Question{KickConnection{.question = question.question,
                                                .name = std::move(question.name),
                                                .connection = address->connection}});
}

void Worker::answer(KickConnection& question) {
  const Member* const member = members_.find(question.connection);
  const bool found = member != nullptr && member->session.name() == question.name;
  if (found) {
    spdlog::info("event=kicked user={} peer={}", quoted(question.name),
                 loop_.peer(question.connection).text());
    loop_.close(question.connection, kKicked, "closed by the operator");
  }
  node_.reports.post(KickOutcome{question.question, found});
}

void Worker::count_calls(std::size_t before, const Member& member, std::optional<CallEnd> end) {
  const std::size_t after = member.session.calls();
  Metrics& metrics = loop_.metrics();
  metrics.call_parties.set(metrics.call_parties.value() + after - before);
  if (end && after < before) metrics.calls[*end].add(before - after);
}

void Worker::count_turn() {
  Metrics& metrics = loop_.metrics();
  for (signal::Effects& effects : effects_) {
    const signal::Tally tally = effects.take_tally();
    for (std::size_t i = 0; i < tally.received.size(); ++i) {
      metrics.messages_in[static_cast<signal::Command::Kind>(i)].add(tally.received[i]);
    }
    for (std::size_t i = 0; i < tally.sent.size(); ++i) {
      metrics.messages_out[static_cast<signal::Event::Kind>(i)].add(tally.sent[i]);
    }
    metrics.glares.add(tally.glares);
  }
  metrics.redis_up.set(redis_ && redis_->client().up() ? 1 : 0);
}

}  // namespace heliograph::server

#include "server/admin.hpp"

#include <algorithm>
#include <system_error>

#include "net/clock.hpp"
#include "server/admin_json.hpp"
#include "server/exposition.hpp"
#include "server/site.hpp"

namespace heliograph::server {

namespace {

// For the answers of all workers: one that hangs must not keep the client, nor the memory.
constexpr Milliseconds kAnswerDeadline = 5'000;

// Questions that wait for an answer. Beyond, clients that ask and go would fill the mailbox of a
// worker that hangs.
constexpr std::size_t kMaxQuestions = 64;

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json";

// The page loads nothing from elsewhere, and what is said here is for this page and for programs.
constexpr http::Field kFields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
};

}  // namespace

AdminListener::AdminListener(const AdminAddress& address) {
  if (!address.path.empty()) {
    unix_.emplace(address.path);
    return;
  }
  const auto endpoints = admin_endpoints(address);
  if (!endpoints) {
    throw std::system_error(std::make_error_code(std::errc::address_not_available),
                            endpoints.error());
  }
  listeners_ = net::listen(*endpoints, 1);
}

std::string AdminListener::text() const {
  const std::string local = listener().local().text();
  return unix_ ? local : "http://" + local + "/";
}

Admin::Admin(const AdminAddress& address, const AdminListener& listener, net::Poller& poller,
             net::PollToken first_token, Worker::Node& node, std::vector<const Metrics*> workers,
             const Pulse& pulse)
    : address_(address),
      node_(node),
      workers_(std::move(workers)),
      reports_token_(first_token + 1),
      sockets_(listener.listener(), poller, first_token),
      health_(pulse, node.options->redis.has_value()) {
  if (poller.add(node_.reports.fd(), reports_token_, {.readable = true})) return;
  throw std::system_error(std::make_error_code(std::errc::not_enough_memory), "epoll_ctl");
}

void Admin::on_ready(const net::Ready& ready) {
  take_time(net::monotonic_now());
  if (ready.token == reports_token_) return read_reports();
  const auto request = sockets_.on_ready(ready, now_);
  if (!request) return;
  const auto asked = read_admin_request(request->head, address_);
  if (asked) return answer(request->connection, *asked, now_);
  std::vector<http::Field> fields(std::begin(kFields), std::end(kFields));
  fields.push_back({"Content-Type", kText});
  if (!asked.error().allow.empty()) fields.push_back({"Allow", asked.error().allow});
  sockets_.respond(request->connection, asked.error().status, fields,
                   std::string(asked.error().line) + "\n", now_);
}

void Admin::take_time(Milliseconds now) {
  now_ = now;
  if (node_.draining) health_.drain();
}

void Admin::answer(SlotId connection, const AdminRequest& request, Milliseconds now) {
  using Kind = AdminRequest::Kind;
  switch (request.kind) {
    case Kind::kLive:
      if (health_.judge(workers_, now).live) return respond_text(connection, 200, "live");
      return respond_text(connection, 503, "a worker hangs");
    case Kind::kReady:
      return respond_ready(connection, health_.judge(workers_, now));
    case Kind::kMetrics:
      return respond(connection, 200, kExpositionType, expose(sources(now)));
    case Kind::kStatus:
      return respond(connection, 200, kJson, status_json(sources(now), health_));
    case Kind::kUsers:
      return list_users(connection, request);
    case Kind::kKick:
      return kick(connection, request);
    case Kind::kDrain:
      drain_asked_ = drain_asked_ || !health_.draining();
      health_.drain();
      return respond_text(connection, 200, "draining");
    case Kind::kPage:
      return respond(connection, 200, media_type(request.page->path),
                     as_text(request.page->identity.content));
  }
}

void Admin::respond(SlotId connection, int status, std::string_view type, std::string_view body) {
  std::vector<http::Field> fields(std::begin(kFields), std::end(kFields));
  fields.push_back({"Content-Type", type});
  sockets_.respond(connection, status, fields, body, now_);
}

void Admin::respond_text(SlotId connection, int status, const std::string& text) {
  respond(connection, status, kText, text + "\n");
}

void Admin::respond_ready(SlotId connection, const Health::Verdict& verdict) {
  if (verdict.ready()) return respond_text(connection, 200, "ready");
  std::string reasons;
  for (const std::string& reason : verdict.not_ready) {
    reasons += (reasons.empty() ? "" : "\n") + reason;
  }
  respond_text(connection, 503, reasons);
}

std::optional<QuestionId> Admin::begin_question(SlotId connection, std::size_t reports,
                                                std::size_t limit) {
  if (pending_.size() >= kMaxQuestions) {
    respond_text(connection, 503, "the workers have not answered earlier questions yet");
    return std::nullopt;
  }
  pending_[++last_question_] = {.connection = connection,
                                .until = now_ + kAnswerDeadline,
                                .reports = reports,
                                .limit = limit,
                                .users = {}};
  return last_question_;
}

// Each worker is asked for one more than the page has, so that it shows whether more follow.
void Admin::list_users(SlotId connection, const AdminRequest& request) {
  const auto id = begin_question(connection, node_.mailboxes.size(), request.limit);
  if (!id) return;
  for (const auto& mailbox : node_.mailboxes) {
    mailbox->post(
        Question{ListUsers{.question = *id, .after = request.name, .limit = request.limit + 1}});
  }
}

void Admin::kick(SlotId connection, const AdminRequest& request) {
  const auto id = begin_question(connection, 1, 0);
  if (!id) return;
  const auto workers = static_cast<std::uint32_t>(node_.mailboxes.size());
  node_.mailboxes[signal::home_worker(request.name, workers)]->post(
      Question{KickName{.question = *id, .name = request.name}});
}

void Admin::read_reports() {
  node_.reports.take(reports_);
  for (Report& report : reports_) {
    std::visit([this](auto& content) { on_report(content); }, report);
  }
  reports_.clear();
}

void Admin::on_report(UserList& report) {
  const auto found = pending_.find(report.question);
  if (found == pending_.end()) return;
  Pending& pending = found->second;
  pending.users.insert(pending.users.end(), std::make_move_iterator(report.users.begin()),
                       std::make_move_iterator(report.users.end()));
  if (--pending.reports > 0) return;
  std::ranges::sort(pending.users, {}, &ListedUser::name);
  const bool more = pending.users.size() > pending.limit;
  if (more) pending.users.resize(pending.limit);
  respond(pending.connection, 200, kJson, users_json(pending.users, more));
  pending_.erase(found);
}

void Admin::on_report(KickOutcome& report) {
  const auto found = pending_.find(report.question);
  if (found == pending_.end()) return;
  if (report.kicked) {
    respond_text(found->second.connection, 200, "kicked");
  } else {
    respond_text(found->second.connection, 404, "nobody is logged in under this name");
  }
  pending_.erase(found);
}

MetricSources Admin::sources(Milliseconds now) const {
  return {.workers = workers_,
          .process = read_process_usage(),
          .now = now,
          .uses_redis = health_.needs_redis()};
}

void Admin::on_timer(Milliseconds now) {
  take_time(now);
  sockets_.on_timer(now);
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    if (now < entry->second.until) {
      ++entry;
      continue;
    }
    respond_text(entry->second.connection, 503, "a worker does not answer");
    entry = pending_.erase(entry);
  }
}

Milliseconds Admin::deadline() const {
  Milliseconds deadline = sockets_.deadline();
  for (const auto& [id, pending] : pending_) deadline = std::min(deadline, pending.until);
  return deadline;
}

}  // namespace heliograph::server

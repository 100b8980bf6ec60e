#include "app/check_redis.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/exit_status.hpp"
#include "app/redis_client.hpp"
#include "app/redis_users.hpp"
#include "signal/credential.hpp"

namespace heliograph::app {

namespace {

constexpr std::string_view kArea = "redis";
constexpr int kPings = 11;
// A key that nobody has: control characters are in no user's name.
constexpr std::string_view kNobody = "\x01heliograph check";
// Of users, passwords are looked at up to here: a check must end.
constexpr std::size_t kMostUsers = 10'000;

std::string number(std::size_t value, std::string_view what) {
  return std::to_string(value) + " " + std::string(what) + (value == 1 ? "" : "s");
}

// "redis_version" of "…\r\nredis_version:7.0.15\r\n…"; empty if there is none.
std::string_view field_of(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const std::string_view line = info.substr(0, info.find("\r\n"));
    info.remove_prefix(std::min(info.size(), line.size() + 2));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return line.substr(name.size() + 1);
    }
  }
  return {};
}

class RedisCheck {
 public:
  RedisCheck(const RedisSettings& settings, const server::RedisOptions& options,
             RedisClient& client, Findings& findings)
      : settings_(settings), options_(options), client_(client), findings_(findings) {}

  void run() {
    reached();
    version();
    topology();
    tls();
    latency();
    if (rights()) users();
  }

 private:
  void reached() {
    constexpr std::array<std::string_view, 2> kWhoAmI = {"ACL", "WHOAMI"};
    const resp::Reply user = client_.ask(resp::Command::other(kWhoAmI));
    findings_.ok(kArea, "reached, RESP" + std::to_string(client_.client().protocol()) +
                            (user.is_string() ? ", as " + std::string(user.text()) : ""));
  }

  void version() {
    constexpr std::array<std::string_view, 2> kInfo = {"INFO", "server"};
    const resp::Reply info = client_.ask(resp::Command::other(kInfo));
    const std::string_view version = field_of(info.text(), "redis_version");
    if (info.is_error() || version.empty()) {
      return findings_.hint(kArea, "the version is not told: " + std::string(info.text()));
    }
    findings_.ok(kArea, "version " + std::string(version));
  }

  void topology() {
    switch (options_.url.topology) {
      case resp::Topology::kSingle:
        return role("");
      case resp::Topology::kSentinel:
        return role(", of the Sentinels' '" + options_.url.master +
                    "': " + resp::to_text(client_.client().target(0).address));
      case resp::Topology::kCluster:
        return cluster();
    }
  }

  void role(const std::string& more) {
    const resp::Reply reply = client_.ask(resp::Command::role());
    const std::string role(reply[0].text());
    if (reply.is_error()) {
      findings_.hint(kArea, "the role is not told: " + std::string(reply.text()));
    } else if (role == "master") {
      findings_.ok(kArea, "role master, " + number(reply[2].size(), "replica") + more);
    } else if (role == "slave") {
      findings_.hint(kArea, "role replica: changes come late, and 'heliograph user' cannot write");
    } else {
      findings_.failure(kArea, "role " + role + ": not a server with data", EX_CONFIG);
    }
  }

  void cluster() {
    const resp::SlotTable slots = slots_of(client_, options_.url);
    std::size_t covered = 0;
    for (std::uint16_t slot = 0; slot < resp::kSlotCount; ++slot) {
      if (slots.owner(slot) != resp::SlotTable::kNoNode) ++covered;
    }
    const std::string text = number(slots.nodes().size(), "master") + ", " +
                             std::to_string(covered) + " of " + std::to_string(resp::kSlotCount) +
                             " slots covered";
    if (covered == resp::kSlotCount) return findings_.ok(kArea, "Cluster of " + text);
    findings_.failure(kArea, "Cluster of " + text + ": some users cannot log in", EX_UNAVAILABLE);
  }

  void tls() {
    if (!options_.url.tls) {
      if (options_.url.path.empty() && !options_.url.host.starts_with("127.") &&
          options_.url.host != "localhost" && options_.url.host != "::1") {
        findings_.hint(kArea, "no TLS: who is on the way reads passwords (rediss:// is with TLS)");
      }
      return;
    }
    const tls::Negotiated* const agreed = client_.negotiated();
    if (agreed == nullptr) return;
    std::string names;
    const crypto::Identity& peer = agreed->peer->identity;
    for (const auto* const list : {&peer.dns_names, &peer.ip_addresses}) {
      for (const std::string& name : *list) names += (names.empty() ? "" : ", ") + name;
    }
    findings_.ok(kArea, "TLS 1.3, " + std::string(tls::name(agreed->cipher_suite)) +
                            ", certificate for " + names);
  }

  void latency() {
    using Clock = std::chrono::steady_clock;
    std::vector<Clock::duration> times;
    for (int i = 0; i < kPings; ++i) {
      const Clock::time_point asked = Clock::now();
      if (client_.ask(resp::Command::ping()).is_error()) return;
      times.push_back(Clock::now() - asked);
    }
    std::ranges::sort(times);
    const auto median =
        std::chrono::duration_cast<std::chrono::microseconds>(times[times.size() / 2]);
    findings_.ok(kArea, "latency " + std::to_string(median.count()) + " µs (median of " +
                            std::to_string(kPings) + " PINGs)");
  }

  // By doing what serve does, with a key under the prefix that nobody has.
  bool rights() {
    const std::string key = settings_.prefix() + std::string(kNobody);
    const resp::Reply reply = client_.ask(question_for(key, settings_.field()));
    const std::string command = settings_.field().empty() ? "GET" : "HGET";
    if (!reply.is_error()) {
      findings_.ok(kArea, command + " is allowed on keys under '" + settings_.prefix() + "'");
      return true;
    }
    const bool forbidden = reply.error_code() == "NOPERM";
    findings_.failure(
        kArea,
        (forbidden ? command + " is not allowed on keys under '" + settings_.prefix() + "': "
                   : command + " fails: ") +
            std::string(reply.text()),
        forbidden ? EX_NOPERM : EX_UNAVAILABLE);
    return false;
  }

  void users() {
    std::size_t seen = 0;
    std::size_t users = 0;
    std::size_t plain = 0;
    std::string error;
    const auto look_at = [&](std::string_view name) {
      const std::string key = settings_.prefix() + std::string(name);
      const resp::Reply stored = client_.ask(question_for(key, settings_.field()));
      if (stored.is_error()) error = stored.text();
      if (stored.is_string()) {
        ++users;
        if (!signal::looks_like_hash(stored.text())) ++plain;
      }
      return ++seen < kMostUsers;
    };
    try {
      find_users(client_, options_, settings_, look_at);
    } catch (const Failure& failure) {
      return findings_.hint(kArea, std::string("users cannot be counted: ") + failure.what());
    }
    const std::string more = seen == kMostUsers ? " or more" : "";
    findings_.ok(kArea, number(users, "user") + more + " found under '" + settings_.prefix() + "'");
    if (!error.empty()) findings_.hint(kArea, "not all of them can be read: " + error);
    if (plain > 0) {
      findings_.hint(kArea, number(plain, "password") +
                                " in plain text: 'heliograph user passwd' "
                                "stores a hash");
    }
  }

  const RedisSettings& settings_;
  const server::RedisOptions& options_;
  RedisClient& client_;
  Findings& findings_;
};

}  // namespace

void check_redis(const RedisSettings& settings, Findings& findings) {
  try {
    const server::RedisOptions options = settings.load();
    RedisClient client(options);
    RedisCheck(settings, options, client, findings).run();
  } catch (const Failure& failure) {
    findings.failure(kArea, failure.what(), failure.status());
  }
}

}  // namespace heliograph::app

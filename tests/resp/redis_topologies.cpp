#include "tests/resp/redis_topologies.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace heliograph::testing {

namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kSlots = 16384;

template <class Done>
void wait_until(const char* what, Done done) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

std::string address(const RedisServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

}  // namespace

std::string ask(TestClient& client, const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return client.ask(resp::Command::other(views));
}

std::string ask_well(TestClient& client, const std::vector<std::string>& words) {
  std::string answer = ask(client, words);
  if (answer.starts_with("-") || answer.starts_with("failed")) throw std::runtime_error(answer);
  return answer;
}

std::vector<std::string> strings_of(const std::string& text) {
  std::vector<std::string> strings;
  for (std::size_t at = text.find('"'); at != std::string::npos;) {
    const std::size_t end = text.find('"', at + 1);
    strings.push_back(text.substr(at + 1, end - at - 1));
    at = text.find('"', end + 1);
  }
  return strings;
}

// ---- Sentinel ----

SentinelSet::SentinelSet() {
  servers_.push_back(std::make_unique<RedisServer>(RedisServer::Settings{.tcp = true}));
  const std::string port = std::to_string(servers_[0]->port());
  for (int i = 0; i < 2; ++i) {
    servers_.push_back(std::make_unique<RedisServer>(RedisServer::Settings{
        .tcp = true, .lines = {"replicaof 127.0.0.1 " + port, "repl-diskless-sync-delay 0"}}));
  }
  for (int i = 0; i < 3; ++i) {
    sentinels_.push_back(std::make_unique<RedisServer>(
        RedisServer::Settings{.tcp = true,
                              .lines = {"sentinel monitor main 127.0.0.1 " + port + " 2",
                                        "sentinel down-after-milliseconds main 500",
                                        "sentinel failover-timeout main 4000"},
                              .sentinel = true}));
  }
  for (const auto& sentinel : sentinels_) {
    TestClient client(sentinel->url());
    wait_until("the Sentinels do not find each other", [&] {
      const std::string state = ask(client, {"SENTINEL", "MASTER", "main"});
      return state.contains("\"num-slaves\", \"2\"") &&
             state.contains("\"num-other-sentinels\", \"2\"");
    });
  }
}

std::string SentinelSet::url() const {
  return "redis-sentinel://" + address(*sentinels_[0]) + "," + address(*sentinels_[1]) + "," +
         address(*sentinels_[2]) + "/main";
}

RedisServer* SentinelSet::master() {
  TestClient client(sentinels_[1]->url());
  const auto answer = strings_of(ask(client, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"}));
  const auto found = std::ranges::find_if(servers_, [&](const auto& server) {
    return answer.size() == 2 && answer[1] == std::to_string(server->port());
  });
  return found == servers_.end() ? nullptr : found->get();
}

// ---- Cluster ----

ClusterSet::ClusterSet() {
  constexpr std::size_t kServers = 6;
  constexpr std::size_t kMasters = 3;
  for (std::size_t i = 0; i < kServers; ++i) {
    servers_.push_back(std::make_unique<RedisServer>(RedisServer::Settings{
        .tcp = true,
        .lines = {"cluster-enabled yes", "cluster-node-timeout 1000",
                  "cluster-port " + std::to_string(buses_.emplace_back().number()),
                  "repl-diskless-sync-delay 0", "cluster-require-full-coverage no"}}));
    admins_.push_back(std::make_unique<TestClient>(servers_[i]->url()));
  }
  for (std::size_t i = 0; i < kMasters; ++i) {
    const std::size_t first = kSlots * i / kMasters;
    const std::size_t last = kSlots * (i + 1) / kMasters - 1;
    ask(admin(i), {"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    ask(admin(i), {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
  const auto configured = strings_of(ask(admin(0), {"CONFIG", "GET", "cluster-port"}));
  for (std::size_t i = 0; i < kServers; ++i) {
    wait_until("the servers of the Cluster do not find each other", [&] {
      const std::string state = ask(admin(i), {"CLUSTER", "INFO"});
      const bool met = state.contains("cluster_known_nodes:6");
      // A busy machine lets servers miss each other, and they give up soon.
      for (std::size_t j = 1; j < kServers && !met; ++j) {
        ask(admin(j),
            {"CLUSTER", "MEET", "127.0.0.1", std::to_string(server(0).port()), configured.at(1)});
      }
      return met && state.contains("cluster_state:ok");
    });
  }
  for (std::size_t i = kMasters; i < kServers; ++i) {
    ask(admin(i), {"CLUSTER", "REPLICATE", id(i - kMasters)});
  }
  for (std::size_t i = 0; i < kServers; ++i) {
    wait_until("the Cluster does not become whole", [&] { return whole(i); });
  }
}

std::string ClusterSet::url() const {
  return "redis-cluster://" + address(*servers_[0]) + "," + address(*servers_[4]);
}

std::string ClusterSet::id(std::size_t index) {
  return strings_of(ask(admin(index), {"CLUSTER", "MYID"})).at(0);
}

bool ClusterSet::whole(std::size_t index) {
  const std::string shards = ask(admin(index), {"CLUSTER", "NODES"});
  const auto count = [&](std::string_view word) {
    std::size_t times = 0;
    for (std::size_t at = shards.find(word); at != std::string::npos;
         at = shards.find(word, at + 1)) {
      ++times;
    }
    return times;
  };
  return count("connected") == 6 && count("slave ") == 3 && !shards.contains("fail") &&
         !shards.contains("handshake");
}

}  // namespace heliograph::testing

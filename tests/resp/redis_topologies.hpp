// Several redis-servers that work together: a master with replicas and Sentinels, or a Cluster.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/resp/redis_server.hpp"
#include "tests/resp/test_client.hpp"

namespace heliograph::testing {

// A master, two replicas and three Sentinels, who know each other.
class SentinelSet {
 public:
  SentinelSet();

  [[nodiscard]] std::string url() const;
  // The server that the Sentinels think is the master; null if it is none of ours.
  RedisServer* master();
  RedisServer& sentinel(std::size_t index) { return *sentinels_[index]; }

 private:
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

// Three masters that share the slots, and a replica of each.
class ClusterSet {
 public:
  ClusterSet();

  [[nodiscard]] std::string url() const;
  // The first three are the masters, as long as nothing has failed.
  RedisServer& server(std::size_t index) { return *servers_[index]; }
  TestClient& admin(std::size_t index) { return *admins_[index]; }
  // The identity of a server in the Cluster.
  std::string id(std::size_t index);
  // Moves a slot with all its keys from a master to another, as redis-cli does. `between` runs
  // after every step.
  template <class Between>
  void move_slot(std::size_t slot, std::size_t from, std::size_t to, Between between);
  [[nodiscard]] bool whole(std::size_t index);

 private:
  std::deque<HeldPort> buses_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<std::unique_ptr<TestClient>> admins_;
};

// Asks one server, which is not looked at as a part of something.
std::string ask(TestClient& client, const std::vector<std::string>& words);

// The strings of an array of strings, as ask() prints it.
std::vector<std::string> strings_of(const std::string& text);

// The same, and throws if the answer is an error.
std::string ask_well(TestClient& client, const std::vector<std::string>& words);

template <class Between>
void ClusterSet::move_slot(std::size_t slot, std::size_t from, std::size_t to, Between between) {
  const std::string number = std::to_string(slot);
  const std::string port = std::to_string(server(to).port());
  ask_well(admin(to), {"CLUSTER", "SETSLOT", number, "IMPORTING", id(from)});
  between();
  ask_well(admin(from), {"CLUSTER", "SETSLOT", number, "MIGRATING", id(to)});
  between();
  while (true) {
    const auto keys = strings_of(ask(admin(from), {"CLUSTER", "GETKEYSINSLOT", number, "1"}));
    if (keys.empty()) break;
    ask_well(admin(from), {"MIGRATE", "127.0.0.1", port, keys[0], "0", "5000"});
    between();
  }
  for (const std::size_t master : {to, from, 3 - to - from}) {
    ask_well(admin(master), {"CLUSTER", "SETSLOT", number, "NODE", id(to)});
    between();
  }
}

}  // namespace heliograph::testing

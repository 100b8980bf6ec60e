#include "app/redis_users.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "signal/name.hpp"

namespace heliograph::app {

namespace {

class RedisUsers final : public UserStore {
 public:
  explicit RedisUsers(const RedisSettings& settings)
      : settings_(settings), options_(settings.load()), client_(options_) {}

  bool add(const std::string& name, const std::string& hash) override {
    const std::string key = settings_.prefix() + name;
    if (settings_.field().empty()) {
      return !client_.command(resp::Command::set(key, hash, {.when = When::kMissing})).is_null();
    }
    const std::array<std::string_view, 4> words = {"HSETNX", key, settings_.field(), hash};
    return client_.command(resp::Command::other(words, key)).integer() > 0;
  }

  bool change(const std::string& name, const std::string& hash) override {
    const std::string key = settings_.prefix() + name;
    if (settings_.field().empty()) {
      return !client_.command(resp::Command::set(key, hash, {.when = When::kPresent})).is_null();
    }
    if (!exists(name)) return false;
    const std::array<std::string_view, 4> words = {"HSET", key, settings_.field(), hash};
    client_.command(resp::Command::other(words, key));
    return true;
  }

  // Of a hash only the password: the rest belongs to others.
  bool remove(const std::string& name) override {
    const std::string key = settings_.prefix() + name;
    const bool hash = !settings_.field().empty();
    const std::array<std::string_view, 3> words = {hash ? "HDEL" : "DEL", key, settings_.field()};
    const auto used = std::span(words).first(hash ? 3 : 2);
    return client_.command(resp::Command::other(used, key)).integer() > 0;
  }

  // Fails where another kind of value would be overwritten.
  bool exists(const std::string& name) override {
    const std::string key = settings_.prefix() + name;
    return !client_.command(question_for(key, settings_.field())).is_null();
  }

  std::set<std::string> names() override {
    std::set<std::string> names;
    find_users(client_, options_, settings_, [&names](std::string_view name) {
      names.emplace(name);
      return true;
    });
    if (settings_.field().empty()) return names;
    std::erase_if(names, [this](const std::string& name) { return !exists(name); });
    return names;
  }

 private:
  using When = resp::SetOptions::When;

  const RedisSettings& settings_;
  server::RedisOptions options_;
  RedisClient client_;
};

// False: `found` has had enough.
bool find_users_at(RedisClient& client, const RedisSettings& settings,
                   const std::function<bool(std::string_view)>& found) {
  const std::string_view type = settings.field().empty() ? "string" : "hash";
  std::string cursor = "0";
  do {
    const std::array<std::string_view, 6> words = {"SCAN", cursor, "TYPE", type, "COUNT", "1000"};
    const resp::Reply page = client.command(resp::Command::other(words));
    cursor = page[0].text();
    // `found` may ask the same client.
    std::vector<std::string> names;
    for (const resp::Reply key : page[1].children()) {
      std::string_view name = key.text();
      if (!name.starts_with(settings.prefix())) continue;
      name.remove_prefix(settings.prefix().size());
      if (signal::is_name(name)) names.emplace_back(name);
    }
    if (!std::ranges::all_of(names, found)) return false;
  } while (cursor != "0");
  return true;
}

}  // namespace

std::unique_ptr<UserStore> open_redis_users(const RedisSettings& settings) {
  return std::make_unique<RedisUsers>(settings);
}

resp::Command question_for(std::string_view key, const std::string& field) {
  return field.empty() ? resp::Command::get(key) : resp::Command::hget(key, field);
}

void find_users(RedisClient& client, const server::RedisOptions& options,
                const RedisSettings& settings,
                const std::function<bool(std::string_view name)>& found) {
  if (options.url.topology != resp::Topology::kCluster) {
    find_users_at(client, settings, found);
    return;
  }
  for (const resp::Address& master : masters_of(client, options.url)) {
    server::RedisOptions one = options;
    one.url.topology = resp::Topology::kSingle;
    one.url.host = master.host;
    one.url.port = master.port;
    one.url.more = {};
    RedisClient at_master(one);
    if (!find_users_at(at_master, settings, found)) return;
  }
}

// Each range of slots is first, last, the master's host, port and more, replicas.
std::vector<resp::Address> masters_of(RedisClient& client, const resp::Url& url) {
  std::vector<resp::Address> masters;
  constexpr std::array<std::string_view, 2> kClusterSlots = {"CLUSTER", "SLOTS"};
  const resp::Reply ranges = client.command(resp::Command::other(kClusterSlots));
  for (const resp::Reply range : ranges.children()) {
    const resp::Reply master = range[2];
    const std::string_view host = master[0].text();
    resp::Address address = {.host = host.empty() ? url.host : std::string(host),
                             .port = static_cast<std::uint16_t>(master[1].integer())};
    if (std::ranges::find(masters, address) == masters.end()) masters.push_back(std::move(address));
  }
  return masters;
}

}  // namespace heliograph::app

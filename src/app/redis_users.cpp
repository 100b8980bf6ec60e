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

// Of one server. One that never says that its keys end, or sends names without end, would keep us
// for ever or fill our memory. Pages have about 1000 keys, those of others among them.
constexpr std::size_t kMostPages = 100'000;
constexpr std::size_t kMostNames = 1'000'000;

// False: `found` has had enough.
bool find_users_at(RedisClient& client, const RedisSettings& settings,
                   const std::function<bool(std::string_view)>& found) {
  const std::string_view type = settings.field().empty() ? "string" : "hash";
  std::string cursor = "0";
  std::size_t pages = 0;
  std::size_t count = 0;
  do {
    if (++pages > kMostPages) {
      client.fail("SCAN has not ended after " + std::to_string(kMostPages) + " pages");
    }
    const std::array<std::string_view, 6> words = {"SCAN", cursor, "TYPE", type, "COUNT", "1000"};
    const resp::Reply page = client.command(resp::Command::other(words));
    if (page.size() != 2 || !page[0].is_string()) client.fail("its answer to SCAN is none");
    cursor = page[0].text();
    // `found` may ask the same client.
    std::vector<std::string> names;
    for (const resp::Reply key : page[1].children()) {
      std::string_view name = key.text();
      if (!name.starts_with(settings.prefix())) continue;
      name.remove_prefix(settings.prefix().size());
      if (signal::is_name(name)) names.emplace_back(name);
    }
    count += names.size();
    if (count > kMostNames) {
      client.fail("SCAN has found more than " + std::to_string(kMostNames) + " users");
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
  const resp::SlotTable slots = slots_of(client, options.url);
  for (const resp::Address& master : slots.nodes()) {
    server::RedisOptions one = options;
    one.url.topology = resp::Topology::kSingle;
    one.url.host = master.host;
    one.url.port = master.port;
    one.url.more = {};
    RedisClient at_master(one);
    if (!find_users_at(at_master, settings, found)) return;
  }
}

resp::SlotTable slots_of(RedisClient& client, const resp::Url& url) {
  constexpr std::array<std::string_view, 2> kClusterSlots = {"CLUSTER", "SLOTS"};
  const resp::Reply ranges = client.command(resp::Command::other(kClusterSlots));
  resp::SlotTable slots;
  const auto read = slots.read(ranges, url.host);
  if (!read) client.fail(resp::describe(read.error()));
  return slots;
}

}  // namespace heliograph::app

// Users that are kept in Redis.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/redis_client.hpp"
#include "app/redis_settings.hpp"
#include "app/user_store.hpp"
#include "resp/cluster.hpp"

namespace heliograph::app {

// Connects. Throws Failure.
std::unique_ptr<UserStore> open_redis_users(const RedisSettings& settings);

// Asks for what is stored for the user with this key; null if there is none.
resp::Command question_for(std::string_view key, const std::string& field);

// Calls `found` with every name that a user may have and whose key has a value of the right type,
// some perhaps twice; of a Cluster, those of all its masters. Ends early when `found` says so by
// returning false. `client` is that of `options`. Throws Failure.
void find_users(RedisClient& client, const server::RedisOptions& options,
                const RedisSettings& settings,
                const std::function<bool(std::string_view name)>& found);

// Which master of a Cluster has which slots. Throws Failure.
resp::SlotTable slots_of(RedisClient& client, const resp::Url& url);

}  // namespace heliograph::app

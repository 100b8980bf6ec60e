// Replacing a user's password in Redis by a hash of it, when the user has just proved to know it.
#pragma once

#include <string_view>

#include "resp/command.hpp"

namespace heliograph::server {

// Sets the password only if it still is what was read: a change made meanwhile by somebody else
// must win. Keeps the time to live. KEYS: the user's key. ARGV: what was read, the hash, and the
// field if the key holds a hash, or nothing.
inline constexpr resp::Script kReplacePassword = {
    .source = R"(local field = ARGV[3]
if field == '' then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else
  if redis.call('HGET', KEYS[1], field) ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], field, ARGV[2])
end
return 1)",
    .digest = "da180f759d47aa7e75a7cf7194c7e9753fb54dd5",
};

}  // namespace heliograph::server

// Typed commands. Each knows the key that decides where a Cluster runs it, whether it may run a
// second time, and which types its reply can have. A command is a view of its arguments, cheap to
// make and to hand on; nothing of it is allocated. What it views must live until it is accepted.
//
//   client.command(Command::get("user:anna"), token, now);
//   client.command(Command::set(key, value, {.expiry = PX{6000}, .when = When::kMissing}), ...);
//
// Specification: redis.io/commands; slots by key: Redis Cluster specification.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/time.hpp"
#include "resp/encoder.hpp"
#include "resp/value.hpp"

namespace heliograph::resp {

// A Lua script, named by its digest once the server has it. Views a literal or something else that
// outlives every client that runs it.
struct Script {
  std::string_view source;
  std::string_view digest;  // SHA-1 of the source, 40 lower-case hexadecimal digits
  // Running it twice leaves what running it once does, and the second answer is as good as the
  // first: a claim of a name with the same value.
  bool idempotent = false;
};

struct SetOptions {
  enum class When : std::uint8_t { kAlways, kMissing, kPresent };  // -, NX, XX
  // At most one of these: PX, EX, KEEPTTL.
  std::optional<Milliseconds> expire_ms = {};
  std::optional<std::uint64_t> expire_seconds = {};
  bool keep_ttl = false;
  When when = When::kAlways;
  bool get = false;  // the reply is the old value or null
};

struct ScanOptions {
  std::string_view match = {};  // empty: everything
  std::uint64_t count = 0;      // 0: as the server likes
};

// A set of reply types.
class Types {
 public:
  constexpr Types(std::initializer_list<Type> types) {
    for (const Type type : types) bits_ |= bit(type);
  }
  [[nodiscard]] constexpr bool contains(Type type) const { return (bits_ & bit(type)) != 0; }
  static constexpr Types any() {
    Types types{};
    types.bits_ = 0xffff;
    return types;
  }

 private:
  static constexpr std::uint16_t bit(Type type) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(type));
  }
  std::uint16_t bits_ = 0;
};

class Command {
 public:
  static Command get(std::string_view key);
  static Command set(std::string_view key, std::string_view value, const SetOptions& options = {});
  // All keys must share a slot if the server is a Cluster.
  static Command del(std::span<const std::string_view> keys);
  static Command exists(std::span<const std::string_view> keys);
  static Command hget(std::string_view key, std::string_view field);
  static Command incr(std::string_view key);
  static Command pexpire(std::string_view key, Milliseconds ttl);
  // EVALSHA; the client sends EVAL instead where the server does not know the script yet.
  static Command run(const Script& script, std::span<const std::string_view> keys,
                     std::span<const std::string_view> arguments);
  static Command publish(std::string_view channel, std::string_view message);
  static Command spublish(std::string_view channel, std::string_view message);
  // Walks the keys of one server; a Cluster's of whichever server is asked.
  static Command scan(std::string_view cursor, const ScanOptions& options = {});
  static Command ping();
  static Command role();

  // A command that this file does not know, answered by one reply of any type and never resent.
  // `key` is empty if it has none.
  static Command other(Arguments arguments, std::optional<std::string_view> key = std::nullopt);

  // What decides the slot: a key or a shard channel. Nothing: any server will do.
  [[nodiscard]] const std::optional<std::string_view>& key() const { return key_; }
  // After a loss that leaves open whether it ran.
  [[nodiscard]] bool may_resend() const { return may_resend_; }
  // The types of a reply that is no error.
  [[nodiscard]] Types expected() const { return expected_; }
  [[nodiscard]] const Script* script() const { return script_; }
  // False for a command that is not answered by one reply, or that changes the protocol
  // (SUBSCRIBE, MONITOR, HELLO, RESET, …): no client would survive it.
  [[nodiscard]] bool has_one_reply() const;

  [[nodiscard]] std::size_t encoded_size() const;
  void encode(Buffer& output) const;

 private:
  struct Argument {
    std::string_view text;
    std::optional<std::uint64_t> number;  // written in decimal instead of `text`
  };
  static constexpr std::size_t kMostFixed = 8;

  Command(std::string_view name, std::optional<std::string_view> key, Types expected);
  void add(std::string_view text);
  void add(std::uint64_t number);
  [[nodiscard]] std::size_t count() const { return fixed_count_ + keys_.size() + rest_.size(); }

  std::array<Argument, kMostFixed> fixed_{};  // followed by keys_, then by rest_
  std::size_t fixed_count_ = 0;
  std::span<const std::string_view> keys_;
  std::span<const std::string_view> rest_;
  std::optional<std::string_view> key_;
  const Script* script_ = nullptr;
  Types expected_;
  bool may_resend_ = false;
};

// The EVAL that stands for an encoded EVALSHA of this script.
void encode_eval(Bytes evalsha, const Script& script, Buffer& output);

// Whether the command is answered by exactly one reply and leaves the protocol as it is.
bool has_one_reply(Arguments arguments);

}  // namespace heliograph::resp

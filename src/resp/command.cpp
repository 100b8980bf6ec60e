#include "resp/command.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace heliograph::resp {

namespace {

constexpr Types kString = {Type::kBulkString, Type::kSimpleString, Type::kVerbatim};
constexpr Types kStringOrNull = {Type::kBulkString, Type::kSimpleString, Type::kVerbatim,
                                 Type::kNull};
constexpr Types kInteger = {Type::kInteger};
constexpr Types kArray = {Type::kArray};

// Answered by pushes, by more or less than one reply, or by another protocol.
constexpr std::array<std::string_view, 12> kNotOneReply = {
    "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
    "MONITOR",   "HELLO",       "RESET",      "QUIT",         "SYNC",       "PSYNC"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, upper, upper);
}

// A number in decimal, as long as it lives.
class Decimal {
 public:
  explicit Decimal(std::uint64_t number) {
    const auto end = std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr;
    size_ = static_cast<std::size_t>(end - text_.data());
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 20> text_{};
  std::size_t size_ = 0;
};

}  // namespace

Command::Command(std::string_view name, std::optional<std::string_view> key, Types expected)
    : key_(key), expected_(expected) {
  add(name);
}

void Command::add(std::string_view text) {
  fixed_[fixed_count_++].text = text;
}

void Command::add(std::uint64_t number) {
  fixed_[fixed_count_++].number = number;
}

Command Command::get(std::string_view key) {
  Command command("GET", key, kStringOrNull);
  command.add(key);
  command.may_resend_ = true;
  return command;
}

Command Command::set(std::string_view key, std::string_view value, const SetOptions& options) {
  Command command("SET", key, kStringOrNull);
  command.add(key);
  command.add(value);
  if (options.expire_ms) {
    command.add("PX");
    command.add(*options.expire_ms);
  } else if (options.expire_seconds) {
    command.add("EX");
    command.add(*options.expire_seconds);
  } else if (options.keep_ttl) {
    command.add("KEEPTTL");
  }
  if (options.when == SetOptions::When::kMissing) command.add("NX");
  if (options.when == SetOptions::When::kPresent) command.add("XX");
  if (options.get) command.add("GET");
  return command;
}

Command Command::del(std::span<const std::string_view> keys) {
  Command command("DEL", keys.empty() ? std::nullopt : std::optional(keys[0]), kInteger);
  command.keys_ = keys;
  return command;
}

Command Command::exists(std::span<const std::string_view> keys) {
  Command command("EXISTS", keys.empty() ? std::nullopt : std::optional(keys[0]), kInteger);
  command.keys_ = keys;
  command.may_resend_ = true;
  return command;
}

Command Command::hget(std::string_view key, std::string_view field) {
  Command command("HGET", key, kStringOrNull);
  command.add(key);
  command.add(field);
  command.may_resend_ = true;
  return command;
}

Command Command::incr(std::string_view key) {
  Command command("INCR", key, kInteger);
  command.add(key);
  return command;
}

Command Command::pexpire(std::string_view key, Milliseconds ttl) {
  Command command("PEXPIRE", key, kInteger);
  command.add(key);
  command.add(ttl);
  return command;
}

Command Command::run(const Script& script, std::span<const std::string_view> keys,
                     std::span<const std::string_view> arguments) {
  Command command("EVALSHA", keys.empty() ? std::nullopt : std::optional(keys[0]), Types::any());
  command.add(script.digest);
  command.add(keys.size());
  command.keys_ = keys;
  command.rest_ = arguments;
  command.script_ = &script;
  command.may_resend_ = script.idempotent;
  return command;
}

Command Command::publish(std::string_view channel, std::string_view message) {
  // Any server of a Cluster tells all others; always the same one keeps the order.
  Command command("PUBLISH", channel, kInteger);
  command.add(channel);
  command.add(message);
  return command;
}

Command Command::spublish(std::string_view channel, std::string_view message) {
  Command command("SPUBLISH", channel, kInteger);
  command.add(channel);
  command.add(message);
  return command;
}

Command Command::scan(std::string_view cursor, const ScanOptions& options) {
  Command command("SCAN", std::nullopt, kArray);
  command.add(cursor);
  if (!options.match.empty()) {
    command.add("MATCH");
    command.add(options.match);
  }
  if (options.count > 0) {
    command.add("COUNT");
    command.add(options.count);
  }
  command.may_resend_ = true;
  return command;
}

Command Command::ping() {
  Command command("PING", std::nullopt, kString);
  command.may_resend_ = true;
  return command;
}

Command Command::role() {
  Command command("ROLE", std::nullopt, kArray);
  command.may_resend_ = true;
  return command;
}

Command Command::other(Arguments arguments, std::optional<std::string_view> key) {
  Command command({}, key, Types::any());
  command.fixed_count_ = 0;
  command.rest_ = arguments;
  return command;
}

bool Command::has_one_reply() const {
  return fixed_count_ > 0 || resp::has_one_reply(rest_);
}

std::size_t Command::encoded_size() const {
  std::size_t size = array_header_size(count());
  for (const Argument& argument : std::span(fixed_).first(fixed_count_)) {
    size += bulk_size(argument.number ? Decimal(*argument.number).text() : argument.text);
  }
  for (const std::string_view argument : keys_) size += bulk_size(argument);
  for (const std::string_view argument : rest_) size += bulk_size(argument);
  return size;
}

void Command::encode(Buffer& output) const {
  Encoder encoder(encoded_size(), output);
  encoder.array(count());
  for (const Argument& argument : std::span(fixed_).first(fixed_count_)) {
    encoder.bulk(argument.number ? Decimal(*argument.number).text() : argument.text);
  }
  for (const std::string_view argument : keys_) encoder.bulk(argument);
  for (const std::string_view argument : rest_) encoder.bulk(argument);
}

// *n $7 EVALSHA $40 <digest> ...  becomes  *n $4 EVAL $size <source> ...
void encode_eval(Bytes evalsha, const Script& script, Buffer& output) {
  static constexpr std::string_view kName = "$7\r\nEVALSHA\r\n";
  const std::string_view text = as_text(evalsha);
  const std::size_t header = text.find('$');
  const std::size_t rest = header + kName.size() + bulk_size(script.digest);
  const std::size_t size = header + bulk_size("EVAL") + bulk_size(script.source);
  Encoder encoder(size + text.size() - rest, output);
  encoder.raw(text.substr(0, header));
  encoder.bulk("EVAL");
  encoder.bulk(script.source);
  encoder.raw(text.substr(rest));
}

bool has_one_reply(Arguments arguments) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(arguments[0], name); };
  if (arguments.empty() || std::ranges::any_of(kNotOneReply, is)) return false;
  return arguments.size() < 2 || !is("CLIENT") || !equal_ignoring_case(arguments[1], "REPLY");
}

}  // namespace heliograph::resp

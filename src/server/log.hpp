// The log: one line to standard error for each event, as logfmt or as JSON.
//
//   log::info("login", {{"result", log::Word("ok")}, {"user", name}, {"peer", host}});
//
//   time=2026-07-01T12:00:00.000+0000 level=info event=login result=ok user="anna" peer=192.0.2.1
//   {"time":"2026-07-01T12:00:00.000+0000","level":"info","event":"login","result":"ok",…}
//
// Whatever a value holds, a line stays one line, and no value can pass for a field: strings are
// quoted and escaped here, never by the caller. A line below the level costs one comparison, and
// nothing is built for it. Secrets are not logged.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/endpoint.hpp"

namespace heliograph::server::log {

enum class Format : std::uint8_t { kLogfmt, kJson };

enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kOff };

// "trace", "debug", "info", "warn", "error", "off".
std::optional<Level> parse_level(std::string_view name);

// One word of our own, which logfmt leaves without quotes. What is no word is quoted all the same.
struct Word {
  explicit Word(std::string_view word) : text(word) {}
  std::string_view text;
};

class Field {
 public:
  using Value =
      std::variant<std::string_view, Word, bool, std::int64_t, std::uint64_t, net::HostAddress>;

  // Text that anybody may have chosen.
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const std::string& text) : Field(name, std::string_view(text)) {}
  Field(std::string_view name, const char* text) : Field(name, std::string_view(text)) {}
  Field(std::string_view name, Word word) : key(name), value(word) {}
  Field(std::string_view name, const net::HostAddress& host) : key(name), value(host) {}
  Field(std::string_view name, bool yes) : key(name), value(yes) {}
  Field(std::string_view name, std::signed_integral auto number)
      : key(name), value(std::int64_t{number}) {}
  Field(std::string_view name, std::unsigned_integral auto number)
      : key(name), value(std::uint64_t{number}) {}

  std::string_view key;
  Value value;
};

using Fields = std::initializer_list<Field>;

// Once, before the threads start.
void start(Format format, Level level);
// At any time, from any thread.
void set_level(Level level);
[[nodiscard]] bool is_on(Level level);

// What follows time and level in a line.
std::string format_event(Format format, std::string_view event, Fields fields);

void write(Level level, std::string_view event, Fields fields);

inline void trace(std::string_view event, Fields fields = {}) {
  if (is_on(Level::kTrace)) write(Level::kTrace, event, fields);
}
inline void debug(std::string_view event, Fields fields = {}) {
  if (is_on(Level::kDebug)) write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  if (is_on(Level::kInfo)) write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
  if (is_on(Level::kWarning)) write(Level::kWarning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  if (is_on(Level::kError)) write(Level::kError, event, fields);
}

}  // namespace heliograph::server::log

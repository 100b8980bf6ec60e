#include "server/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "server/log_text.hpp"

namespace heliograph::server::log {

namespace {

// Of the process, as the logger of spdlog is that carries it.
std::atomic<Format> format = Format::kLogfmt;

spdlog::level::level_enum level_of(Level level) {
  constexpr std::array kLevels = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                  spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};
  return kLevels[static_cast<std::size_t>(level)];
}

constexpr std::string_view kMarks = "._:/+-@%[],";

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') ||
           kMarks.find(character) != std::string_view::npos;
  });
}

void append(std::string& line, Format to, const Field::Value& value) {
  const auto text = [&](std::string_view words) {
    line += to == Format::kJson ? json_quoted(words) : quoted(words);
  };
  const auto word = [&](std::string_view words) {
    if (to == Format::kLogfmt && is_word(words)) {
      line += words;
    } else {
      text(words);
    }
  };
  std::visit(
      [&](const auto& content) {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, std::string_view>) {
          text(content);
        } else if constexpr (std::is_same_v<Content, Word>) {
          word(content.text);
        } else if constexpr (std::is_same_v<Content, net::HostAddress>) {
          // Nothing, if the peer is on a Unix socket.
          if (const std::string host = content.text(); !host.empty() || to == Format::kJson) {
            word(host);
          }
        } else if constexpr (std::is_same_v<Content, bool>) {
          line += content ? "true" : "false";
        } else {
          line += std::to_string(content);
        }
      },
      value);
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info",
                                                      "warn",  "error", "off"};
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Level>(found - kNames.begin());
}

void start(Format chosen, Level level) {
  format = chosen;
  auto logger = std::make_shared<spdlog::logger>("heliograph",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(chosen == Format::kJson
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                          : "time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  logger->set_level(level_of(level));
  spdlog::set_default_logger(std::move(logger));
}

void set_level(Level level) {
  spdlog::default_logger_raw()->set_level(level_of(level));
}

bool is_on(Level level) {
  return spdlog::default_logger_raw()->should_log(level_of(level));
}

std::string format_event(Format to, std::string_view event, Fields fields) {
  const bool json = to == Format::kJson;
  std::string line = json ? "\"event\":" : "event=";
  append(line, to, Word(event));
  for (const Field& field : fields) {
    line += json ? ",\"" : " ";
    line += field.key;
    line += json ? "\":" : "=";
    append(line, to, field.value);
  }
  return line;
}

void write(Level level, std::string_view event, Fields fields) {
  spdlog::default_logger_raw()->log(level_of(level), format_event(format, event, fields));
}

}  // namespace heliograph::server::log

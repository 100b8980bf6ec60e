#include "app/config_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>

#include "app/exit_status.hpp"
#include "base/bytes.hpp"
#include "ws/utf8.hpp"

namespace heliograph::app {

namespace {

bool is_key_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '_';
}

void append_utf8(std::uint32_t code, std::string& text) {
  const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xe0 | code >> 12);
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3f));
    }
    add(0x80 | (code >> 6 & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

// Reads from the front of what is left. What cannot be read is told by an error that ends it all.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  Result<std::vector<ConfigKey>, ConfigError> read() {
    std::vector<ConfigKey> keys;
    for (skip_empty_lines(); !left_.empty() && !error_; skip_empty_lines()) {
      ConfigKey key = read_key();
      const auto before = std::ranges::find(keys, key.name, &ConfigKey::name);
      if (before != keys.end()) {
        refuse("'" + key.name + "' has a value in line " + std::to_string(before->line) +
               " already");
      }
      keys.push_back(std::move(key));
    }
    if (error_) return std::unexpected(std::move(*error_));
    return keys;
  }

 private:
  ConfigKey read_key() {
    ConfigKey key{.name = {}, .values = {}, .line = line_};
    if (front() == '[') {
      refuse("there are no tables: the keys are the options' names");
      return key;
    }
    const auto* const end = std::ranges::find_if_not(left_, is_key_character);
    key.name = left_.substr(0, static_cast<std::size_t>(end - left_.begin()));
    left_.remove_prefix(key.name.size());
    skip_blanks();
    if (key.name.empty() || !take('=')) {
      refuse("expected 'KEY = VALUE'");
      return key;
    }
    skip_blanks();
    if (take('[')) {
      read_array(key.values);
    } else {
      key.values.push_back(read_value());
    }
    skip_blanks();
    skip_comment();
    if (!left_.empty() && !at_line_end()) refuse("something follows the value");
    return key;
  }

  void read_array(std::vector<std::string>& values) {
    for (skip_empty_lines(); !take(']') && !error_; skip_empty_lines()) {
      values.push_back(read_value());
      skip_empty_lines();
      if (!take(',') && front() != ']') refuse("a ',' or ']' is missing");
    }
    if (values.empty()) refuse("a list has at least one value");
  }

  std::string read_value() {
    if (take('\'')) return read_literal();
    if (take('"')) return read_string();
    const auto* const end =
        std::ranges::find_if_not(left_, [](char c) { return is_key_character(c) || c == '+'; });
    std::string word(left_.begin(), end);
    left_.remove_prefix(word.size());
    const auto is_number = [](std::string_view text) {
      text.remove_prefix(text.starts_with('+') || text.starts_with('-') ? 1 : 0);
      const bool octal = text.size() > 1 && text.starts_with('0');  // to those who read on
      return !text.empty() && !octal && !text.starts_with('_') && !text.ends_with('_') &&
             text.find("__") == std::string_view::npos &&
             text.find_first_not_of("0123456789_") == std::string_view::npos;
    };
    if (word != "true" && word != "false" && !is_number(word)) {
      refuse("expected a text in quotes, a whole number, true, false or [a list]");
    }
    std::erase(word, '_');
    return word;
  }

  std::string read_literal() {
    const std::size_t end = left_.find_first_of("'\r\n");
    if (end == std::string_view::npos || left_[end] != '\'') {
      refuse("a quote is missing at the end of the text");
      return {};
    }
    std::string text(left_.substr(0, end));
    left_.remove_prefix(end + 1);
    return text;
  }

  std::string read_string() {
    std::string text;
    while (!take('"') && !error_) {
      if (left_.empty() || at_line_end()) {
        refuse("a quote is missing at the end of the text");
      } else if (take('\\')) {
        read_escape(text);
      } else {
        text += front();
        left_.remove_prefix(1);
      }
    }
    return text;
  }

  void read_escape(std::string& text) {
    constexpr std::string_view kNames = "btnfr\"\\";
    constexpr std::string_view kMeanings = "\b\t\n\f\r\"\\";
    const char name = front();
    if (!left_.empty()) left_.remove_prefix(1);
    if (const std::size_t known = kNames.find(name); known != std::string_view::npos) {
      text += kMeanings[known];
    } else if (name == 'u' || name == 'U') {
      read_code_point(name == 'u' ? 4 : 8, text);
    } else {
      refuse("there is no such escape: a backslash in a text is written \\\\");
    }
  }

  void read_code_point(std::size_t digits, std::string& text) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
      const std::size_t digit = left_.empty() ? kDigits.npos : kDigits.find(front());
      if (digit == kDigits.npos) return refuse("an escape has too few hexadecimal digits");
      code = code << 4 | static_cast<std::uint32_t>(digit % 16);
      left_.remove_prefix(1);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      return refuse("an escape stands for no character");
    }
    append_utf8(code, text);
  }

  void skip_blanks() {
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t"), left_.size()));
  }
  void skip_comment() {
    if (front() == '#') left_.remove_prefix(std::min(left_.find('\n'), left_.size()));
  }
  void skip_empty_lines() {
    for (;;) {
      skip_blanks();
      skip_comment();
      if (!at_line_end()) return;
      left_.remove_prefix(left_.find('\n') + 1);
      ++line_;
    }
  }
  [[nodiscard]] bool at_line_end() const {
    return left_.starts_with('\n') || left_.starts_with("\r\n");
  }

  [[nodiscard]] char front() const { return left_.empty() ? '\0' : left_.front(); }
  bool take(char character) {
    if (!left_.starts_with(character)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void refuse(std::string text) {
    if (!error_) error_ = ConfigError{.line = line_, .text = std::move(text)};
  }

  std::string_view left_;
  std::size_t line_ = 1;
  std::optional<ConfigError> error_;
};

bool names(std::string_view text, const std::string& option) {
  const std::size_t at = text.find(option);
  if (at == std::string_view::npos) return false;
  const std::string_view behind = text.substr(at + option.size());
  return behind.empty() || !is_key_character(behind.front());
}

}  // namespace

Result<std::vector<ConfigKey>, ConfigError> parse_config(std::string_view text) {
  if (!ws::is_utf8(as_bytes(text))) return fail(ConfigError{.line = 1, .text = "it is not UTF-8"});
  return Reader(text).read();
}

std::shared_ptr<ConfigFile> ConfigFile::add_to(CLI::App& root) {
  root.set_config("--config", "", "TOML file whose keys are the options of 'serve'")
      ->type_name("FILE");
  auto file = std::make_shared<ConfigFile>(root);
  root.config_formatter(file);
  return file;
}

std::string ConfigFile::locate(std::string_view error) const {
  for (const CLI::Option* const option : command()->get_options()) {
    if (!names(error, option->get_name())) continue;
    const std::string& variable = option->get_envname();
    const char* const set = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (set != nullptr && option->results() == std::vector<std::string>{set}) {
      return variable + ": " + std::string(error);
    }
    const auto key = std::ranges::find(keys_, option->get_single_name(), &ConfigKey::name);
    if (key != keys_.end() && option->results() == key->values) {
      return place(key->line) + std::string(error);
    }
  }
  return std::string(error);
}

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  auto keys = parse_config(text);
  if (!keys) throw Failure(EX_USAGE, place(keys.error().line) + keys.error().text);
  keys_ = std::move(*keys);
  std::vector<CLI::ConfigItem> configured;
  for (const ConfigKey& key : keys_) {
    const CLI::Option* const option = command()->get_option_no_throw("--" + key.name);
    if (option == nullptr || !option->get_configurable()) {
      throw Failure(EX_USAGE, place(key.line) + "there is no option '" + key.name + "'");
    }
    CLI::ConfigItem& item = configured.emplace_back();
    item.parents = {command()->get_name()};
    item.name = key.name;
    item.inputs = key.values;
  }
  return configured;
}

std::string ConfigFile::to_config(const CLI::App* /*app*/, bool /*defaults*/, bool /*descriptions*/,
                                  std::string /*prefix*/) const {
  return {};
}

std::string ConfigFile::place(std::size_t line) const {
  return root_.get_config_ptr()->as<std::string>() + ":" + std::to_string(line) + ": ";
}

const CLI::App* ConfigFile::command() const {
  const std::vector<CLI::App*> given = root_.get_subcommands();
  const bool check = !given.empty() && given.front()->get_name() == "check";
  return root_.get_subcommand(check ? "check" : "serve");
}

}  // namespace heliograph::app

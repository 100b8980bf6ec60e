#include "app/reference.hpp"

#include <algorithm>
#include <iostream>
#include <vector>

#include "app/exit_status.hpp"
#include "app/serve.hpp"

namespace heliograph::app {

namespace {

constexpr std::size_t kWidth = 80;

// Breaks between words; each line begins with `prefix`.
std::string wrapped(std::string_view text, std::string_view prefix) {
  std::string result;
  while (!text.empty()) {
    const std::size_t room = kWidth - prefix.size();
    std::size_t end = text.size();
    if (end > room) {
      end = text.rfind(' ', room);
      if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    }
    result += std::string(prefix) + std::string(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

// "a, b or c".
std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// "1 to 256" or "logfmt or json"; empty if every value of the kind will do.
std::string possible_values(const Parameter& option) {
  if (!option.choices.empty()) return alternatives(option.choices);
  std::string range = option.range;
  if (const std::size_t dash = range.find(" - "); dash != std::string::npos) {
    range.replace(dash, 3, " to ");
  }
  return range;
}

// What CLI11 writes as "[a,b]" for an option that takes several values.
std::string default_value(const Parameter& option) {
  std::string text = option.default_value;
  if (option.repeatable && text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

std::string usage(const Parameter& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  if (option.kind != ValueKind::kNone) text += " " + option.value;
  return text;
}

// The facts behind a description, each after a ", " or in a sentence of its own.
std::string facts(const Parameter& option) {
  std::string text;
  const auto add = [&text](const std::string& fact) { text += (text.empty() ? "" : "; ") + fact; };
  if (const std::string values = possible_values(option); !values.empty()) add(values);
  if (const std::string value = default_value(option); !value.empty()) add("default " + value);
  if (option.repeatable) add("several by commas");
  if (!option.environment.empty()) add(option.environment);
  return text;
}

bool is_reloaded(const Parameter& option, std::span<const std::string_view> reloaded) {
  return std::ranges::find(reloaded, option.names.front()) != reloaded.end();
}

std::string cell(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (character == '|') result += '\\';
    result += character;
  }
  return result;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string quoted_toml(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string toml_value(const Parameter& option) {
  if (option.kind == ValueKind::kNone) return "false";
  const std::string value = default_value(option);
  if (value.empty())
    return option.repeatable ? "[\"" + option.value + "\"]" : quoted_toml(option.value);
  if (option.repeatable) return "[" + quoted_toml(value) + "]";
  return is_number(value) ? value : quoted_toml(value);
}

std::vector<Parameter> options_of(const Command& command, std::string_view group) {
  std::vector<Parameter> options;
  for (const Parameter& option : command.options) {
    const bool wanted = group.empty() || option.group == group;
    if (wanted && option.names.back() != "--help") options.push_back(option);
  }
  return options;
}

}  // namespace

std::string HelpFormatter::make_option(const CLI::Option* option, bool positional) const {
  Parameter parameter = read_option(*option);
  if (positional) parameter.names = {option->get_name(true)};
  const std::string facts = app::facts(parameter);
  const std::string name = positional ? parameter.names.front() : usage(parameter);
  return "  " + name + '\n' + wrapped(parameter.description, "      ") +
         (facts.empty() ? "" : wrapped("(" + facts + ")", "      "));
}

std::string markdown_table(const Command& command, std::string_view group,
                           std::span<const std::string_view> reloaded) {
  const std::vector<Parameter> options = options_of(command, group);
  const bool any_variable =
      std::ranges::any_of(options, [](const auto& option) { return !option.environment.empty(); });
  std::string text = any_variable ? "| option | default | environment | meaning |\n"
                                    "| --- | --- | --- | --- |\n"
                                  : "| option | default | meaning |\n| --- | --- | --- |\n";
  for (const Parameter& option : options) {
    const bool flag = option.kind == ValueKind::kNone;
    text += "| " + code(usage(option)) + " | " +
            (flag ? std::string("off") : code(default_value(option))) + " | ";
    if (any_variable) text += code(option.environment) + " | ";
    text += cell(option.description);
    if (const std::string values = possible_values(option); !values.empty()) text += ": " + values;
    if (option.repeatable) text += "; several are separated by commas";
    if (!option.more.empty()) text += ". " + cell(option.more);
    text += std::string(option.more.empty() ? "." : "") +
            (is_reloaded(option, reloaded) ? " *SIGHUP*" : "") + " |\n";
  }
  return text;
}

std::string example_config(const Command& command, std::span<const std::string_view> reloaded) {
  std::string text =
      "# The configuration of heliograph: heliograph serve --config FILE\n"
      "#\n"
      "# Every key is an option of 'heliograph serve', here with its default, or with what kind\n"
      "# of value it takes. The command line counts more than the environment, and that more than\n"
      "# this file. 'heliograph check --config FILE' says what is wrong. Keys with (SIGHUP) are\n"
      "# read again when the server gets that signal ('systemctl reload heliograph').\n";
  for (const Parameter& option : options_of(command, {})) {
    const std::string& name = option.names.front();
    if (name == "--config") continue;
    std::string about = option.description;
    if (const std::string values = possible_values(option); !values.empty()) about += ": " + values;
    if (is_reloaded(option, reloaded)) about += " (SIGHUP)";
    text += "\n" + wrapped(about, "# ") + "#" + name.substr(2) + " = " + toml_value(option) + "\n";
  }
  return text;
}

void HelpCommand::define(CLI::App& command, const CLI::App& app) {
  command.add_option("COMMAND", words_, "The command to tell about")->expected(0, 2);
  CLI::Option* const markdown =
      command.add_flag("--markdown", markdown_, "Its options as a table in Markdown");
  command.add_flag("--toml", toml_, "Its options as the example of a configuration file")
      ->excludes(markdown);
  command.add_option("--group", group_, "Only the options of this group")->type_name("NAME");
  command.callback([this, &app] { run(app); });
}

void HelpCommand::run(const CLI::App& app) const {
  const CLI::App* about = &app;
  std::string path = app.get_name();
  for (const std::string& word : words_) {
    const auto commands = about->get_subcommands({});
    const auto found =
        std::ranges::find(commands, word, [](const auto* sub) { return sub->get_name(); });
    if (found == commands.end()) throw Failure(EX_USAGE, "there is no command '" + word + "'");
    about = *found;
    path += " " + word;
  }
  if (!markdown_ && !toml_) {
    std::cout << about->get_formatter()->make_help(about, path, CLI::AppFormatMode::Normal);
    return;
  }
  const Command root = command_tree(app);
  const std::vector<const Command*> commands = all_commands(root);
  const Command& command = **std::ranges::find(commands, path, &Command::path);
  const auto reloaded =
      path == "heliograph serve" ? ServeCommand::reloaded() : std::span<const std::string_view>();
  std::cout << (markdown_ ? markdown_table(command, group_, reloaded)
                          : example_config(command, reloaded));
}

}  // namespace heliograph::app

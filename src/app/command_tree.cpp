#include "app/command_tree.hpp"

#include <algorithm>
#include <string_view>

namespace heliograph::app {

namespace {

// What stands between the two in `text`; empty if they do not.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find(after, begin + before.size());
  if (end == std::string_view::npos) return {};
  return text.substr(begin + before.size(), end - begin - before.size());
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

// CLI11 tells what a value has to be in one text: "TEXT:{a,b}", "INT:INT in [1 - 9]", "FILE".
void read_type(std::string_view type, Parameter& parameter) {
  constexpr std::string_view kChoices = ":{";
  constexpr std::string_view kRange = ":INT in [";
  parameter.choices = split(between(type, kChoices, "}"));
  parameter.range = between(type, kRange, "]");
  parameter.value = type.substr(0, std::min(type.find(kChoices), type.find(kRange)));
  parameter.kind = ValueKind::kText;
  if (!parameter.choices.empty()) parameter.kind = ValueKind::kChoice;
  if (parameter.value == "FILE") parameter.kind = ValueKind::kFile;
  if (parameter.value == "FOLDER") parameter.kind = ValueKind::kFolder;
}

Command read_command(const CLI::App& app, const std::string& parent) {
  Command command{.name = app.get_name(),
                  .path = parent + app.get_name(),
                  .description = app.get_description(),
                  .options = {},
                  .positionals = {},
                  .commands = {}};
  for (const CLI::Option* const option : app.get_options()) {
    Parameter parameter = read_option(*option);
    if (option->get_positional()) {
      command.positionals.push_back(parameter);
      command.positionals.back().names = {option->get_name(true)};
    }
    if (!parameter.names.empty()) command.options.push_back(std::move(parameter));
  }
  // What this command does not know goes to the one above it.
  if (app.get_fallthrough() && app.get_parent() != nullptr) {
    for (const CLI::Option* const option : app.get_parent()->get_options()) {
      const bool has_value = option->get_items_expected_max() > 0;
      if (has_value) command.options.push_back(read_option(*option));
    }
  }
  for (const CLI::App* const sub : app.get_subcommands({})) {
    command.commands.push_back(read_command(*sub, command.path + " "));
  }
  return command;
}

void collect(const Command& command, std::vector<const Command*>& commands) {
  commands.push_back(&command);
  for (const Command& sub : command.commands) collect(sub, commands);
}

}  // namespace

Parameter read_option(const CLI::Option& option) {
  Parameter parameter;
  for (const std::string& name : option.get_snames()) parameter.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) parameter.names.push_back("--" + name);
  parameter.description = option.get_description();
  parameter.more = option.get_option_text();
  parameter.group = option.get_group();
  parameter.environment = option.get_envname();
  if (option.get_items_expected_max() == 0) return parameter;
  read_type(option.get_type_name(), parameter);
  parameter.default_value = option.get_default_str();
  parameter.repeatable = option.get_items_expected_max() > 1;
  return parameter;
}

Command command_tree(const CLI::App& app) {
  return read_command(app, "");
}

std::vector<const Command*> all_commands(const Command& root) {
  std::vector<const Command*> commands;
  collect(root, commands);
  return commands;
}

}  // namespace heliograph::app

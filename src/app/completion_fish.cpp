// The completion of fish: a line for each thing to offer, with the command that it belongs to.
#include <string>
#include <string_view>

#include "app/completion.hpp"

namespace heliograph::app {

namespace {

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string choices(const Parameter& parameter) {
  std::string text;
  for (const std::string& choice : parameter.choices) text += (text.empty() ? "" : " ") + choice;
  return " -a " + in_quotes(text);
}

std::string value(const Parameter& parameter) {
  switch (parameter.kind) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kText:
      return " -x";
    case ValueKind::kChoice:
      return " -x" + choices(parameter);
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
  }
  return {};
}

std::string lines(const Command& command) {
  const std::string start = "complete -c heliograph -n '__heliograph_is \"" + command.path + "\"'";
  std::string text;
  for (const Command& sub : command.commands) {
    text += start + " -a " + sub.name + " -d " + in_quotes(sub.description) + "\n";
  }
  for (const Parameter& positional : command.positionals) {
    if (positional.kind == ValueKind::kFile) text += start + " -F\n";
    if (positional.kind == ValueKind::kChoice) text += start + choices(positional) + "\n";
  }
  for (const Parameter& option : command.options) {
    text += start;
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      text += is_long ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    text += value(option) + " -d " + in_quotes(option.description) + "\n";
  }
  return text;
}

}  // namespace

std::string fish_completion(const Command& root) {
  std::string known;
  std::string text;
  for (const Command* const command : all_commands(root)) {
    if (command != &root) known += " '" + command->path + "'";
    text += lines(*command);
  }
  return R"(# Completion of heliograph for fish, as 'heliograph completion fish' prints it.

function __heliograph_is
  set -l command heliograph
  for word in (commandline -opc)[2..-1]
    switch "$command $word"
      case)" +
         known + R"(
        set command "$command $word"
    end
  end
  test "$command" = $argv[1]
end

complete -c heliograph -f
)" + text;
}

}  // namespace heliograph::app

// The completion of zsh: a function for each command, which calls those of the commands in it.
#include <algorithm>
#include <string>
#include <string_view>

#include "app/completion.hpp"

namespace heliograph::app {

namespace {

// Within '…' of the shell; and with `special` escaped for the function that reads it.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.contains(c)) result += '\\';
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result;
}

std::string function_name(const Command& command) {
  std::string name = "_" + command.path;
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::string value(const Parameter& parameter) {
  std::string text = ":";
  text += escaped(parameter.value, ":\\");
  if (parameter.kind == ValueKind::kFile) return text + ":_files";
  if (parameter.kind == ValueKind::kFolder) return text + ":_files -/";
  if (parameter.kind == ValueKind::kText) return text + ": ";
  text += ":(";
  for (const std::string& choice : parameter.choices) text += choice + " ";
  text.back() = ')';
  return text;
}

std::string line(const std::string& spec) {
  return " \\\n    '" + spec + "'";
}

std::string options(const Command& command) {
  std::string lines;
  for (const Parameter& option : command.options) {
    const bool has_value = option.kind != ValueKind::kNone;
    for (const std::string& name : option.names) {
      const std::string assign = name.starts_with("--") ? "=" : "+";
      lines += line((option.repeatable ? "*" : "") + name + (has_value ? assign : "") + "[" +
                    escaped(option.description, "[]\\") + "]" + (has_value ? value(option) : ""));
    }
  }
  return lines;
}

std::string function_with_arguments(const Command& command) {
  std::string text = function_name(command) + "() {\n  _arguments" + options(command);
  for (const Parameter& positional : command.positionals) {
    Parameter shown = positional;
    shown.value = positional.names.front();
    std::string spec = positional.repeatable ? "*" : "";
    text += line(spec.append(value(shown)));
  }
  return text + "\n}\n\n";
}

std::string function_with_commands(const Command& command) {
  std::string list;
  std::string calls;
  for (const Command& sub : command.commands) {
    list += "        '" + sub.name + ":" + escaped(sub.description, "\\") + "'\n";
    calls += "        " + sub.name + ") " + function_name(sub) + " ;;\n";
  }
  return function_name(command) +
         "() {\n"
         "  local context state state_descr line\n"
         "  local -a commands\n"
         "  typeset -A opt_args\n"
         "  _arguments -C" +
         options(command) + line(": :->command") + line("*:: :->arguments") +
         "\n"
         "  case $state in\n"
         "    command)\n"
         "      commands=(\n" +
         list +
         "      )\n"
         "      _describe command commands\n"
         "      ;;\n"
         "    arguments)\n"
         "      case $words[1] in\n" +
         calls +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "}\n\n";
}

}  // namespace

std::string zsh_completion(const Command& root) {
  std::string text =
      "#compdef heliograph\n"
      "# Completion of heliograph for zsh, as 'heliograph completion zsh' prints it.\n\n";
  for (const Command* const command : all_commands(root)) {
    text += command->commands.empty() ? function_with_arguments(*command)
                                      : function_with_commands(*command);
  }
  // As a file of $fpath this is the body of the function; it can be sourced as well.
  return text +
         "if [[ $funcstack[1] == _heliograph ]]; then\n"
         "  _heliograph \"$@\"\n"
         "else\n"
         "  compdef _heliograph heliograph\n"
         "fi\n";
}

}  // namespace heliograph::app

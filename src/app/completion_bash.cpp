// The completion of bash: one function, in which the command so far chooses the words to offer.
#include <string>
#include <vector>

#include "app/completion.hpp"

namespace heliograph::app {

namespace {

std::string join(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::string offer(const Parameter& parameter) {
  switch (parameter.kind) {
    case ValueKind::kChoice:
      return "_heliograph_words '" + join(parameter.choices, " ") + "'";
    case ValueKind::kFile:
      return "_heliograph_files -f";
    case ValueKind::kFolder:
      return "_heliograph_files -d";
    default:
      return ":";
  }
}

std::string branch(const Command& command) {
  std::vector<std::string> options;
  std::vector<std::string> free;  // options whose values nobody can know
  std::string values;
  for (const Parameter& option : command.options) {
    options.insert(options.end(), option.names.begin(), option.names.end());
    if (option.kind == ValueKind::kText) {
      free.insert(free.end(), option.names.begin(), option.names.end());
    }
    if (option.kind == ValueKind::kNone || option.kind == ValueKind::kText) continue;
    values += "        " + join(option.names, "|") + ") " + offer(option) + "; return ;;\n";
  }
  if (!free.empty()) values += "        " + join(free, "|") + ") return ;;\n";
  std::vector<std::string> words;
  words.reserve(command.commands.size());
  for (const Command& sub : command.commands) words.push_back(sub.name);
  std::string otherwise = "_heliograph_words '" + join(words, " ") + "'";
  if (words.empty()) {
    otherwise = command.positionals.empty() ? ":" : offer(command.positionals.front());
  }
  return "    '" + command.path + "')\n" +
         (values.empty() ? "" : "      case $previous in\n" + values + "      esac\n") +
         "      if [[ $current == -* ]]; then\n"
         "        _heliograph_words '" +
         join(options, " ") +
         "'\n"
         "      else\n"
         "        " +
         otherwise +
         "\n"
         "      fi\n"
         "      ;;\n";
}

}  // namespace

std::string bash_completion(const Command& root) {
  std::string known;
  std::string branches;
  for (const Command* const command : all_commands(root)) {
    branches += branch(*command);
    if (command != &root) known += (known.empty() ? "'" : "|'") + command->path + "'";
  }
  return R"(# Completion of heliograph for bash, as 'heliograph completion bash' prints it.

_heliograph_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_heliograph_files() {
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
  compopt -o filenames 2>/dev/null
}

_heliograph() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=heliograph word
  COMPREPLY=()
  # In --option=value, "=" is a word.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      )" +
         known +
         R"() command+=" $word" ;;
    esac
  done
  case $command in
)" + branches +
         R"(  esac
}

complete -F _heliograph heliograph
)";
}

}  // namespace heliograph::app

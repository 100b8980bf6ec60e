// What the command line understands, as data: read from its definitions, for whoever has to write
// it down in another language.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace heliograph::app {

// What may follow an option, or stand in place of a positional.
enum class ValueKind : std::uint8_t { kNone, kText, kChoice, kFile, kFolder };

struct Parameter {
  std::vector<std::string> names;  // "-h", "--help"; a positional has its one name, without dashes
  std::string description;         // for --help
  std::string more;                // sentences that only the documentation has
  std::string group;               // "Options" unless it belongs to some others
  ValueKind kind = ValueKind::kNone;
  std::string value;                 // what the value is called, e.g. "FILE"
  std::vector<std::string> choices;  // of kChoice
  std::string range;                 // e.g. "1 - 256"; empty: none
  std::string default_value;         // empty: none
  std::string environment;           // the variable; empty: none
  bool repeatable = false;
};

struct Command {
  std::string name;
  std::string path;  // e.g. "heliograph user add"
  std::string description;
  std::vector<Parameter> options;
  std::vector<Parameter> positionals;
  std::vector<Command> commands;
};

Parameter read_option(const CLI::Option& option);

// `app` is the whole command.
Command command_tree(const CLI::App& app);

// The command and all below it, each before those that it is made of.
std::vector<const Command*> all_commands(const Command& root);

}  // namespace heliograph::app

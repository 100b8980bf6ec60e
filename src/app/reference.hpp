// What is written about the options, all from their definitions: the help at the terminal, the
// tables of docs/configuration.md, and the example of a configuration file.
//
// An option's description is its help, a phrase without a full stop; its option_text() is what only
// the documentation has: sentences in Markdown. Its type_name() is the unit, or what the value is.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <CLI/App.hpp>

#include "app/command_tree.hpp"

namespace heliograph::app {

// An option with what it does, unit, range, default and variable, in lines of a terminal's width.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool positional) const override;
};

// The table of the options in `group`; of all if that is empty. `reloaded` are the names of those
// that SIGHUP reads again.
std::string markdown_table(const Command& command, std::string_view group,
                           std::span<const std::string_view> reloaded);

// Every key with its default, as a comment.
std::string example_config(const Command& command, std::span<const std::string_view> reloaded);

class HelpCommand {
 public:
  // Tells about `app`, which `command` belongs to.
  void define(CLI::App& command, const CLI::App& app);

 private:
  void run(const CLI::App& app) const;

  std::vector<std::string> words_;
  std::string group_;
  bool markdown_ = false;
  bool toml_ = false;
};

}  // namespace heliograph::app

// `heliograph completion`: what makes a shell complete our commands, options and their values.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "app/command_tree.hpp"

namespace heliograph::app {

std::string bash_completion(const Command& root);
std::string zsh_completion(const Command& root);
std::string fish_completion(const Command& root);

class CompletionCommand {
 public:
  // Prints what completes `app`, which `command` belongs to.
  void define(CLI::App& command, const CLI::App& app);

 private:
  std::string shell_;
};

}  // namespace heliograph::app

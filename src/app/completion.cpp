#include "app/completion.hpp"

#include <iostream>

namespace heliograph::app {

void CompletionCommand::define(CLI::App& command, const CLI::App& app) {
  command.add_option("SHELL", shell_, "Whose completion to print")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command.callback([this, &app] {
    const Command root = command_tree(app);
    if (shell_ == "bash") std::cout << bash_completion(root);
    if (shell_ == "zsh") std::cout << zsh_completion(root);
    if (shell_ == "fish") std::cout << fish_completion(root);
  });
}

}  // namespace heliograph::app

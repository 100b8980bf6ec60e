#include "app/password_prompt.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "app/exit_status.hpp"

namespace heliograph::app {

namespace {

// Turns the terminal's echo off for as long as it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

std::string read_line() {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    throw Failure(EX_DATAERR, "no password was given: one line is expected on standard input");
  }
  return line;
}

std::string ask(const std::string& question) {
  std::cerr << question << std::flush;
  const SilentTerminal silent;
  std::string answer = read_line();
  std::cerr << '\n';
  return answer;
}

}  // namespace

std::string read_new_password(const std::string& user) {
  if (::isatty(STDIN_FILENO) == 0) return read_line();
  std::string password = ask("Password for " + user + ": ");
  if (ask("The same again: ") != password) {
    throw Failure(EX_DATAERR, "the two passwords differ: nothing was changed");
  }
  return password;
}

}  // namespace heliograph::app

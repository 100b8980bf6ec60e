// How the command ends: the codes of <sysexits.h>, and the error that carries one.
#pragma once

#include <stdexcept>
#include <string>

#include <sysexits.h>

namespace heliograph::app {

// One line for the operator that says what is wrong and what to do, and the exit status. Thrown
// only while starting.
class Failure : public std::runtime_error {
 public:
  Failure(int status, const std::string& line) : std::runtime_error(line), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

// Calls `load`, and puts the option in front of what it has to say against that.
auto naming_option(const std::string& option, auto load) {
  try {
    return load();
  } catch (const Failure& failure) {
    throw Failure(failure.status(), option + ": " + failure.what());
  }
}

}  // namespace heliograph::app

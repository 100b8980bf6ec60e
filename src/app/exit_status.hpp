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

}  // namespace heliograph::app

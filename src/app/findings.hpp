// What a check has found: one line each, and the exit status that the worst of them leads to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heliograph::app {

class Findings {
 public:
  // Prints "ok    AREA: TEXT" to standard output.
  void ok(std::string_view area, std::string_view text);
  // Works, but could be better.
  void hint(std::string_view area, std::string_view text);
  // Does not work: `status` of <sysexits.h>.
  void failure(std::string_view area, std::string_view text, int status);

  // Of the first failure; 0 if there is none.
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_ = 0;
};

}  // namespace heliograph::app

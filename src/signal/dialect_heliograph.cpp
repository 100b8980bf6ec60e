#include "signal/dialect_heliograph.hpp"

namespace heliograph::signal {

Command HeliographDialect::read(Bytes message, Effects& effects) {
  static_cast<void>(message);
  static_cast<void>(effects);
  return {.kind = Command::Kind::kMalformed, .error = Error::kBadJson};
}

void HeliographDialect::write(const Event& event, Effects& effects) {
  static_cast<void>(event);
  static_cast<void>(effects);
}

}  // namespace heliograph::signal

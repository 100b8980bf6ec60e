// UTF-8: every implementation says what a decoder by the definition says, however the text is cut.

#include <cstdint>
#include <string>

#include "require.hpp"
#include "tests/ws/naive_utf8.hpp"
#include "ws/utf8.hpp"
#include "ws/utf8_kernels.hpp"

namespace heliograph::ws {
namespace {

void check(Bytes text, std::size_t cut, const Utf8Kernel& kernel) {
  const std::string copy(as_text(text));
  const bool possible = reference::is_text(copy, false);
  Utf8Validator validator;
  require((validator.receive(text.first(cut), kernel) &&
           validator.receive(text.subspan(cut), kernel)) == possible);
  if (possible) require(validator.complete() == reference::is_text(copy, true));
  const std::size_t prefix = kernel.valid_prefix(text);
  require(prefix <= text.size() && reference::is_text(copy.substr(0, prefix), true));
}

}  // namespace
}  // namespace heliograph::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const heliograph::Bytes text(data + 1, size - 1);
  for (const auto& kernel : heliograph::ws::utf8_kernels()) {
    heliograph::ws::check(text, data[0] % text.size(), kernel);
  }
  return 0;
}

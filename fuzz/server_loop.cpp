// The loop over clients on a virtual kernel: the input says what fails, who says what, and when. In
// the end every client has gone, every byte was sent or given up, and no rule of the events broken.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "tests/server/loop_chaos.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  heliograph::Bytes left(data, size);
  // When the input is used up, the world is a quiet one.
  const auto choose = [&left](std::size_t limit) -> std::size_t {
    std::size_t value = 0;
    for (std::size_t reach = 1; reach < limit && !left.empty(); reach *= 256) {
      value = value * 256 + left.front();
      left = left.subspan(1);
    }
    return value % limit;
  };
  if (!heliograph::server::test::play_chaos(choose).empty()) std::abort();
  return 0;
}

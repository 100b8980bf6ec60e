#include "tls/spill.hpp"

#include <algorithm>

namespace heliograph::tls {

std::optional<MutableBytes> Spill::collect(std::size_t count, MutableBytes& input) {
  release_taken();
  if (kept_.empty() && input.size() >= count) return input.first(count);
  if (kept_.size() < count) {
    kept_.append(take_front(input, std::min(count - kept_.size(), input.size())));
  }
  if (kept_.size() < count) return std::nullopt;
  return kept_.mutable_bytes().first(count);
}

void Spill::take(std::size_t count, MutableBytes& input) {
  if (kept_.empty()) {
    take_front(input, count);
  } else {
    taken_ = true;
  }
}

void Spill::release_taken() {
  if (!taken_) return;
  kept_.release();
  taken_ = false;
}

}  // namespace heliograph::tls

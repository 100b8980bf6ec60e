#include "ws/mask.hpp"

#include <algorithm>
#include <cstring>

namespace heliograph::ws {

MaskKey apply_mask(MutableBytes data, const MaskKey& key) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::array<std::uint8_t, kWord> twice{};
  std::ranges::copy(key, twice.begin());
  std::ranges::copy(key, twice.begin() + key.size());
  std::uint64_t mask = 0;
  std::memcpy(&mask, twice.data(), kWord);

  const std::size_t whole_words = data.size() - data.size() % kWord;
  for (std::size_t i = 0; i < whole_words; i += kWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + i, kWord);
    word ^= mask;
    std::memcpy(data.data() + i, &word, kWord);
  }
  for (std::size_t i = whole_words; i < data.size(); ++i) data[i] ^= key[i % key.size()];

  MaskKey rest = key;
  std::ranges::rotate(rest, rest.begin() + static_cast<std::ptrdiff_t>(data.size() % key.size()));
  return rest;
}

}  // namespace heliograph::ws

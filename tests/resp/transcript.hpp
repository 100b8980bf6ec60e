// What a parser makes of a stream, as text: one line per reply, and the error at the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "resp/parser.hpp"

namespace heliograph::resp {

// Feeds `parser` with pieces that end at `cuts` (ascending, below the size of `stream`).
inline std::string transcript(std::string_view stream, const std::vector<std::size_t>& cuts,
                              Parser& parser) {
  std::string text;
  std::size_t from = 0;
  std::vector<std::size_t> ends = cuts;
  ends.push_back(stream.size());
  for (const std::size_t end : ends) {
    // A buffer of its own for every piece: a view of an earlier one does not go unnoticed.
    std::vector<std::uint8_t> piece(stream.begin() + static_cast<std::ptrdiff_t>(from),
                                    stream.begin() + static_cast<std::ptrdiff_t>(end));
    from = end;
    MutableBytes input = piece;
    while (true) {
      const auto reply = parser.receive(input);
      if (!reply) return text + "error: " + std::string(describe(reply.error())) + "\n";
      if (!*reply) break;
      text += to_text(**reply) + "\n";
    }
  }
  return text;
}

inline std::string transcript(std::string_view stream, const std::vector<std::size_t>& cuts = {},
                              const Limits& limits = {}) {
  Parser parser(limits);
  return transcript(stream, cuts, parser);
}

// Cuts after every byte.
inline std::vector<std::size_t> single_bytes(std::string_view stream) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < stream.size(); ++i) cuts.push_back(i);
  return cuts;
}

}  // namespace heliograph::resp
